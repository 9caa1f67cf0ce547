// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-guest ARCH PROGRAM PLUGIN [SYMBOL-ADDRESS]
 *
 * Boots the bare-metal program under stock QEMU with the model and compares
 * what each window reports with the table below. Exit 77: QEMU is not there.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>

#define PATIENCE_MS 60000 /* for a busy host; takes a second otherwise */

typedef struct Machine {
	const char *arch, *qemu;
	const char *arguments; /* separated by blanks */
	const char *model;     /* geometry and policy */
	const char *bus;
	guint column; /* in the table of cases */
} Machine;

/* Firmware of sun4u wants a console to talk to. */
static const Machine machines[] = {
	{"hppa", "qemu-system-hppa", "-M B160L -serial none",
	 "line=32,way=32768,colours=8,snoop=none,page_offset=0x10000000", "", 0},
	{"mips64", "qemu-system-mips64", "-M malta -cpu MIPS64R2-generic -serial none",
	 "line=32,way=8192,colours=2,snoop=none,page_offset=0x9800000000000000", "", 1},
	{"sparc64", "qemu-system-sparc64", "-M sun4u -vga none -serial null",
	 "line=32,way=16384,colours=2,write=through,snoop=all,page_offset=0xfffff80000000000",
	 ",bus=pciB", 2},
	{"x86_64", "qemu-system-x86_64", "-M pc -serial none",
	 "line=64,way=4096,colours=1,snoop=all,page_offset=0", "", 3},
};

/* Hazard classes in the order of their first occurrence; NULL: the machine has no such window. */
static const struct {
	const char *window;
	const char *classes[4]; /* hppa, mips64, sparc64, x86_64 */
	gboolean flushed; /* without its operations it must have hazards, if there are any at all */
} cases[] = {
	{"alias-unflushed", {"A", "A", "", ""}, FALSE},
	{"alias-flushed", {"", "", "", ""}, FALSE},
	{"stale-unflushed", {"R", "R", "R", ""}, FALSE},
	{"stale-flushed", {"", "", "", ""}, TRUE},
	{"stale-wrong-line", {"R", "R", "R", ""}, FALSE},
	{"dma-in-unflushed", {"R", "R", "", ""}, FALSE},
	{"dma-in-flushed", {"", "", "", ""}, FALSE},
	{"dma-in-flushed-too-early", {"R", "R", "", ""}, FALSE},
	{"dma-under-dirty", {"W-armed W C", "W-armed W C", "", ""}, FALSE},
	{"dma-out-unflushed", {"D", "D", "", ""}, FALSE},
	{"dma-out-flushed", {"", "", "", ""}, FALSE},
	{"whole-cache", {"", "", "", ""}, TRUE},
	{"purge-dirty", {"P-armed P", "P-armed P", NULL, NULL}, FALSE},
	{"purge-clean", {"", "", NULL, NULL}, FALSE},
	{"uncached-unflushed", {NULL, "U", NULL, NULL}, FALSE},
	{"uncached-flushed", {NULL, "", NULL, NULL}, FALSE},
	{"remapped-unflushed", {"R", "R", "R", NULL}, FALSE},
	{"remapped-flushed", {"", "", "", NULL}, TRUE},
	{"remapped-store-dma-out", {"D", "D", "", NULL}, FALSE},
	{"tmpalias", {"", NULL, NULL, NULL}, TRUE},
	{"tmpalias-wrong-colour", {"R", NULL, NULL, NULL}, FALSE},
	{"nullified", {"A", NULL, NULL, NULL}, FALSE},
	{"page-hook", {NULL, NULL, "", NULL}, TRUE},
	{"index-asi", {NULL, NULL, "", NULL}, TRUE},
};

typedef struct Input {
	const Machine *machine;
	const char *program, *plugin, *symbol;
} Input;

static Input input;

static GSubprocess *boot(const char *output, const char *more)
{
	const Machine *m = input.machine;
	g_autofree char *path = g_find_program_in_path(m->qemu);
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) arguments = g_strsplit(m->arguments, " ", -1);
	g_autoptr(GError) error = NULL;
	GSubprocess *child;

	g_ptr_array_add(argv, g_steal_pointer(&path));
	for (guint i = 0; arguments[i]; i++)
		g_ptr_array_add(argv, g_strdup(arguments[i]));
	for (const char *const *a = (const char *const[]){"-m", "128", "-display", "none",
							  "-monitor", "none", "-kernel", NULL};
	     *a; a++)
		g_ptr_array_add(argv, g_strdup(*a));
	g_ptr_array_add(argv, g_strdup(input.program));
	g_ptr_array_add(argv, g_strdup("-plugin"));
	g_ptr_array_add(argv, g_strdup_printf("%s,out=%s,model=infinite,track=all,%s%s%s%s",
					      input.plugin, output, m->model,
					      input.symbol ? ",sym.__flush_dcache_page=" : "",
					      input.symbol ? input.symbol : "", more));
	g_ptr_array_add(argv, g_strdup("-device"));
	g_ptr_array_add(argv, g_strdup_printf("vifarm-ctl%s", m->bus));
	g_ptr_array_add(argv, NULL);
	child = g_subprocess_newv((const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_NONE,
				  &error);
	g_assert_no_error(error);
	return child;
}

/* QEMU ends when the last window was closed; the bare machine has no way to power off. */
static char *run(const char *more)
{
	g_autofree char *dir = g_dir_make_tmp("guest-XXXXXX", NULL);
	g_autofree char *output = g_build_filename(dir, "model.json", NULL);
	g_autoptr(GSubprocess) child = boot(output, more);
	char *text = NULL;
	gboolean done = FALSE;

	for (guint ms = 0; ms < PATIENCE_MS && !done; ms += 50) {
		g_usleep(50000);
		g_clear_pointer(&text, g_free);
		done = !g_subprocess_get_identifier(child) ||
		       (g_file_get_contents(output, &text, NULL, NULL) &&
			strstr(text, "\"edge\":\"end\",\"name\":\"done\""));
	}
	g_subprocess_send_signal(child, SIGTERM);
	g_assert_true(g_subprocess_wait(child, NULL, NULL));
	g_free(text);
	g_assert_true(g_file_get_contents(output, &text, NULL, NULL));
	g_unlink(output);
	g_rmdir(dir);
	return text;
}

typedef struct Seen {
	char *classes; /* of hazards that were not silent */
	json_t *coverage;
} Seen;

static void seen_free(gpointer data)
{
	Seen *s = data;

	g_free(s->classes);
	json_decref(s->coverage);
	g_free(s);
}

static void add_record(GHashTable *windows, json_t *record)
{
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *window = json_string_value(json_object_get(record, "window"));
	const char *class = json_string_value(json_object_get(record, "class"));
	Seen *s;
	char *longer;

	if (!window)
		return;
	s = g_hash_table_lookup(windows, window);
	if (!s) {
		s = g_new0(Seen, 1);
		s->classes = g_strdup("");
		g_hash_table_insert(windows, g_strdup(window), s);
	}
	if (g_str_equal(type, "coverage"))
		s->coverage = json_incref(record);
	if (!g_str_equal(type, "hazard") || json_is_true(json_object_get(record, "silent")))
		return;
	longer = g_strconcat(s->classes, *s->classes ? " " : "", class, NULL);
	g_free(s->classes);
	s->classes = longer;
}

static GHashTable *parse(const char *text)
{
	GHashTable *windows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, seen_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] && *lines[i]; i++) {
		json_error_t error;
		json_t *record = json_loads(lines[i], JSON_REJECT_DUPLICATES, &error);

		if (!record)
			g_error("line %u: %s: %s", i + 1, error.text, lines[i]);
		add_record(windows, record);
		json_decref(record);
	}
	return windows;
}

static gint64 figure(const Seen *s, const char *key)
{
	json_t *value = json_object_get(s->coverage, key);

	g_assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void test_cases(void)
{
	g_autofree char *text = run("");
	g_autoptr(GHashTable) windows = parse(text);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *expected = cases[i].classes[input.machine->column];
		const Seen *s = g_hash_table_lookup(windows, cases[i].window);

		g_test_message("%s", cases[i].window);
		g_assert_true(!expected == !s);
		if (!s)
			continue;
		g_assert_cmpstr(s->classes, ==, expected);
		g_assert_nonnull(s->coverage);
		g_assert_cmpint(figure(s, "unmatched"), ==, 0);
		g_assert_cmpint(figure(s, "unseen"), ==, 0);
		g_assert_cmpint(figure(s, "nullified"), ==,
				g_str_equal(cases[i].window, "nullified") &&
					figure(s, "operations"));
		if (strstr(cases[i].window, "dma-out"))
			g_assert_cmpint(figure(s, "dma_read_bytes"), ==, 64);
		else if (strstr(cases[i].window, "dma"))
			g_assert_cmpint(figure(s, "dma_write_bytes"), ==, 64);
		if (g_str_equal(cases[i].window, "whole-cache") && input.machine->column < 3)
			g_assert_cmpint(figure(s, "whole"), >=, 1);
	}
	g_assert_nonnull(strstr(text, "\n{\"type\":\"end\""));
}

/* The control: a model that is blind for the operations must call the flushed windows red. */
static void test_blind(void)
{
	g_autofree char *text = run(",ignore=line:tmpalias:index:page:whole");
	g_autoptr(GHashTable) windows = parse(text);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Seen *s = g_hash_table_lookup(windows, cases[i].window);

		if (!s || !cases[i].flushed)
			continue;
		g_test_message("%s", cases[i].window);
		g_assert_cmpint(*s->classes != 0, ==, input.machine->column < 3);
	}
}

/* x86_64 has nothing to be blind for: with aliases and without snooping, the same program is red.
 */
static void test_incoherent(void)
{
	g_autofree char *text = run(",snoop=none");
	g_autoptr(GHashTable) windows = parse(text);
	const Seen *s = g_hash_table_lookup(windows, "dma-in-flushed-too-early");

	g_assert_nonnull(s);
	g_assert_cmpstr(s->classes, ==, "R");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (argc < 4) {
		g_printerr("usage: test-guest ARCH PROGRAM PLUGIN [ADDRESS]\n");
		return 2;
	}
	for (guint i = 0; i < G_N_ELEMENTS(machines); i++)
		if (g_str_equal(machines[i].arch, argv[1]))
			input.machine = &machines[i];
	g_assert_nonnull(input.machine);
	input.program = argv[2];
	input.plugin = argv[3];
	input.symbol = argv[4];
	{
		g_autofree char *qemu = g_find_program_in_path(input.machine->qemu);

		if (!qemu) {
			g_print("1..0 # SKIP %s is not installed\n", input.machine->qemu);
			return 77;
		}
	}
	g_test_add_func("/guest/cases", test_cases);
	g_test_add_func("/guest/blind", test_blind);
	if (g_str_equal(input.machine->arch, "x86_64"))
		g_test_add_func("/guest/incoherent", test_incoherent);
	return g_test_run();
}
