# SPDX-License-Identifier: GPL-2.0-or-later
	.set	noreorder
	.text
	.globl	__start
__start:
	li	$8, 0x104000e0		# Status: CU0, boot vectors, 64-bit segments; no ERL, no EXL
	mtc0	$8, $12
	ehb
	dla	$29, stack_end
	j	start
	 nop
	.bss
	.balign	16
	.skip	8192
stack_end:
	.section .note.GNU-stack, "", @progbits
