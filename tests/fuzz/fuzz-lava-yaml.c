// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "guest/lava/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written, and reads the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *value = vf_yaml_read((const char *)data, size, &error), *again = NULL;
	g_autofree char *text = NULL;

	if (!value) {
		g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
		for (const char *c = error->message; *c; c++)
			g_assert_false(g_ascii_iscntrl(*c));
		return 0;
	}
	g_assert_no_error(error);
	text = vf_yaml_write(value);
	again = vf_yaml_read(text, strlen(text), &error);
	g_assert_no_error(error);
	g_assert_true(json_equal(value, again));
	return 0;
}
