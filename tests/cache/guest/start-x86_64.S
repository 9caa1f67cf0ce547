# SPDX-License-Identifier: GPL-2.0-or-later
	.section .multiboot, "a"
	.long	0x1badb002, 0, -0x1badb002
	.text
	.globl	_start
_start:
	mov	$stack_end, %esp
	call	start
	.bss
	.balign	16
	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
