// SPDX-License-Identifier: GPL-2.0
void flush_kernel_dcache_range(unsigned long start, unsigned long size)
{
	unsigned long end = start + size;

	flush_kernel_dcache_range_asm(start, end);
}
