// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/report/report.h"

#include <string.h>

#include "base/read.h"
#include "base/text.h"
#include "report-assets.h"
#include "results-db/hazard-groups.h"

/* A console line longer than this is no line for people. */
#define LINE_MAX_BYTES 2000

/* Above what is kept of a console. */
#define CONSOLE_BYTES (32 << 20)

/* Runs in the trend charts. */
#define TREND_RUNS 60

/* Where in the file the part that is shown begins: at the beginning of a line, where there is one.
 */
static gsize part_start(const char *text, gsize size, const json_t *splats, gsize limit)
{
	const json_t *first = json_array_get(splats, 0);
	gsize offset = (gsize)json_integer_value(json_object_get(first, "console_offset"));
	gsize start = size - MIN(size, limit);
	const char *newline;

	/* a quarter before the first splat, the rest after it */
	if (first && offset <= size)
		start = MIN(start, offset - MIN(offset, limit / 4));
	if (start == 0 || text[start - 1] == '\n')
		return start;
	newline = memchr(text + start, '\n', size - start);
	return newline ? (gsize)(newline + 1 - text) : start;
}

static json_t *lines_of(const char *text, gsize length)
{
	json_t *lines = json_array();

	for (const char *at = text, *end = text + length; at < end;) {
		const char *newline = memchr(at, '\n', (gsize)(end - at));
		gsize n = (gsize)((newline ?: end) - at);
		g_autofree char *line = NULL;

		if (n > 0 && at[n - 1] == '\r')
			line = vf_text_escape(at, (gssize)n - 1, LINE_MAX_BYTES);
		else
			line = vf_text_escape(at, (gssize)n, LINE_MAX_BYTES);
		json_array_append_new(lines, json_string(line));
		at += n + 1;
	}
	return lines;
}

static gsize count_lines(const char *text, gsize length)
{
	gsize lines = 0;

	for (gsize i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

json_t *vf_report_console(const char *path, const json_t *splats, gsize limit)
{
	json_t *places = json_array();
	g_autofree char *text = NULL;
	const json_t *splat;
	gsize size, start, length, i;

	text = vf_read_bounded(path, CONSOLE_BYTES, &size, NULL);
	if (!text) {
		json_decref(places);
		return NULL;
	}
	start = part_start(text, size, splats, limit);
	length = MIN(size - start, limit);
	json_array_foreach (splats, i, splat) {
		gsize at = (gsize)json_integer_value(json_object_get(splat, "console_offset"));
		gboolean shown = at >= start && at < start + length;

		json_array_append_new(places,
				      json_integer(shown ? (json_int_t)count_lines(text + start,
										   at - start)
							 : -1));
	}
	return json_pack("{s:o, s:I, s:b, s:o}", "lines", lines_of(text + start, length), "first",
			 (json_int_t)count_lines(text, start), "cut", start + length < size,
			 "splats", places);
}

/* "test-attempt" as the page's script has it. Caller frees. */
static char *key_of(const json_t *test, const json_t *attempt)
{
	return g_strdup_printf("%" JSON_INTEGER_FORMAT "-%" JSON_INTEGER_FORMAT,
			       json_integer_value(json_object_get(test, "id")),
			       json_integer_value(json_object_get(attempt, "number")));
}

static void add_console(json_t *consoles, const json_t *test, const json_t *attempt,
			const char *state)
{
	const char *directory = json_string_value(json_object_get(attempt, "directory"));
	const char *status = json_string_value(json_object_get(attempt, "status"));
	g_autofree char *path = NULL;
	json_t *console;

	if (!directory)
		return;
	path = g_build_filename(state, directory, "console.log", NULL);
	console = vf_report_console(path, json_object_get(attempt, "splats"),
				    g_strcmp0(status, "PASS") ? VF_REPORT_CONSOLE_FAILED
							      : VF_REPORT_CONSOLE_PASSED);
	if (console) {
		g_autofree char *key = key_of(test, attempt);

		json_object_set_new(consoles, key, console);
	}
}

static json_t *consoles_of(const json_t *results, const char *state)
{
	json_t *consoles = json_object();
	const json_t *test, *attempt;
	gsize i, k;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		json_array_foreach (json_object_get(test, "attempts"), k, attempt)
			add_console(consoles, test, attempt, state);
	}
	return consoles;
}

/* The hazards of @attempt that decide its verdict; their class in words is added to @words. */
static json_t *deciding_hazards(const json_t *attempt, json_t *words)
{
	json_t *deciding = json_array(), *hazard;
	gsize i;

	json_array_foreach (json_object_get(attempt, "hazards"), i, hazard) {
		const char *class = json_string_value(json_object_get(hazard, "class"));

		json_object_set_new(words, class, json_string(vf_hazard_words(class)));
		if (vf_hazard_decides(attempt, hazard))
			json_array_append(deciding, hazard);
	}
	return deciding;
}

/*
 * {"attempts": {"TEST-NUMBER": {"deciding": [hazards], "others": [groups]}}, "others": [groups of
 * the last attempts], "words": {class: words}}.
 */
static json_t *hazards_of(const json_t *results)
{
	json_t *attempts = json_object(), *words = json_object(), *attempt;
	json_auto_t *last = json_array();
	const json_t *test;
	gsize i, k;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		const json_t *all = json_object_get(test, "attempts");

		json_array_foreach (all, k, attempt) {
			g_autofree char *key = key_of(test, attempt);
			json_auto_t *alone = json_pack("[O]", attempt);

			json_object_set_new(attempts, key,
					    json_pack("{s:o, s:o}", "deciding",
						      deciding_hazards(attempt, words), "others",
						      vf_hazard_groups(alone)));
			if (k + 1 == json_array_size(all))
				json_array_append(last, attempt);
		}
	}
	return json_pack("{s:o, s:o, s:o}", "attempts", attempts, "others", vf_hazard_groups(last),
			 "words", words);
}

/* Plain, complete runs of the same variant, oldest first. */
static json_t *trend_of(const json_t *results, const json_t *runs)
{
	const json_t *variant = json_object_get(json_object_get(results, "run"), "variant");
	json_t *trend = json_array();
	const json_t *run;
	gsize i;

	json_array_foreach (runs, i, run) {
		if (json_object_get(run, "altered") || !json_object_get(run, "status") ||
		    !json_is_true(json_object_get(run, "complete")) ||
		    !json_equal(json_object_get(run, "variant"), variant) ||
		    json_array_size(trend) == TREND_RUNS)
			continue;
		json_array_insert(trend, 0, (json_t *)run);
	}
	return trend;
}

/* JSON for inside <script>: nothing in it can end the element or begin a comment. */
static char *script_json(const json_t *data)
{
	g_autofree char *text = json_dumps(data, JSON_COMPACT | JSON_ENSURE_ASCII);
	g_auto(GStrv) parts = g_strsplit(text, "<", -1);

	return g_strjoinv("\\u003c", parts);
}

/* 'sha256-...' of an inline script for the content security policy. Caller frees. */
static char *script_hash(const char *script)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize length = sizeof(digest);
	g_autofree char *base64 = NULL;

	g_checksum_update(sum, (const guchar *)script, -1);
	g_checksum_get_digest(sum, digest, &length);
	base64 = g_base64_encode(digest, length);
	return g_strdup_printf("'sha256-%s'", base64);
}

/* The page with each {{NAME}} replaced by its value; a value is not looked at again. */
static char *fill(const char *page, const char *const *names, const char *const *values)
{
	GString *out = g_string_new(NULL);

	for (const char *at = page; *at;) {
		gboolean replaced = FALSE;

		for (gsize i = 0; names[i] && !replaced; i++)
			if (g_str_has_prefix(at, names[i])) {
				g_string_append(out, values[i]);
				at += strlen(names[i]);
				replaced = TRUE;
			}
		if (!replaced)
			g_string_append_c(out, *at++);
	}
	return g_string_free(out, FALSE);
}

char *vf_report_render(const json_t *results, const json_t *runs, const char *state)
{
	static const char *const names[] = {"{{TITLE}}",  "{{SCRIPTS}}", "{{STYLE}}", "{{DATA}}",
					    "{{CHARTS}}", "{{SCRIPT}}",	 NULL};
	const char *charts = (const char *)report_charts_js;
	const char *script = (const char *)report_report_js;
	const char *run = json_string_value(json_object_get(json_object_get(results, "run"), "id"));
	json_auto_t *data = json_pack("{s:O, s:o, s:o, s:o}", "results", results, "trend",
				      trend_of(results, runs), "consoles",
				      consoles_of(results, state), "hazards", hazards_of(results));
	g_autofree char *json = script_json(data);
	g_autofree char *title = g_markup_escape_text(run ?: "", -1);
	g_autofree char *charts_hash = script_hash(charts), *own_hash = script_hash(script);
	g_autofree char *hashes = g_strdup_printf("%s %s", charts_hash, own_hash);
	g_autofree char *style =
		g_strconcat((const char *)report_charts_css, (const char *)report_report_css, NULL);
	const char *values[] = {title, hashes, style, json, charts, script};

	return fill((const char *)report_page_html, names, values);
}
