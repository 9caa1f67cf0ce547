// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/variant.h"

#include <unistd.h>

#include "base/error.h"
#include "plan-fixture.h"

/* The files of @patches below the scratch directory, in order. Caller frees. */
static char *files_of(const Scratch *scratch, char **paths, guint n)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < n; i++) {
		g_assert_true(g_str_has_prefix(paths[i], scratch->path));
		g_string_append_printf(all, "%s%s", i ? " " : "",
				       paths[i] + strlen(scratch->path) + 1);
	}
	return g_strdup(all->str);
}

static void test_right(void)
{
	static const struct {
		const char *path, *value, *patches, *config;
	} cases[] = {
		{"skip", "[]", "patches/linux/0001-a.patch patches/linux/0002-b.patch", ""},
		{"skip", "[\"0001-a.patch\"]", "patches/linux/0002-b.patch", ""},
		{"extra", "[\"extra/c.patch\"]",
		 "patches/linux/0001-a.patch patches/linux/0002-b.patch patches/extra/c.patch", ""},
		{"config", "[\"extra/c.config\"]",
		 "patches/linux/0001-a.patch patches/linux/0002-b.patch", "patches/extra/c.config"},
		{"series", "null", "", ""},
	};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_variant("full", "\"linux/series\"", "[\"one\", \"two\"]");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited = fixture_edit(text, cases[i].path, cases[i].value);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfVariant) variant =
			vf_variant_parse(edited, strlen(edited), ".", "full", &error);
		g_autofree char *patches = NULL, *config = NULL;

		g_assert_no_error(error);
		g_assert_cmpstr(variant->name, ==, "full");
		g_assert_cmpstr(variant->title, ==, "a variant");
		patches =
			files_of(scratch, (char **)variant->patches->pdata, variant->patches->len);
		config = files_of(scratch, variant->config, g_strv_length(variant->config));
		g_assert_cmpstr(patches, ==, cases[i].patches);
		g_assert_cmpstr(config, ==, cases[i].config);
		g_assert_true(vf_variant_provides(variant, "two"));
		g_assert_false(vf_variant_provides(variant, "three"));
	}
}

static void test_wrong(void)
{
	static const FixtureCase cases[] = {
		{"name", "\"base\"",
		 "name: expected \"full\" as the file is called, found \"base\""},
		{"patches", "[]",
		 "patches: unknown key; expected one of name, title, series, skip, extra, config, "
		 "provides"},
		{"provides", "[\"A B\"]",
		 "provides[0]: expected a name of a-z, 0-9, - and _, found \"A B\""},
		{"series", NULL, "series: expected a string or null, found nothing"},
		{"series", "\"\"", "series: expected a relative path without .., found \"\""},
		{"series", "\"../jobs/boot.json\"",
		 "series: expected a relative path without .., found \"../jobs/boot.json\""},
		{"series", "\"/etc/passwd\"",
		 "series: expected a relative path without .., found \"/etc/passwd\""},
		{"series", "\"linux/missing\"",
		 "series: expected a file below patches/, found \"linux/missing\""},
		{"series", "\"linux\"", "series: expected a file below patches/, found \"linux\""},
		{"skip", "[\"0003-c.patch\"]",
		 "skip[0]: expected a patch of the series, once, found \"0003-c.patch\""},
		{"skip", "[\"0001-a.patch\", \"0001-a.patch\"]",
		 "skip[1]: expected a patch of the series, once, found \"0001-a.patch\""},
		{"extra", "[\"extra/c.patch\", \"extra/d.patch\"]",
		 "extra[1]: expected a file below patches/, found \"extra/d.patch\""},
		{"extra", "[\"extra/../extra/c.patch\"]",
		 "extra[0]: expected a relative path without .., found "
		 "\"extra/../extra/c.patch\""},
		{"extra", "[\"extra/c.patch\", \"extra/c.patch\"]",
		 "extra[1]: expected every value once, found \"extra/c.patch\""},
		{"extra", "[\"-R\"]",
		 "extra[0]: expected a relative path without .., found \"-R\""},
		{"config", "[\"extra//c.config\"]",
		 "config[0]: expected a relative path without .., found \"extra//c.config\""},
		{"config", "[\"missing.config\"]",
		 "config[0]: expected a file below patches/, found \"missing.config\""},
	};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_variant("full", "\"linux/series\"", "[]");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited = fixture_edit(text, cases[i].path, cases[i].value);
		g_autofree char *message =
			g_strconcat("patches/variants/full.json: ", cases[i].message, NULL);
		g_autoptr(GError) error = NULL;

		scratch_write("patches/variants/full.json", edited);
		g_assert_null(vf_variant_load(scratch->path, "full", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, message);
	}
}

static void test_series(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"0001-a.patch\n../c.patch\n",
		 "patches/linux/series:2: expected the name of a patch file, found \"../c.patch\""},
		{"sub/c.patch\n", "patches/linux/series:1: expected the name of a patch file, "
				  "found \"sub/c.patch\""},
		{"# x\n\n0003-c.patch\n",
		 "patches/linux/series:3: no such patch file: \"0003-c.patch\""},
		{"0001-a.patch\n0001-a.patch\n",
		 "patches/linux/series:2: \"0001-a.patch\" is there twice"},
		{"0001-a.patch -p0\n",
		 "patches/linux/series:1: expected the name of a patch file, found "
		 "\"0001-a.patch -p0\""},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		scratch_write("patches/linux/series", cases[i].text);
		g_assert_null(vf_variant_load(scratch->path, "full", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

static void test_series_binary(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents("patches/linux/series", "0001-a.patch\n\0x\n", 16, NULL));
	g_assert_null(vf_variant_load(scratch->path, "full", &error));
	g_assert_cmpstr(error->message, ==,
			"patches/linux/series: expected text, found a NUL byte");
}

static void test_files(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = vf_variant_names(scratch->path, &error);
	g_autofree char *all = g_strjoinv(" ", names);

	g_assert_cmpstr(all, ==, "base full");
	scratch_write("patches/variants/full.json", "]");
	g_assert_null(vf_variant_load(scratch->path, "full", &error));
	g_assert_cmpstr(error->message, ==,
			"patches/variants/full.json:1:1: '[' or '{' expected near ']'");
	g_clear_error(&error);
	g_assert_null(vf_variant_load(scratch->path, "none", &error));
	g_assert_cmpstr(error->message, ==,
			"patches/variants/none.json: cannot open: No such file or directory");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/variant/right", test_right);
	g_test_add_func("/variant/wrong", test_wrong);
	g_test_add_func("/variant/series", test_series);
	g_test_add_func("/variant/series-binary", test_series_binary);
	g_test_add_func("/variant/files", test_files);
	return g_test_run();
}
