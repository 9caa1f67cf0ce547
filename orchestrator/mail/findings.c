// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/findings.h"

#include <string.h>

static const char *const outcome_names[] = {
	[VF_OUTCOME_PASSED] = "passed",		  [VF_OUTCOME_BROKEN] = "broken",
	[VF_OUTCOME_BASE_BROKEN] = "base broken", [VF_OUTCOME_FLAKY] = "flaky",
	[VF_OUTCOME_UNJUDGED] = "unjudged",	  [VF_OUTCOME_NOT_APPLIED] = "does not apply",
	[VF_OUTCOME_INCOMPLETE] = "incomplete",
};

const char *vf_outcome_name(VfOutcomeKind kind)
{
	return outcome_names[kind];
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static gboolean status_is(const json_t *object, const char *status)
{
	return !strcmp(text_of(object, "status"), status);
}

const json_t *vf_findings_test(const json_t *results, const char *arch, const char *board,
			       const char *job)
{
	const json_t *test;
	gsize i;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		if (!strcmp(text_of(test, "arch"), arch) &&
		    !strcmp(text_of(test, "board"), board) && !strcmp(text_of(test, "job"), job))
			return test;
	}
	return NULL;
}

static const json_t *build_of(const json_t *results, const char *arch)
{
	const json_t *build;
	gsize i;

	json_array_foreach (json_object_get(results, "builds"), i, build) {
		if (!strcmp(text_of(build, "arch"), arch))
			return build;
	}
	return NULL;
}

void vf_findings_free(VfFindings *findings)
{
	if (!findings)
		return;
	g_ptr_array_unref(findings->broken);
	g_ptr_array_unref(findings->base_broken);
	g_ptr_array_unref(findings->flaky);
	g_ptr_array_unref(findings->fixed);
	g_ptr_array_unref(findings->unjudged);
	g_free(findings);
}

static void add(GPtrArray *list, const char *arch, const char *board, const char *job,
		const json_t *test, const json_t *base)
{
	VfFinding *finding = g_new0(VfFinding, 1);

	*finding = (VfFinding){arch, board, job, test, base, 0};
	g_ptr_array_add(list, finding);
}

/* A kernel that does not build any more is one finding, not one a job. */
static void add_builds(VfFindings *findings, const json_t *base, const json_t *patched)
{
	const json_t *build;
	gsize i;

	json_array_foreach (json_object_get(patched, "builds"), i, build) {
		const char *arch = text_of(build, "arch");
		const json_t *before = build_of(base, arch);

		if (!status_is(build, "FAIL"))
			continue;
		add(status_is(before, "FAIL") ? findings->base_broken : findings->broken, arch,
		    NULL, NULL, build, before);
	}
}

/* Red on both sides, but redder with the series. */
static gboolean breaks_more(const json_t *test)
{
	const json_t *one;
	gsize i;

	json_array_foreach (json_object_get(test, "cases"), i, one) {
		if (!strcmp(text_of(one, "change"), "broken"))
			return TRUE;
	}
	return FALSE;
}

/* Where a test of the comparison belongs; NULL: it passed, or does not apply here. */
static GPtrArray *list_of(VfFindings *findings, const json_t *test)
{
	const char *change = text_of(test, "change");
	const json_t *after = json_object_get(test, "b");
	const struct {
		const char *change;
		GPtrArray *list;
	} lists[] = {
		{"broken", findings->broken},
		{"still broken", findings->base_broken},
		{"fixed", findings->fixed},
		{"flaky", findings->flaky},
		{"passing", NULL},
	};

	if (status_is(after, "SKIP") && status_is(json_object_get(test, "a"), "SKIP"))
		return NULL;
	if (!strcmp(change, "still broken") && breaks_more(test))
		return findings->broken;
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!strcmp(lists[i].change, change))
			return lists[i].list;
	return findings->unjudged;
}

static void add_tests(VfFindings *findings, const json_t *base, const json_t *patched,
		      const json_t *comparison)
{
	const json_t *test;
	gsize i;

	json_array_foreach (json_object_get(comparison, "tests"), i, test) {
		const char *arch = text_of(test, "arch"), *board = text_of(test, "board"),
			   *job = text_of(test, "job");
		GPtrArray *list = list_of(findings, test);

		if (status_is(build_of(patched, arch), "FAIL"))
			continue;
		if (!strcmp(text_of(test, "change"), "passing") || list == findings->fixed)
			findings->passed++;
		if (list)
			add(list, arch, board, job, vf_findings_test(patched, arch, board, job),
			    vf_findings_test(base, arch, board, job));
	}
}

static VfOutcomeKind outcome_of(const VfFindings *findings)
{
	if (findings->broken->len)
		return VF_OUTCOME_BROKEN;
	if (findings->unjudged->len)
		return VF_OUTCOME_UNJUDGED;
	if (findings->base_broken->len)
		return VF_OUTCOME_BASE_BROKEN;
	if (findings->flaky->len)
		return VF_OUTCOME_FLAKY;
	return findings->passed ? VF_OUTCOME_PASSED : VF_OUTCOME_UNJUDGED;
}

VfFindings *vf_findings_new(const json_t *base, const json_t *patched, const json_t *comparison)
{
	VfFindings *findings = g_new0(VfFindings, 1);
	GPtrArray **lists[] = {&findings->broken, &findings->base_broken, &findings->flaky,
			       &findings->fixed, &findings->unjudged};

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		*lists[i] = g_ptr_array_new_with_free_func(g_free);
	add_builds(findings, base, patched);
	add_tests(findings, base, patched, comparison);
	findings->outcome = outcome_of(findings);
	return findings;
}
