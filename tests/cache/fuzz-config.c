// SPDX-License-Identifier: GPL-2.0-or-later
/* Options as the plugin gets them, one a line. */
#include "config.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup(size ? (const char *)data : "", size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 64);
	g_autoptr(GError) error = NULL;
	VfConfig c;

	vf_config_init(&c);
	for (guint i = 0; lines[i] && !error; i++) {
		char *value = strchr(lines[i], '=');

		if (value)
			*value++ = 0;
		vf_config_set(&c, lines[i], value ? value : "", &error);
	}
	if (!error && vf_config_finish(&c, "hppa", &error) && c.mode != VF_MODE_OFF) {
		VfGeometry g = vf_config_geometry(&c, 0);

		g_assert_cmpuint(g.page * g.colours, ==, c.way);
	}
	vf_config_clear(&c);
	return 0;
}
