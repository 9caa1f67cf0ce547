// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the patterns of kernels/ find in consoles. golden/triage/ARCH/NAME is one console behind a
 * head of lines "KEY: VALUE" and an empty line:
 *	VERDICT	what a guest gets whose program passed everything
 *	REASON	of that verdict
 *	SPLAT	class and reason, "[fatal]" and so on; one line each, in order
 *	NOTE	a complaint that fails nothing
 * A new case is the console alone: VIFARM_REGENERATE=1 writes the heads. NAME tells what the
 * verdict has to be: "clean.*" and "note.*" PASS, everything else FAIL. ARCH may be an
 * architecture without an arch.json: the patterns of all architectures hold for it.
 */
#include <string.h>
#include <time.h>

#include "evidence/triage.h"
#include "evidence/verdict.h"
#include "golden.h"

#define CASES_MIN 100
#define CLEAN_MIN 25

typedef struct Console {
	char *name; /* "hppa/oops.null" */
	char *head; /* as found */
	char *log;
	gsize length;
} Console;

static void console_free(gpointer data)
{
	Console *console = data;

	g_free(console->name);
	g_free(console->head);
	g_free(console->log);
	g_free(console);
}

static VfArch *load_arch(const char *name)
{
	g_autofree char *path =
		g_build_filename(VIFARM_SOURCE_DIR, "kernels", name, "arch.json", NULL);
	gboolean known = g_file_test(path, G_FILE_TEST_EXISTS);
	g_autoptr(GError) error = NULL;
	VfArch *arch = vf_arch_load(VIFARM_SOURCE_DIR, known ? name : "x86_64", &error);

	g_assert_no_error(error);
	return arch;
}

static VfTriage *triage_of(const VfArch *arch, const char *log, gsize length, gsize piece)
{
	g_autoptr(GError) error = NULL;
	VfTriage *triage = vf_triage_new(arch->triage, &error);

	g_assert_no_error(error);
	for (gsize at = 0; at < length; at += piece)
		vf_triage_feed(triage, log + at, MIN(piece, length - at));
	vf_triage_finish(triage);
	return triage;
}

/* A guest whose program passed, unless the kernel stopped before. */
static VfVerdict *judge(VfTriage *triage)
{
	static char *required[] = {"a", NULL};
	static const VfJob job = {.name = "boot", .cases = required};
	g_autoptr(VfEvidence) e = vf_evidence_new();
	VfCase *c = g_new0(VfCase, 1);
	gboolean fatal = vf_triage_fatal(triage) && !vf_triage_init_end(triage);

	c->name = g_strdup("a");
	c->status = VF_STATUS_PASS;
	g_ptr_array_add(e->cases, c);
	g_hash_table_insert(e->info, g_strdup("exit"), g_strdup("0"));
	e->end = fatal ? VF_END_PANIC : VF_END_EXIT;
	e->channel = TRUE;
	e->end_marker = e->init_end = !fatal;
	e->program_exit = fatal ? -1 : 0;
	g_ptr_array_unref(e->splats);
	e->splats = g_ptr_array_ref(vf_triage_splats(triage));
	g_ptr_array_unref(e->notes);
	e->notes = g_ptr_array_ref(vf_triage_notes(triage));
	return vf_verdict_new(e, &job);
}

static char *head_of(VfTriage *triage)
{
	g_autoptr(VfVerdict) verdict = judge(triage);
	GString *head = g_string_new(NULL);

	g_string_append_printf(head, "VERDICT: %s\nREASON: %s\n", vf_status_name(verdict->status),
			       verdict->reason);
	for (guint i = 0; i < vf_triage_splats(triage)->len; i++) {
		const VfSplat *s = vf_triage_splats(triage)->pdata[i];

		g_string_append_printf(head, "SPLAT: %s: %s%s%s%s%s\n", s->class, s->reason,
				       s->fatal ? " [fatal]" : "", s->linked ? " [linked]" : "",
				       s->expected ? " [expected]" : "",
				       s->after_end ? " [after the end]" : "");
	}
	for (guint i = 0; i < vf_triage_notes(triage)->len; i++)
		g_string_append_printf(head, "NOTE: %s\n",
				       (char *)vf_triage_notes(triage)->pdata[i]);
	return g_string_free(head, FALSE);
}

static Console *read_console(const char *arch, const char *file)
{
	g_autofree char *name = g_build_filename(arch, file, NULL);
	g_autofree char *path =
		g_build_filename(VIFARM_SOURCE_DIR, "tests", "golden", "triage", name, NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	Console *console = g_new0(Console, 1);
	const char *log;
	gsize length;

	g_file_get_contents(path, &text, &length, &error);
	g_assert_no_error(error);
	log = g_str_has_prefix(text, "VERDICT: ") ? strstr(text, "\n\n") + 2 : text;
	console->name = g_steal_pointer(&name);
	console->head = g_strndup(text, log > text ? (gsize)(log - text) - 1 : 0);
	console->length = length - (gsize)(log - text);
	console->log = g_memdup2(log, console->length + 1);
	return console;
}

static gint compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *names_in(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	g_assert_nonnull(dir);
	for (const char *name; (name = g_dir_read_name(dir));)
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, compare);
	return names;
}

typedef void (*Look)(const VfArch *arch, const Console *console);

static guint for_each(Look look)
{
	g_autofree char *root =
		g_build_filename(VIFARM_SOURCE_DIR, "tests", "golden", "triage", NULL);
	g_autoptr(GPtrArray) archs = names_in(root);
	guint n = 0;

	for (guint i = 0; i < archs->len; i++) {
		g_autofree char *directory = g_build_filename(root, archs->pdata[i], NULL);
		g_autoptr(GPtrArray) files = names_in(directory);
		g_autoptr(VfArch) arch = load_arch(archs->pdata[i]);

		for (guint k = 0; k < files->len; k++) {
			Console *console = read_console(archs->pdata[i], files->pdata[k]);

			look(arch, console);
			console_free(console);
			n++;
		}
	}
	return n;
}

static gboolean is_clean(const Console *console)
{
	const char *file = strchr(console->name, '/') + 1;

	return g_str_has_prefix(file, "clean.") || g_str_has_prefix(file, "note.");
}

static guint clean;

static void regenerate(const Console *console, const char *head)
{
	g_autofree char *path = g_build_filename(VIFARM_SOURCE_DIR, "tests", "golden", "triage",
						 console->name, NULL);
	g_autoptr(GString) text = g_string_new(head);
	g_autoptr(GError) error = NULL;

	g_string_append_c(text, '\n');
	g_string_append_len(text, console->log, (gssize)console->length);
	g_file_set_contents(path, text->str, (gssize)text->len, &error);
	g_assert_no_error(error);
}

static void check_golden(const VfArch *arch, const Console *console)
{
	g_autoptr(VfTriage) triage = triage_of(arch, console->log, console->length, 4096);
	g_autofree char *head = head_of(triage);
	const char *expected = is_clean(console) ? "VERDICT: PASS" : "VERDICT: FAIL";

	g_test_message("%s", console->name);
	clean += is_clean(console);
	if (!g_str_has_prefix(head, expected))
		g_test_fail_printf("%s: expected %s, found\n%s", console->name, expected, head);
	else if (g_getenv("VIFARM_REGENERATE"))
		regenerate(console, head);
	else if (!g_str_equal(head, console->head))
		g_test_fail_printf("%s: expected\n%sfound\n%s", console->name, console->head, head);
}

static void test_golden(void)
{
	g_assert_cmpuint(for_each(check_golden), >=, CASES_MIN);
	g_assert_cmpuint(clean, >=, CLEAN_MIN);
}

/* The same console as other kernels, cables and collectors deliver it. */
static const struct {
	const char *what, *pattern, *with;
} variants[] = {
	{"CR LF", "\r?\n", "\r\n"},
	{"CR CR LF", "\r?\n", "\r\r\n"},
	{"caller ids", "(?m)^(\\[ *\\d+\\.\\d+\\]) ", "\\1[   T123] "},
	{"levels", "(?m)^(?=\\[ *\\d+\\.\\d+\\] )", "<4>"},
	{"no times", "(?m)^\\[ *\\d+\\.\\d+\\] ", ""},
	{"a collector's times", "(?m)^(?=.)", "2026-01-02T03:04:05.678901 "},
	{"a system log", "(?m)^(?=\\[ *\\d+\\.\\d+\\] )", "Jan  2 03:04:05 board kernel: "},
	{"a program's line before", "(?m)^(?=\\[ *\\d+\\.\\d+\\] )", "running 3 of 7 ..."},
};

static void check_variant(const VfArch *arch, const Console *console, guint i)
{
	g_autoptr(GRegex) regex = g_regex_new(variants[i].pattern, G_REGEX_RAW, 0, NULL);
	g_autofree char *log = g_regex_replace(regex, console->log, (gssize)console->length, 0,
					       variants[i].with, 0, NULL);
	g_autoptr(VfTriage) triage = triage_of(arch, log, strlen(log), 4096);
	g_autofree char *head = head_of(triage);

	if (!g_str_equal(head, console->head))
		g_test_fail_printf("%s with %s: expected\n%sfound\n%s", console->name,
				   variants[i].what, console->head, head);
}

static void check_variants(const VfArch *arch, const Console *console)
{
	gboolean times = strstr(console->log, "[    ") && strlen(console->log) == console->length;

	for (guint i = 0; times && i < G_N_ELEMENTS(variants); i++)
		check_variant(arch, console, i);
	for (gsize piece = 1; piece < 50; piece += 24) {
		g_autoptr(VfTriage) triage = triage_of(arch, console->log, console->length, piece);
		g_autofree char *head = head_of(triage);

		g_assert_cmpstr(head, ==, console->head);
	}
}

static void test_variants(void)
{
	if (!g_getenv("VIFARM_REGENERATE"))
		for_each(check_variants);
}

/* A message behind a line of a program that is longer than what is looked at at once. */
static void test_behind_long_line(void)
{
	static const char message[] =
		"[   12.345678] sysfs: cannot create duplicate filename '/class/a'\n";
	g_autoptr(VfArch) arch = load_arch("x86_64");

	for (gsize before = 0; before < 2300; before += 11) {
		g_autoptr(GString) log = g_string_new(NULL);
		g_autoptr(VfTriage) triage = NULL;

		for (gsize i = 0; i < before; i++)
			g_string_append_c(log, 'x');
		g_string_append(log, message);
		triage = triage_of(arch, log->str, log->len, 100);
		if (vf_triage_splats(triage)->len != 1)
			g_error("%u splats behind %zu bytes", vf_triage_splats(triage)->len,
				before);
		g_assert_cmpuint(vf_triage_bytes(triage), ==, log->len);
	}
}

/* Every shape is fed @total bytes long: time in proportion, memory bounded. */
static const char *const floods[] = {
	"x",
	"\n",
	"[    1.234567] ",
	"[    1.234567] BUG: ",
	"[    1.234567] BUG: x\n",
	"BUG: WARNING: INFO: Oops",
	"WARNING: CPU: 0 PID: 1 at",
	"x: x: x: x: x: x: x: ",
	"pid 1): (pid 2): (code 1",
	"a(1): b(2): c[#1",
	"[#1] [#1] [#1]",
	"------------[ cut here ]------------\nx\n",
	"[    1.234567] CPU: 0 PID: 1 Comm: a Not tainted\n\n\n\n\n\n\n\n\n\n\n",
	"[    1.234567] kobject_add_internal failed for ",
	"<4><4><4><4>",
	"kernel: kernel: ",
	"vifarm: expect-warning begin\n",
	"Kernel panic - not syncing: x\n",
	"\xff\x1b[2J",
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double flood(const VfArch *arch, const char *unit, gsize total)
{
	g_autoptr(VfTriage) triage = vf_triage_new(arch->triage, NULL);
	g_autoptr(GString) block = g_string_new(NULL);
	double start = seconds();

	while (block->len < 64 * 1024)
		g_string_append(block, unit);
	for (gsize at = 0; at < total; at += block->len)
		vf_triage_feed(triage, block->str, block->len);
	vf_triage_finish(triage);
	g_assert_cmpuint(vf_triage_splats(triage)->len, <=, VF_TRIAGE_SPLATS_MAX + 1);
	g_assert_cmpuint(vf_triage_notes(triage)->len, <=, 16);
	return seconds() - start;
}

static void test_floods(void)
{
	g_auto(GStrv) archs = vf_arch_names(VIFARM_SOURCE_DIR, NULL);
	const char *mib = g_getenv("VIFARM_FLOOD_MIB");
	gsize total = (mib ? (gsize)g_ascii_strtoull(mib, NULL, 10) : 2) << 20;

	for (char **name = archs; *name; name++) {
		g_autoptr(VfArch) arch = load_arch(*name);

		for (guint i = 0; i < G_N_ELEMENTS(floods); i++) {
			double took = flood(arch, floods[i], total);
			g_autofree char *shown = g_strescape(floods[i], NULL);

			g_test_message("%s: %.2f s for %zu MiB of %s", *name, took, total >> 20,
				       shown);
			g_assert_cmpfloat(took, <, 2.0 * (double)(total >> 20));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/console/golden", test_golden);
	g_test_add_func("/console/variants", test_variants);
	g_test_add_func("/console/behind-long-line", test_behind_long_line);
	g_test_add_func("/console/floods", test_floods);
	return g_test_run();
}
