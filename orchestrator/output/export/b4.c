// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/export/b4.h"

#include <string.h>

#include "base/text.h"
#include "output/export/export.h"

#define SOURCES_MAX 64
#define DEPTH_MAX   32

/* Length of the header block: up to the first empty line. */
static gsize header_length(const char *letter, gsize length)
{
	for (gsize i = 0; i + 1 < length; i++)
		if (letter[i] == '\n' && (letter[i + 1] == '\n' || letter[i + 1] == '\r'))
			return i + 1;
	return length;
}

char *vf_b4_message_id(const char *letter, gsize length)
{
	g_autofree char *header = g_strndup(letter ?: "", header_length(letter, length));
	g_autoptr(GRegex) regex =
		g_regex_new("^Message-ID:\\s*<([^<>\\s]{1,500})>",
			    G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *id = NULL;

	if (!g_regex_match(regex, header, 0, &match))
		return NULL;
	id = g_match_info_fetch(match, 1);
	return vf_text_escape(id, -1, 0);
}

static void find_commits(const json_t *value, GStrvBuilder *sources, guint *left, guint depth)
{
	const char *key, *text = json_string_value(value);
	const json_t *member;
	gsize i;

	if (!*left || depth > DEPTH_MAX)
		return;
	if (text && strlen(text) == 40 && strspn(text, "0123456789abcdef") == 40) {
		g_autofree char *source = g_strconcat("git ", text, NULL);

		g_strv_builder_add(sources, source);
		(*left)--;
	}
	json_object_foreach ((json_t *)value, key, member)
		find_commits(member, sources, left, depth + 1);
	json_array_foreach (value, i, member)
		find_commits(member, sources, left, depth + 1);
}

GStrv vf_b4_sources(const json_t *tracking)
{
	g_autoptr(GStrvBuilder) sources = g_strv_builder_new();
	guint left = SOURCES_MAX;

	find_commits(tracking, sources, &left, 0);
	return g_strv_builder_end(sources);
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* b4 has three words. What broke on our side is no opinion on the patches: a warning at most. */
static const struct {
	const char *ours, *theirs;
} words[] = {{"PASS", "pass"}, {"FAIL", "fail"}, {"ERROR", "warn"}, {"MISS", "warn"}};

static const char *word_of(const json_t *arch)
{
	const char *status = text_of(arch, "status");

	if (vf_export_only_flaky(arch))
		return "warn";
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (!strcmp(words[i].ours, status))
			return words[i].theirs;
	return NULL;
}

/* "fail" over "warn" over "pass" */
static const char *worse(const char *a, const char *b)
{
	static const char *const order[] = {"fail", "warn", "pass"};

	for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
		if ((a && !strcmp(a, order[i])) || !strcmp(b, order[i]))
			return order[i];
	return b;
}

/* One line for each test that did not pass. */
static char *details_of(const json_t *results)
{
	GString *text = g_string_new(NULL);
	const json_t *test;
	gsize i;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		const char *status = text_of(test, "status");
		gboolean flaky = json_is_true(json_object_get(test, "flaky"));
		g_autofree char *reason = vf_text_escape(text_of(test, "reason"), -1, 300);

		if (!strcmp(status, "SKIP") || (!strcmp(status, "PASS") && !flaky))
			continue;
		g_string_append_printf(text, "%s%s %s%s: %s", text->len ? "\n" : "", status,
				       text_of(test, "name"), flaky ? " (flaky)" : "", reason);
	}
	return g_string_free(text, FALSE);
}

json_t *vf_b4_check(const json_t *results, const char *url)
{
	const json_t *archs = json_object_get(results, "architectures"), *arch;
	g_autofree char *details = details_of(results);
	const char *status = NULL;
	guint judged = 0, passed = 0;
	gsize i;

	json_array_foreach (archs, i, arch) {
		const char *word = word_of(arch);

		if (!word)
			continue;
		judged++;
		passed += !strcmp(word, "pass");
		status = worse(status, word);
	}
	if (!judged)
		return json_array();
	return json_pack("[{s:s, s:s, s:o, s:s*, s:s*}]", "tool", "vifarm", "status", status,
			 "summary", json_sprintf("%u of %u architectures pass", passed, judged),
			 "url", url, "details", *details ? details : NULL);
}
