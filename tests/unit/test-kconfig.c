// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/config.h"

#include <string.h>

#include "base/error.h"
#include "scratch.h"

static VfConfig *config_of(const char *text)
{
	VfConfig *config = vf_config_new();
	g_autoptr(GError) error = NULL;

	vf_config_add(config, text, strlen(text), "f", &error);
	g_assert_no_error(error);
	return config;
}

static void test_merge(void)
{
	g_autoptr(VfConfig) config =
		config_of("# comment\n\nCONFIG_B=y\nCONFIG_A=\"a=b\"\nCONFIG_C=y\n");
	g_autofree char *text = NULL;

	g_assert_true(
		vf_config_add(config, "# CONFIG_B is not set\r\nCONFIG_C=0x10\n", 37, "g", NULL));
	text = vf_config_text(config);
	g_assert_cmpstr(text, ==, "CONFIG_A=\"a=b\"\nCONFIG_B=n\nCONFIG_C=0x10\n");
}

static void test_malformed(void)
{
	static const char *const texts[] = {"CONFIG_A", "A=y", "CONFIG_=y", "CONFIG_A =y", "junk"};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(VfConfig) config = vf_config_new();
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat("# first\n", texts[i], NULL);

		g_assert_false(vf_config_add(config, text, strlen(text), "dir/f", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_true(g_str_has_prefix(error->message, "dir/f:2: expected "));
	}
}

static void test_missing_file(void)
{
	g_autoptr(VfConfig) config = vf_config_new();
	g_autoptr(GError) error = NULL;

	g_assert_false(vf_config_add_file(config, "/nonexistent/config", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_nonnull(strstr(error->message, "/nonexistent/config"));
}

static void test_verify(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfConfig) right =
		config_of("CONFIG_A=y\nCONFIG_N=n\nCONFIG_GONE=n\nCONFIG_S=\"x\"\n");
	g_autoptr(VfConfig) wrong =
		config_of("CONFIG_A=n\nCONFIG_N=y\nCONFIG_UNKNOWN=y\nCONFIG_S=\"x\"\n");
	g_autoptr(GError) error = NULL, missing = NULL;

	scratch_write(".config", "# Automatically generated\nCONFIG_A=y\n"
				 "# CONFIG_N is not set\nCONFIG_S=\"x\"\n");
	g_assert_true(vf_config_verify(right, ".config", &error));
	g_assert_no_error(error);
	g_assert_false(vf_config_verify(wrong, ".config", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_CONFIG);
	g_assert_nonnull(strstr(error->message, "CONFIG_A=n (f:1) came out as y, "
						"CONFIG_N=y (f:2) came out as n, "
						"CONFIG_UNKNOWN=y (f:3) came out as n"));
	g_assert_null(strstr(error->message, "CONFIG_S"));
	g_assert_false(vf_config_verify(right, "nowhere", &missing));
	g_assert_error(missing, VF_ERROR, VF_ERROR_IO);
}

/* What was a switch is a number in another kernel, and the other way round. */
static void test_adapt(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfConfig) config = config_of("CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=y\nCONFIG_D=3\n"
					       "CONFIG_E=0\nCONFIG_F=y\nCONFIG_G=\"y\"\n");
	g_autoptr(VfConfig) adapted = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	scratch_write(".config", "CONFIG_A=0\nCONFIG_B=0\nCONFIG_C=0x0\n# CONFIG_D is not set\n"
				 "CONFIG_E=y\nCONFIG_G=\"y\"\n");
	adapted = vf_config_adapt(config, ".config");
	text = vf_config_text(adapted);
	g_assert_cmpstr(text, ==,
			"CONFIG_A=1\nCONFIG_B=0\nCONFIG_C=0x1\nCONFIG_D=y\nCONFIG_E=n\n"
			"CONFIG_F=y\nCONFIG_G=\"y\"\n");
	g_assert_false(vf_config_verify(adapted, ".config", &error));
	g_assert_nonnull(strstr(error->message, "CONFIG_A=1 (f:1 says y) came out as 0"));
	g_assert_null(vf_config_adapt(adapted, ".config"));
	scratch_write(".config", "CONFIG_A=1\nCONFIG_F=n\n");
	g_assert_null(vf_config_adapt(adapted, ".config"));
	g_assert_null(vf_config_adapt(adapted, "nowhere"));
}

static void test_many(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfConfig) config = vf_config_new();
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 20; i++) {
		g_autofree char *line = g_strdup_printf("CONFIG_X%d=y\n", i);

		vf_config_add(config, line, strlen(line), "f", NULL);
	}
	scratch_write(".config", "");
	g_assert_false(vf_config_verify(config, ".config", &error));
	g_assert_true(g_str_has_suffix(error->message, " and 12 more"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/kconfig/merge", test_merge);
	g_test_add_func("/kconfig/malformed", test_malformed);
	g_test_add_func("/kconfig/missing-file", test_missing_file);
	g_test_add_func("/kconfig/verify", test_verify);
	g_test_add_func("/kconfig/adapt", test_adapt);
	g_test_add_func("/kconfig/many", test_many);
	return g_test_run();
}
