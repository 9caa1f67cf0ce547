// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "description.h"
#include "mail/filter.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"mm/vmalloc.c", "arch/parisc/kernel/cache.c", NULL};
	static const char *const prefixes[] = {"RFC", "net-next", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMailFilter) filter =
		vf_mail_filter_parse((const char *)data, size, VIFARM_SOURCE_DIR, "filter.json",
				     &error);
	g_auto(VfConcern) concern = {0};

	description_check(filter != NULL, error, "filter.json");
	if (filter)
		vf_mail_filter_match(filter, paths, prefixes, &concern);
	return 0;
}
