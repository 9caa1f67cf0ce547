// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SQUAD: flat names, four words. ERROR and MISS are left out: SQUAD would count them against
 * the kernel. A test is BOARD/JOB, or BOARD/JOB:VARIANT where that is not the run's own variant.
 */
#include "output/export/export.h"

#include <string.h>

#include "output/export/unique.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static void add(json_t *tests, const char *name, const char *status)
{
	static const struct {
		const char *ours, *theirs;
	} words[] = {{"PASS", "pass"}, {"DONE", "pass"}, {"FAIL", "fail"}, {"SKIP", "skip"}};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (!strcmp(words[i].ours, status))
			json_object_set_new(tests, name, json_string(words[i].theirs));
}

static void add_test(json_t *tests, json_t *metrics, const json_t *test, const char *own)
{
	const json_t *attempts = json_object_get(test, "attempts"), *c;
	const json_t *last = json_array_get(attempts, json_array_size(attempts) - 1);
	const char *variant = text_of(test, "variant");
	gboolean other = strcmp(variant, own) != 0;
	g_autofree char *name =
		g_strdup_printf("%s/%s%s%s", text_of(test, "board"), text_of(test, "job"),
				other ? ":" : "", other ? variant : "");
	g_autofree char *seconds = g_strconcat(name, "/seconds", NULL);
	g_autoptr(VfUnique) names = vf_unique_new();
	gsize i;

	add(tests, name, text_of(test, "status"));
	json_array_foreach (json_object_get(last, "cases"), i, c) {
		g_autofree char *unique = vf_unique_name(names, "", text_of(c, "name"));
		g_autofree char *full = g_strconcat(name, "/", unique, NULL);

		add(tests, full, text_of(c, "status"));
	}
	if (json_object_get(last, "guest_seconds"))
		json_object_set(metrics, seconds, json_object_get(last, "guest_seconds"));
}

json_t *vf_squad_new(const json_t *results, const char *arch)
{
	const json_t *run = json_object_get(results, "run"), *test;
	json_t *tests = json_object(), *metrics = json_object();
	/* job_id is SQUAD's own key against submitting the same twice */
	json_t *metadata = json_pack("{s:o, s:s, s:s}", "job_id",
				     json_sprintf("%s-%s", text_of(run, "id"), arch), "variant",
				     text_of(run, "variant"), "source", text_of(run, "source"));
	gsize i;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		if (!strcmp(text_of(test, "arch"), arch))
			add_test(tests, metrics, test, text_of(run, "variant"));
	}
	return json_pack("{s:o, s:o, s:o}", "tests", tests, "metrics", metrics, "metadata",
			 metadata);
}
