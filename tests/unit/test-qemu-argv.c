// SPDX-License-Identifier: GPL-2.0-or-later
/* Golden command lines of every board of every architecture, golden/argv/<arch>-<board>-<job>. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "golden.h"
#include "guest-fixture.h"
#include "guest/qemu/qemu-argv.h"
#include "paths.h"

static char *user_words[] = {"rdinit=/nonexistent", "debug ignore_loglevel", NULL};
static char *injected[] = {"corrupt=1000", "drop=7", NULL};

/* One word a line. */
static char *lines(const VfGuestSpec *spec, VfQemuWiring wiring)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) argv = vf_qemu_argv(spec, "/usr/bin/qemu", wiring, &error);
	g_autofree char *text = NULL;

	g_assert_no_error(error);
	text = g_strjoinv("\n", argv);
	return g_strconcat(text, "\n", NULL);
}

static void check_board(const VfArch *arch, const VfBoard *board, VfJob *job)
{
	g_autofree char *name =
		g_strdup_printf("argv/%s-%s-%s", arch->name, board->name, job->name);
	g_autofree char *text = NULL;
	GuestFixture f;

	guest_fixture_init(&f, arch, board, job);
	text = lines(&f.spec, VF_QEMU_RUN);
	golden_check(name, text);
}

static void test_golden(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_auto(GStrv) names = vf_arch_names(VIFARM_SOURCE_DIR, NULL);

	g_assert_nonnull(scratch);
	scratch_write("System.map", system_map);
	for (char **name = names; *name; name++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfArch) arch = vf_arch_load(VIFARM_SOURCE_DIR, *name, &error);
		GHashTableIter iter;
		gpointer board;

		g_assert_no_error(error);
		g_hash_table_iter_init(&iter, arch->boards);
		while (g_hash_table_iter_next(&iter, NULL, &board)) {
			check_board(arch, board, &plain);
			check_board(arch, board, &model);
		}
	}
}

typedef struct Hppa {
	Scratch *scratch;
	VfArch *arch;
	GuestFixture f;
} Hppa;

static void set_up(Hppa *h, gconstpointer job)
{
	g_autoptr(GError) error = NULL;

	h->scratch = scratch_new();
	scratch_write("System.map", system_map);
	h->arch = vf_arch_load(VIFARM_SOURCE_DIR, "hppa", &error);
	g_assert_no_error(error);
	guest_fixture_init(&h->f, h->arch, vf_arch_board(h->arch, "default"), job);
}

static void tear_down(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	vf_arch_free(h->arch);
	scratch_free(h->scratch);
}

/* The words behind @option, joined by blanks. Caller frees. */
static char *values(const VfGuestSpec *spec, VfQemuWiring wiring, const char *option)
{
	g_auto(GStrv) argv = vf_qemu_argv(spec, "qemu", wiring, NULL);
	GString *out = g_string_new(NULL);

	for (char **word = argv; *word; word++)
		if (g_str_equal(*word, option))
			g_string_append_printf(out, "%s%s", out->len ? " " : "", word[1]);
	return g_string_free(out, FALSE);
}

static void test_user_words(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	g_autofree char *append = NULL;

	h->f.spec.append = user_words;
	append = values(&h->f.spec, VF_QEMU_RUN, "-append");
	g_assert_true(g_str_has_suffix(append, " rdinit=/nonexistent debug ignore_loglevel"));
}

static void test_environment(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	VfJob with = plain;
	g_autofree char *append = NULL;

	with.environment = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(with.environment, "rounds", "3");
	g_hash_table_insert(with.environment, "mask", "0xfffffff");
	h->f.task.job = &with;
	append = values(&h->f.spec, VF_QEMU_RUN, "-append");
	g_assert_true(g_str_has_suffix(append, " vifarm.mask=0xfffffff vifarm.rounds=3"));
	g_hash_table_unref(with.environment);
}

/* Facts of the guest: what it really gets, not what the board has. */
static void test_facts(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	static const char *const facts[] = {"bits",   "board",	    "cpus",
					    "endian", "memory_mib", "page_size"};
	const VfLayout layout = {.memory_mib = 16};
	VfJob with = plain;
	g_autofree char *append = NULL;

	with.environment = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
		g_hash_table_insert(with.environment, (char *)facts[i],
				    g_strdup_printf("{%s}", facts[i]));
	h->f.task.job = &with;
	h->f.spec.layout = &layout;
	append = values(&h->f.spec, VF_QEMU_RUN, "-append");
	g_assert_true(g_str_has_suffix(append, " vifarm.bits=32 vifarm.board=default vifarm.cpus=1"
					       " vifarm.endian=big vifarm.memory_mib=272"
					       " vifarm.page_size=4096"));
	g_hash_table_unref(with.environment);
}

static void test_injection(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	g_autofree char *found = NULL;

	h->f.spec.inject = injected;
	found = values(&h->f.spec, VF_QEMU_RUN, "-device");
	g_assert_true(g_str_has_suffix(found, " saa7146,card=a,corrupt=1000,drop=7 vifarm-ctl"));
}

static void test_layout(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	char *before[] = {"saa7146,card=b{bus}", NULL};
	VfLayout layout = {.memory_mib = 16, .devices = before};
	VfJob with = *h->f.task.job;
	g_autofree char *memory = NULL, *plugin = NULL, *found = NULL, *append = NULL;

	with.environment = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(with.environment, "packets", "20000");
	g_hash_table_insert(with.environment, "adapter", "0");
	layout.environment = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(layout.environment, "adapter", "1");
	h->f.task.job = &with;
	h->f.spec.layout = &layout;
	h->f.spec.inject = injected;
	memory = values(&h->f.spec, VF_QEMU_RUN, "-m");
	plugin = values(&h->f.spec, VF_QEMU_RUN, "-plugin");
	found = values(&h->f.spec, VF_QEMU_RUN, "-device");
	append = values(&h->f.spec, VF_QEMU_RUN, "-append");
	g_assert_cmpstr(memory, ==, "272");
	/* faults are for the device under test */
	g_assert_true(
		g_str_has_suffix(found,
				 " saa7146,card=b saa7146,card=a,corrupt=1000,drop=7 vifarm-ctl"));
	g_assert_true(g_str_has_suffix(append, " vifarm.packets=20000 vifarm.adapter=1"));
	g_hash_table_unref(with.environment);
	g_hash_table_unref(layout.environment);
}

static void test_curve(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	VfBoard wide = *h->f.task.board;
	g_autofree char *plugin = NULL, *none = NULL;

	h->f.spec.curve = TRUE;
	plugin = values(&h->f.spec, VF_QEMU_RUN, "-plugin");
	g_assert_nonnull(strstr(plugin, ",track=all,"));
	g_assert_nonnull(strstr(plugin, ",curve=64:128:256:512:1024"));
	/* no cache of 1 MiB repeats its index after 4 MiB */
	wide.cache.size = 1536 << 10;
	wide.cache.colours = 1024;
	h->f.task.board = &wide;
	none = values(&h->f.spec, VF_QEMU_RUN, "-plugin");
	g_assert_nonnull(strstr(none, ",track=dma,"));
	g_assert_null(strstr(none, "curve"));
}

/* The plugin is for those who need it; without the model nothing is counted. */
static void test_plugin(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	VfJob devices_only = model;
	g_autofree char *none = values(&h->f.spec, VF_QEMU_RUN, "-plugin");
	g_autofree char *bare = NULL;
	g_autofree char *icount = NULL;
	g_autofree char *commas = NULL;

	g_assert_cmpstr(none, ==, "");
	devices_only.model.present = FALSE;
	h->f.task.job = &devices_only;
	bare = values(&h->f.spec, VF_QEMU_RUN, "-plugin");
	icount = values(&h->f.spec, VF_QEMU_RUN, "-icount");
	g_assert_cmpstr(bare, ==, "file=/build/machine/vifarm.so");
	g_assert_cmpstr(icount, ==, "");
	h->f.spec.plugin = "/a,b/vifarm.so";
	commas = values(&h->f.spec, VF_QEMU_RUN, "-plugin");
	g_assert_cmpstr(commas, ==, "file=/a,,b/vifarm.so");
}

static void test_no_system_map(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	g_autoptr(GError) error = NULL;

	h->f.kernel.symbols = "nosuch.map";
	g_assert_null(vf_qemu_argv(&h->f.spec, "qemu", VF_QEMU_RUN, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_nonnull(strstr(error->message, "nosuch.map"));
}

static void test_by_hand(Hppa *h, G_GNUC_UNUSED gconstpointer job)
{
	g_auto(GStrv) argv =
		vf_qemu_argv(&h->f.spec, "/usr/bin/qemu-system-hppa", VF_QEMU_BY_HAND, NULL);
	g_autofree char *line = vf_text_shell((const char *const *)argv);
	g_autofree char *text = g_strconcat(line, "\n", NULL);

	golden_check("argv/reproducer", text);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/qemu-argv/golden", test_golden);
	g_test_add("/qemu-argv/user-words", Hppa, &plain, set_up, test_user_words, tear_down);
	g_test_add("/qemu-argv/environment", Hppa, &plain, set_up, test_environment, tear_down);
	g_test_add("/qemu-argv/facts", Hppa, &plain, set_up, test_facts, tear_down);
	g_test_add("/qemu-argv/injection", Hppa, &model, set_up, test_injection, tear_down);
	g_test_add("/qemu-argv/layout", Hppa, &model, set_up, test_layout, tear_down);
	g_test_add("/qemu-argv/curve", Hppa, &model, set_up, test_curve, tear_down);
	g_test_add("/qemu-argv/plugin", Hppa, &plain, set_up, test_plugin, tear_down);
	g_test_add("/qemu-argv/no-system-map", Hppa, &model, set_up, test_no_system_map, tear_down);
	g_test_add("/qemu-argv/by-hand", Hppa, &model, set_up, test_by_hand, tear_down);
	return g_test_run();
}
