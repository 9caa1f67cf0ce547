; SPDX-License-Identifier: GPL-2.0-or-later
	.text
	.globl	_start
_start:
	rsm	0x13, %r0		; no data translation, interrupts, recovery counter
	ldil	L%stack, %r30
	ldo	R%stack(%r30), %r30
	ldil	L%$global$, %r27
	ldo	R%$global$(%r27), %r27
	ldil	L%start, %r1
	ldo	R%start(%r1), %r1
	bv	%r0(%r1)
	ldo	64(%r30), %r30
	.bss
	.align	64
stack:	.block	8192
