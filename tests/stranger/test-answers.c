// SPDX-License-Identifier: GPL-2.0-or-later
/* What servers and files say, 8 MiB of it: each parser needs time in proportion. */
#include <glib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/error.h"
#include "guest/libvirt/libvirt-log.h"
#include "guest/owner.h"
#include "guest/qemu/qmp.h"
#include "guest/lava/answers.h"
#include "guest/lava/journal.h"
#include "guest/lava/lab.h"
#include "guest/lava/yaml.h"
#include "output/export/b4.h"
#include "output/post/policy.h"
#include "output/post/spool.h"
#include "output/post/targets.h"

#ifdef __SANITIZE_ADDRESS__
#define INPUT_BYTES (128u << 10) /* the sanitizer looks for other faults than slowness */
#else
#define INPUT_BYTES (8u << 20)
#endif
/* CPU seconds for one input; generous for a sanitizer on a loaded machine */
#define SECONDS 15.0

static void on_line(G_GNUC_UNUSED const char *level, G_GNUC_UNUSED const char *text, gsize length,
		    gpointer data)
{
	*(gsize *)data += length;
}

static void lava_log(const char *text, gsize length)
{
	gsize bytes = 0;

	vf_lava_log_parse(text, length, on_line, &bytes);
}

static void lava_yaml(const char *text, gsize length)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *value = vf_yaml_read(text, length, &error);

	g_assert_true(value || error);
}

static void lava_page(const char *text, gsize length)
{
	g_autoptr(VfLavaPage) page = vf_lava_page_parse(text, length, NULL);
}

static void lava_job(const char *text, gsize length)
{
	g_autoptr(VfLavaJob) job = vf_lava_job_parse(text, length, NULL);
}

static void lava_ids(const char *text, gsize length)
{
	g_auto(GStrv) ids = vf_lava_ids_parse(text, length, NULL);
}

static void lava_refusal(const char *text, gsize length)
{
	g_autofree char *why = vf_lava_refusal(text, length);

	/* it becomes part of a message */
	g_assert_cmpuint(strlen(why), <, 2000);
}

static void lava_failure(const char *text, G_GNUC_UNUSED gsize length)
{
	g_autofree char *type = NULL, *message = NULL;

	vf_lava_failure(text, &type, &message);
}

static void lava_journal(const char *text, gsize length)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(vf_journal_entry_free);

	vf_journal_parse(text, length, "journal", entries, NULL);
}

static void lab_file(const char *text, gsize length)
{
	g_autoptr(VfLab) lab = vf_lab_parse(text, length, "lab.json", NULL);
}

static void letter(const char *text, gsize length)
{
	g_autoptr(VfLetter) one = vf_letter_parse(text, length, "letter.json", NULL);
}

static void targets(const char *text, gsize length)
{
	g_autoptr(GPtrArray) all = vf_targets_parse(text, length, "targets.json", NULL);
}

static void policy(const char *text, gsize length)
{
	g_autoptr(VfPolicy) one = vf_policy_parse(text, length, "policy.json", NULL);
}

static void b4_letter(const char *text, gsize length)
{
	g_autofree char *id = vf_b4_message_id(text, length);
}

static void libvirt_log(const char *text, gsize length)
{
	GString *messages = vf_libvirt_log_messages(text, length);

	g_assert_cmpuint(messages->len, <=, length + 1);
	g_string_free(messages, TRUE);
}

static void owner(const char *text, gsize length)
{
	g_autoptr(VfOwner) one = vf_owner_parse(text, length, NULL);
}

static void on_send(G_GNUC_UNUSED const char *bytes, G_GNUC_UNUSED gsize length,
		    G_GNUC_UNUSED gpointer data)
{
}

static void on_event(G_GNUC_UNUSED const char *name, G_GNUC_UNUSED const json_t *details,
		     G_GNUC_UNUSED gpointer data)
{
}

static void qmp(const char *text, gsize length)
{
	static const VfQmpCalls calls = {on_send, on_event, NULL};
	g_autoptr(VfQmp) one = vf_qmp_new(&calls);

	for (gsize at = 0; at < length; at += 4096)
		vf_qmp_feed(one, text + at, MIN(length - at, 4096));
}

static const struct {
	const char *name;
	void (*parse)(const char *text, gsize length);
	gboolean json;
} parsers[] = {
	{"lava-log", lava_log, FALSE},
	{"lava-yaml", lava_yaml, FALSE},
	{"lava-page", lava_page, TRUE},
	{"lava-job", lava_job, TRUE},
	{"lava-ids", lava_ids, TRUE},
	{"lava-refusal", lava_refusal, TRUE},
	{"lava-failure", lava_failure, FALSE},
	{"lava-journal", lava_journal, FALSE},
	{"lab-file", lab_file, TRUE},
	{"letter", letter, TRUE},
	{"targets", targets, TRUE},
	{"policy", policy, TRUE},
	{"b4-letter", b4_letter, FALSE},
	{"libvirt-log", libvirt_log, FALSE},
	{"owner", owner, FALSE},
	{"qmp", qmp, FALSE},
};

/*
 * @begin, then @piece again and again, then @end; '#' in a piece is a running number. @parsers: those that
 * it can mislead, " NAME NAME "; NULL: all but the readers of JSON, which jansson makes alike.
 */
static const struct {
	const char *begin, *piece, *end, *parsers;
} shapes[] = {
	{"", "[", "", " lava-page lava-log "},
	{"[", "[],", "[]]", " lava-page "},
	{"", "{\"a\":", "", " lava-page lab-file "},
	{"{", "\"k#\": 1, ", "\"results\": []}",
	 " lava-page lava-refusal letter targets lab-file policy "},
	{"{\"results\": [", "{\"id\": #}, ", "{}]}", " lava-page "},
	{"{\"job_ids\": [", "\"#.1\", ", "1]}", " lava-ids "},
	{"{\"targets\": {", "\"t#\": {\"type\": \"webhook\", \"url\": \"https://h/#\"}, ",
	 "\"t\": {}}}", " targets "},
	{"{\"devices\": {", "\"a#\": {\"kind\": \"qemu\", \"device_type\": \"t\"}, ", "\"a\": 1}}",
	 " lab-file "},
	{"", "{\"wants\": \"n#\", \"sha256\": \"s\"}\n", "", " lava-journal "},
	{"{\"wants\": \"n\", \"sha256\": \"s\"}\n", "{\"job\": \"#\", \"name\": \"n\"}\n", "",
	 " lava-journal "},
	{"\"", "\\u0041", "\"", " lava-page lava-log "},
	{"\"", "\\\"", "\"", NULL},
	{"", "- {\"dt\": \"2026\", \"lvl\": \"target\", \"msg\": \"~>\"}\n", "", NULL},
	{"- {\"lvl\": \"target\", \"msg\": \"", "\\\"\\\\", "\"}\n", NULL},
	{"- {\"lvl\": \"target\", \"msg\": [", "a, ", "b]}\n", NULL},
	{"", "- ", "", NULL},
	{"", "? ", "", NULL},
	{"", "a: ", "", NULL},
	{"", "a#: b\n", "", NULL},
	{"", "- a\n", "", NULL},
	{"", "{a: ", "", NULL},
	{"", "&a ", "", NULL},
	{"", "!a ", "", NULL},
	{"", "# ", "", NULL},
	{"'", "''", "'", NULL},
	{"|\n", " a\n\n", "", NULL},
	{">\n", "  \n a\n", "", NULL},
	{"", "%a b\n", "", NULL},
	{"", "--- a\n", "", NULL},
	{"", "<a ", "", NULL},
	{"", "<a>", "", NULL},
	{"<a b=\"", "&lt;", "\"/>", NULL},
	{"", "2026-01-02 03:04:05.678+0000: starting up \\\n", "", NULL},
	{"", "2026-01-02T03:04:05.678901Z x\n", "", NULL},
	{"", "{\"event\": \"STOP\"}\n", "", NULL},
	{"",
	 "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 1, \"minor\": 2, \"micro\": 3}, "
	 "\"package\": \"\"}}}\n",
	 "", NULL},
	{"", "Message-ID: \n", "", NULL},
	{"Message-ID:", " ", "<a@b>\n", NULL},
	{"", "\n", "", NULL},
	{"", "\x01", "", NULL},
	{"", "\xff", "", NULL},
	{"", "\xe2\x80\xae", "", NULL},
	{"", "a", "", NULL},
};

/* At least INPUT_BYTES; caller frees. */
static GString *input_of(gsize shape)
{
	GString *text = g_string_sized_new(INPUT_BYTES + 4096);
	g_auto(GStrv) parts = g_strsplit(shapes[shape].piece, "#", -1);

	g_string_append(text, shapes[shape].begin);
	for (guint n = 1; text->len < INPUT_BYTES; n++)
		for (char **part = parts; *part; part++) {
			g_string_append(text, *part);
			if (part[1])
				g_string_append_printf(text, "%u", n);
		}
	g_string_append(text, shapes[shape].end);
	return text;
}

static void test_shape(gconstpointer data)
{
	gsize shape = GPOINTER_TO_SIZE(data);
	GString *text = input_of(shape);

	for (gsize i = 0; i < G_N_ELEMENTS(parsers); i++) {
		g_autofree char *word = g_strdup_printf(" %s ", parsers[i].name);
		clock_t start = clock();
		double seconds;

		if (shapes[shape].parsers ? !strstr(shapes[shape].parsers, word) : parsers[i].json)
			continue;

		parsers[i].parse(text->str, text->len);
		seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		if (seconds > 1)
			g_test_message("%s: %.1f s for \"%s\"", parsers[i].name, seconds,
				       shapes[shape].piece);
		if (seconds > SECONDS)
			g_error("%s: %.1f s for \"%s\"", parsers[i].name, seconds,
				shapes[shape].piece);
	}
	g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
	/* a parser that does not come back is killed */
	const struct rlimit limit = {300, 300};

	setrlimit(RLIMIT_CPU, &limit);
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
		g_autofree char *path = g_strdup_printf("/answers/%zu", i);

		g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_shape);
	}
	return g_test_run();
}
