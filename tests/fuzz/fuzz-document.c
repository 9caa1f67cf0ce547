// SPDX-License-Identifier: GPL-2.0-or-later
/* Any JSON against the rules of KCIDB: an error is one printable line, nothing else happens. */
#include <stdint.h>

#include "description.h"
#include "output/export/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *document = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
	g_autoptr(GError) error = NULL;

	if (!document || vf_kcidb_check(document, &error))
		return 0;
	g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
	g_assert_true(g_utf8_validate(error->message, -1, NULL));
	for (const char *c = error->message; *c; c++)
		g_assert_false(g_ascii_iscntrl(*c));
	return 0;
}
