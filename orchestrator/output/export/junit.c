// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JUnit XML as Jenkins and GitLab read it: one suite for each architecture and board, in it one
 * test case VARIANT for each job (class vifarm.ARCH.BOARD.JOB) and one for each of its cases
 * (class vifarm.ARCH.BOARD.JOB.VARIANT.SUITE). Both readers keep one result for each class and
 * name, and show the text of an element, not only its attributes.
 */
#include "output/export/export.h"

#include <string.h>

#include "base/text.h"
#include "output/export/unique.h"

#define NAME_MAX_BYTES 4000

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static void append_attribute(GString *out, const char *name, const char *value)
{
	/* XML knows no way to write control characters at all */
	g_autofree char *printable = vf_text_escape(value, -1, NAME_MAX_BYTES);
	g_autofree char *escaped = g_markup_escape_text(printable, -1);

	g_string_append_printf(out, " %s=\"%s\"", name, escaped);
}

static void append_lines(GString *out, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_autofree char *printable = vf_text_escape(*line, -1, 0);
		g_autofree char *escaped = g_markup_escape_text(printable, -1);

		g_string_append_printf(out, "%s%s", line == lines ? "" : "\n", escaped);
	}
}

/* JUnit has three words for what is no pass; "" is a pass. */
static const struct {
	const char *status, *element;
} elements[] = {
	{"PASS", ""},	     {"DONE", ""},	 {"SKIP", "skipped"},
	{"FAIL", "failure"}, {"ERROR", "error"}, {"MISS", "error"},
};

static const char *element_of(const char *status)
{
	for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
		if (!strcmp(elements[i].status, status))
			return elements[i].element;
	return "error";
}

typedef struct Out {
	GString *text;
	VfUnique *names;
} Out;

typedef struct Case {
	const char *class, *name, *status, *message, *excerpt;
	double seconds; /* < 0: not known */
} Case;

/* Two names that differ are still two when they are escaped and cut. */
static void append_names(const Out *out, const Case *c)
{
	g_autofree char *class = vf_text_escape(c->class, -1, NAME_MAX_BYTES / 2);
	g_autofree char *name = vf_text_escape(c->name, -1, NAME_MAX_BYTES / 2);
	g_autofree char *unique = vf_unique_name(out->names, class, name);
	g_autofree char *class_xml = g_markup_escape_text(class, -1);
	g_autofree char *name_xml = g_markup_escape_text(unique, -1);

	g_string_append_printf(out->text, " classname=\"%s\" name=\"%s\"", class_xml, name_xml);
}

/* The message, then what the console had to it. */
static void append_content(GString *out, const Case *c)
{
	gboolean both = *c->message && *c->excerpt;

	append_lines(out, *c->message || *c->excerpt ? c->message : "no reason was recorded");
	if (both)
		g_string_append(out, "\n\n");
	append_lines(out, c->excerpt);
}

static void append_case(const Out *to, const Case *c)
{
	const char *element = element_of(c->status);
	GString *out = to->text;

	g_string_append(out, "    <testcase");
	append_names(to, c);
	if (c->seconds >= 0) {
		char seconds[G_ASCII_DTOSTR_BUF_SIZE];

		append_attribute(out, "time",
				 g_ascii_formatd(seconds, sizeof(seconds), "%.3f", c->seconds));
	}
	if (!*element) {
		g_string_append(out, "/>\n");
		return;
	}
	g_string_append_printf(out, ">\n      <%s", element);
	append_attribute(out, "type", c->status);
	append_attribute(out, "message", c->message);
	g_string_append_c(out, '>');
	append_content(out, c);
	g_string_append_printf(out, "</%s>\n    </testcase>\n", element);
}

/* "vifarm.ARCH.BOARD.JOB"; caller frees. */
static char *class_of(const json_t *test)
{
	return g_strdup_printf("vifarm.%s.%s.%s", text_of(test, "arch"), text_of(test, "board"),
			       text_of(test, "job"));
}

/* "suite/case": the suite becomes part of the class */
static void append_inner(const Out *out, const json_t *test, const json_t *inner)
{
	const char *name = text_of(inner, "name"), *slash = strrchr(name, '/');
	g_autofree char *suite = slash ? g_strndup(name, (gsize)(slash - name)) : g_strdup("");
	g_autofree char *job = class_of(test);
	g_autofree char *class = g_strdup_printf("%s.%s%s%s", job, text_of(test, "variant"),
						 slash ? "." : "", suite);
	Case c = {class,
		  slash ? slash + 1 : name,
		  text_of(inner, "status"),
		  text_of(inner, "detail"),
		  "",
		  -1};

	append_case(out, &c);
}

static void append_test(const Out *out, const json_t *test)
{
	const json_t *attempts = json_object_get(test, "attempts"), *inner;
	const json_t *last = json_array_get(attempts, json_array_size(attempts) - 1);
	g_autofree char *class = class_of(test);
	Case c = {class,
		  text_of(test, "variant"),
		  text_of(test, "status"),
		  text_of(test, "reason"),
		  text_of(last, "excerpt"),
		  json_number_value(json_object_get(test, "seconds"))};
	gsize i;

	append_case(out, &c);
	json_array_foreach (json_object_get(last, "cases"), i, inner)
		append_inner(out, test, inner);
}

typedef struct Counts {
	guint tests, failures, errors, skipped;
} Counts;

static void count(Counts *counts, const char *status)
{
	const char *element = element_of(status);

	counts->tests++;
	counts->failures += !strcmp(element, "failure");
	counts->errors += !strcmp(element, "error");
	counts->skipped += !strcmp(element, "skipped");
}

static void count_test(Counts *counts, const json_t *test)
{
	const json_t *attempts = json_object_get(test, "attempts"), *inner;
	const json_t *last = json_array_get(attempts, json_array_size(attempts) - 1);
	gsize i;

	count(counts, text_of(test, "status"));
	json_array_foreach (json_object_get(last, "cases"), i, inner)
		count(counts, text_of(inner, "status"));
}

static void append_counts(GString *out, const Counts *counts)
{
	g_string_append_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
			       counts->tests, counts->failures, counts->errors, counts->skipped);
}

static gboolean same_suite(const json_t *a, const json_t *b)
{
	return a && b && !strcmp(text_of(a, "arch"), text_of(b, "arch")) &&
	       !strcmp(text_of(a, "board"), text_of(b, "board"));
}

/* Tests are sorted by name, so a suite is a run of neighbours. Returns the first of the next. */
static gsize append_suite(const Out *to, const json_t *tests, gsize first, const char *started)
{
	GString *out = to->text;
	const json_t *head = json_array_get(tests, first);
	g_autofree char *name =
		g_strdup_printf("%s/%s", text_of(head, "arch"), text_of(head, "board"));
	Counts counts = {0};
	gsize end = first;

	for (; same_suite(head, json_array_get(tests, end)); end++)
		count_test(&counts, json_array_get(tests, end));
	g_string_append(out, "  <testsuite");
	append_attribute(out, "name", name);
	append_counts(out, &counts);
	append_attribute(out, "timestamp", started);
	g_string_append(out, ">\n");
	for (gsize i = first; i < end; i++)
		append_test(to, json_array_get(tests, i));
	g_string_append(out, "  </testsuite>\n");
	return end;
}

char *vf_junit_render(const json_t *results, const VfExportOptions *options, GError **error)
{
	const json_t *tests = json_object_get(results, "tests"), *test;
	const json_t *run = json_object_get(results, "run");
	GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	g_autoptr(VfUnique) names = vf_unique_new();
	const Out to = {out, names};
	Counts counts = {0};
	gsize i;

	(void)options;
	(void)error;
	json_array_foreach (tests, i, test)
		count_test(&counts, test);
	append_attribute(out, "name", text_of(run, "id"));
	append_counts(out, &counts);
	g_string_append(out, ">\n");
	for (gsize next = 0; next < json_array_size(tests);)
		next = append_suite(&to, tests, next, text_of(run, "started"));
	g_string_append(out, "</testsuites>\n");
	return g_string_free(out, FALSE);
}
