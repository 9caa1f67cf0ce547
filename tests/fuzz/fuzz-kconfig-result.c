// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "kernel/config.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A .config as a build left it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char asked[] = "CONFIG_64BIT=y\nCONFIG_HZ=100\nCONFIG_MODULES=n\n";
	g_autoptr(VfConfig) config = vf_config_new();
	g_autoptr(GError) error = NULL;

	g_assert_true(vf_config_add(config, asked, strlen(asked), "asked", NULL));
	if (!vf_config_verify(config, fuzz_file(data, size), &error))
		g_assert_true(g_utf8_validate(error->message, -1, NULL));
	return 0;
}
