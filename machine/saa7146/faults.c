// SPDX-License-Identifier: GPL-2.0-or-later
#include "parts.h"

/* Of one packet nothing can be dropped, repeated or exchanged: N is at least 2. */
const SaaFaultKind saa_faults[SAA_FAULTS] = {
	[SAA_FAULT_DROP] = {"drop", 2, 1000000},
	[SAA_FAULT_DUPLICATE] = {"duplicate", 2, 1000000},
	[SAA_FAULT_REORDER] = {"reorder", 2, 1000000},
	[SAA_FAULT_CORRUPT] = {"corrupt", 1, 1000000},
	[SAA_FAULT_PROT] = {"prot", 1, 1000000},
	[SAA_FAULT_PAGE] = {"page", 1, 1000000},
	[SAA_FAULT_LATE] = {"late", 1, 1000},
	[SAA_FAULT_I2C] = {"i2c", 1, 1000000},
};

/* Number @n, counted from 0, is one of each N. */
bool saa_fault_due(const SaaChip *chip, SaaFault fault, uint64_t n)
{
	uint32_t number = chip->config.faults[fault];

	return number && (n + 1) % number == 0;
}

/* Which packet or frame of the source comes as number @n. A function, so that no state is needed.
 */
uint64_t saa_fault_sequence(const SaaChip *chip, uint64_t n)
{
	const uint32_t *faults = chip->config.faults;
	uint32_t number = faults[SAA_FAULT_REORDER];

	if (number && n % number == number - 2)
		n++;
	else if (number && n % number == number - 1)
		n--;
	if (faults[SAA_FAULT_DUPLICATE])
		n -= (n + 1) / (faults[SAA_FAULT_DUPLICATE] + 1);
	if (faults[SAA_FAULT_DROP])
		n += n / (faults[SAA_FAULT_DROP] - 1);
	return n;
}
