// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <glib.h>
#include "parts.h"

static const struct {
	const char *name;
	uint32_t max;
} kinds[] = {
	[SAA_INJECT_NONE] = {"none", 0},
	[SAA_INJECT_DROP] = {"drop", 1000000},
	[SAA_INJECT_DUPLICATE] = {"duplicate", 1000000},
	[SAA_INJECT_REORDER] = {"reorder", 1000000},
	[SAA_INJECT_CORRUPT] = {"corrupt", 1000000},
	[SAA_INJECT_PROT] = {"prot", 1000000},
	[SAA_INJECT_PAGE] = {"page", 1000000},
	[SAA_INJECT_LATE] = {"late", 1000},
	[SAA_INJECT_I2C] = {"i2c", 1000000},
};

bool saa_inject_parse(const char *text, SaaInject *kind, uint32_t *number, const char **why)
{
	g_auto(GStrv) part = g_strsplit(text, ":", 2);
	guint64 n;

	*kind = SAA_INJECT_NONE;
	*number = 0;
	if (g_str_equal(text, "none"))
		return true;
	for (guint i = SAA_INJECT_DROP; i < G_N_ELEMENTS(kinds); i++) {
		if (!part[0] || !g_str_equal(part[0], kinds[i].name))
			continue;
		if (!part[1] ||
		    !g_ascii_string_to_unsigned(part[1], 10, 1, kinds[i].max, &n, NULL)) {
			*why = "needs a number: KIND:N, N up to 1000000 (late: milliseconds, up to "
			       "1000)";
			return false;
		}
		/* Of one packet nothing can be dropped or exchanged. */
		*number = i <= SAA_INJECT_REORDER ? MAX(n, 2) : n;
		*kind = i;
		return true;
	}
	*why = "unknown; known are none, drop, duplicate, reorder, corrupt, prot, page, late, i2c";
	return false;
}

/* Number @n, counted from 0, is one of each N. */
bool saa_inject_due(const SaaChip *chip, SaaInject kind, uint64_t n)
{
	return chip->config.inject == kind && (n + 1) % chip->config.inject_number == 0;
}

/* Which packet or frame of the source comes as number @n. A function, so that no state is needed.
 */
uint64_t saa_inject_sequence(const SaaChip *chip, uint64_t n)
{
	uint64_t number = chip->config.inject_number, place;

	switch (chip->config.inject) {
	case SAA_INJECT_DROP:
		return n + n / (number - 1);
	case SAA_INJECT_DUPLICATE:
		return n - (n + 1) / (number + 1);
	case SAA_INJECT_REORDER:
		place = n % number;
		return place == number - 2 ? n + 1 : place == number - 1 ? n - 1 : n;
	default:
		return n;
	}
}
