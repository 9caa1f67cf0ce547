// SPDX-License-Identifier: GPL-2.0-or-later
/* What concerns the farm: the patterns, the file that comes with it, and bad files. */
#include <glib.h>
#include <string.h>

#include "base/error.h"
#include "mail/filter.h"
#include "plan/arch.h"
#include "paths.h"

static const struct {
	const char *pattern, *path;
	gboolean matches;
} globs[] = {
	{"mm/vmalloc.c", "mm/vmalloc.c", TRUE},
	{"mm/vmalloc.c", "mm/vmalloc.cc", FALSE},
	{"mm/vmalloc.c", "mm/vmalloc", FALSE},
	{"mm/", "mm/vmalloc.c", TRUE},
	{"mm/", "mm/kasan/shadow.c", TRUE},
	{"mm/", "mm", FALSE},
	{"mm/", "drivers/mm/x", FALSE},
	{"include/media/v4l2*.h", "include/media/v4l2-dev.h", TRUE},
	{"include/media/v4l2*.h", "include/media/v4l2/dev.h", FALSE},
	{"include/**.h", "include/media/v4l2/dev.h", TRUE},
	{"arch/*/mm/", "arch/parisc/mm/init.c", TRUE},
	{"arch/*/mm/", "arch/parisc/kernel/mm/init.c", FALSE},
	{"arch/**/*_32.?", "arch/sparc/kernel/head_32.S", TRUE},
	{"arch/**/*_32.?", "arch/sparc/kernel/head_64.S", FALSE},
	{"a*b*c", "axbxbxc", TRUE},
	{"a*b*c", "axbxbx", FALSE},
	{"a**b*c", "a/b/b/xc", FALSE},
	{"a**b*c", "a/b/bxc", TRUE},
	{"?", "a", TRUE},
	{"?", "/", FALSE},
	{"?", "", FALSE},
	{"*", "", TRUE},
	{"**", "a/b", TRUE},
	{"", "", TRUE},
	{"", "a", FALSE},
};

static void test_globs(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(globs); i++) {
		g_test_message("%s %s", globs[i].pattern, globs[i].path);
		g_assert_cmpint(vf_mail_glob(globs[i].pattern, globs[i].path), ==,
				globs[i].matches);
	}
}

/* No star takes more than linear time in the path. */
static void test_glob_cost(void)
{
	g_autofree char *path = g_strnfill(1000, 'a');
	GString *pattern = g_string_new(NULL);
	gint64 start = g_get_monotonic_time();

	for (guint i = 0; i < 100; i++)
		g_string_append(pattern, "a*");
	g_string_append_c(pattern, 'b');
	g_assert_false(vf_mail_glob(pattern->str, path));
	g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
	g_string_free(pattern, TRUE);
}

static const struct {
	const char *paths[3], *prefixes[3];
	const char *archs, *jobs; /* joined by "," */
} concerns[] = {
	{{"drivers/media/common/saa7146/saa7146_core.c"},
	 {NULL},
	 "hppa,mips64,sparc64,x86_64",
	 "boot,capture-ts,capture-video"},
	{{"arch/parisc/kernel/cache.c"}, {NULL}, "hppa", NULL},
	{{"arch/mips/mm/c-r4k.c", "arch/sparc/mm/init_64.c"}, {NULL}, "mips64,sparc64", NULL},
	{{"arch/sparc/mm/srmmu_32.c"}, {NULL}, "", ""},
	{{"arch/x86/mm/pat/set_memory.c"}, {NULL}, "x86_64", NULL},
	{{"kernel/dma/mapping.c"}, {"RFC"}, "hppa,mips64,sparc64,x86_64", NULL},
	{{"include/linux/dma-mapping.h"}, {"net-next"}, "hppa,mips64,sparc64,x86_64", NULL},
	{{"include/linux/dma-fence.h"}, {NULL}, "", ""},
	{{"drivers/net/ethernet/intel/ice/ice_main.c"}, {NULL}, "", ""},
	{{"Documentation/process/howto.rst"}, {NULL}, "", ""},
	{{"kernel/dma/mapping.c"}, {"AUTOSEL", "6.12"}, "", ""},
	{{"kernel/dma/mapping.c"}, {"6.1"}, "", ""},
};

static void test_default(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMailFilter) filter = vf_mail_filter_load(VIFARM_SOURCE_DIR, NULL, &error);

	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(concerns); i++) {
		g_auto(VfConcern) concern = {0};
		g_autofree char *archs = NULL, *jobs = NULL;

		g_test_message("%s", concerns[i].paths[0]);
		vf_mail_filter_match(filter, concerns[i].paths, concerns[i].prefixes, &concern);
		archs = g_strjoinv(",", concern.archs);
		jobs = g_strjoinv(",", concern.jobs);
		g_assert_cmpstr(archs, ==, concerns[i].archs);
		if (concerns[i].jobs && *concerns[i].jobs)
			g_assert_nonnull(strstr(jobs, "capture-ts"));
		else if (concerns[i].jobs)
			g_assert_cmpstr(jobs, ==, "");
		g_assert_cmpint(*jobs != '\0', ==, g_str_has_prefix(jobs, "boot"));
	}
}

/* An architecture that is added without a rule of its own is forgotten here. */
static void test_all_architectures(void)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = vf_arch_names(VIFARM_SOURCE_DIR, &error);
	g_autofree char *text = NULL;

	g_assert_no_error(error);
	g_file_get_contents(VIFARM_SOURCE_DIR "/mail/filter.json", &text, NULL, &error);
	g_assert_no_error(error);
	for (guint i = 0; names[i]; i++) {
		g_autofree char *quoted = g_strdup_printf("[\"%s\"]", names[i]);

		g_test_message("%s", names[i]);
		g_assert_nonnull(strstr(text, quoted));
	}
}

#define RULE(paths, archs, jobs)                                                   \
	"{\"ignore_prefixes\": [], \"always\": [], \"rules\": [{\"name\": \"x\", " \
	"\"paths\": " paths ", \"architectures\": " archs ", \"jobs\": " jobs "}]}"

static const struct {
	const char *text, *error;
} bad[] = {
	{"[]", "f.json: expected an object"},
	{"{\"always\": [], \"rules\": []}",
	 "f.json: ignore_prefixes: expected an array of strings, found nothing"},
	{RULE("[]", "[\"*\"]", "[\"*\"]"), "f.json: rules[0].paths: expected at least one pattern"},
	{RULE("[\"/etc/\"]", "[\"*\"]", "[\"*\"]"),
	 "f.json: rules[0].paths: \"/etc/\" is not a pattern for paths in the kernel's tree"},
	{RULE("[\"mm/\"]", "[\"hpa\"]", "[\"*\"]"),
	 "f.json: rules[0].architectures: \"hpa\" is not among "},
	{RULE("[\"mm/\"]", "[]", "[\"*\"]"),
	 "f.json: rules[0].architectures: expected at least one name, or \"*\""},
	{RULE("[\"mm/\"]", "[\"*\"]", "[\"bot\"]"), "f.json: rules[0].jobs: \"bot\" is not among "},
};

static void test_bad(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfMailFilter) filter =
			vf_mail_filter_parse(bad[i].text, strlen(bad[i].text), VIFARM_SOURCE_DIR,
					     "f.json", &error);

		g_assert_null(filter);
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_test_message("%s", error->message);
		g_assert_true(g_str_has_prefix(error->message, bad[i].error));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/filter/globs", test_globs);
	g_test_add_func("/mail/filter/cost", test_glob_cost);
	g_test_add_func("/mail/filter/default", test_default);
	g_test_add_func("/mail/filter/architectures", test_all_architectures);
	g_test_add_func("/mail/filter/bad", test_bad);
	return g_test_run();
}
