! SPDX-License-Identifier: GPL-2.0-or-later
	.register %g2, #scratch
	.text
	.globl	_start
_start:
	setx	stack_end - 2047 - 256, %g1, %sp
	wrpr	%g0, 0x14, %pstate	! privileged, FPU on, interrupts off
	call	start
	 nop
	.bss
	.balign	16
	.skip	16384
stack_end:
	.section .note.GNU-stack, "", @progbits
