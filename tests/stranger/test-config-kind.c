// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel in which an option is of another kind than where the fragments were written. */
#include "build-fixture.h"

/* Knows CONFIG_A as a number whose default is 0, as Kconfig treats a value that is none. */
static const char number_recipe[] =
	"@sed -n -e 's/^CONFIG_A=y/CONFIG_A=0/p' -e '/^CONFIG_A=[0-9]/p' -e '/^CONFIG_[BS].*=y/p'"
	" $(KCONFIG_ALLCONFIG) > $(O)/.new";

static VfKernel *build(const char *recipe, const char *fragment, GError **error)
{
	g_autoptr(Scratch) scratch = scratch_new();
	VfArch *arch = build_arch("tiny", fragment);
	g_autoptr(VfVariant) variant = build_variant("full", "");
	g_autoptr(GString) makefile = g_string_new(build_makefile);
	VfBuilder *builder;
	VfKernel *kernel;

	g_string_replace(makefile,
			 "@grep -E '^CONFIG_(A|B|SLOW)=y' $(KCONFIG_ALLCONFIG) > $(O)/.new || true",
			 recipe, 1);
	g_assert_cmpstr(makefile->str, !=, build_makefile);
	build_tree("linux", scratch->path);
	build_tree_file("linux", "Makefile", makefile->str);
	builder = vf_builder_new(scratch->path, "linux", 2, error);
	g_assert_nonnull(builder);
	kernel = build_kernel(builder, arch, variant, NULL, NULL, error);
	vf_builder_free(builder);
	vf_arch_free(arch);
	return kernel;
}

static void test_number(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfKernel) kernel = build(number_recipe, "CONFIG_A=y\nCONFIG_B=y\n", &error);
	g_autofree char *config = NULL;

	g_assert_no_error(error);
	config = build_read(kernel->config);
	g_assert_nonnull(strstr(config, "CONFIG_A=1\n"));
	g_assert_nonnull(strstr(config, "CONFIG_B=y\n"));
}

/* Adapting is tried once: what Kconfig still does not do is an error that says what was asked. */
static void test_stubborn(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfKernel) kernel = build("@echo CONFIG_A=7 > $(O)/.new", "CONFIG_A=y\n", &error);

	g_assert_null(kernel);
	g_assert_error(error, VF_ERROR, VF_ERROR_CONFIG);
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, " says y) came out as 7"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config-kind/number", test_number);
	g_test_add_func("/config-kind/stubborn", test_stubborn);
	return build_fixture_main();
}
