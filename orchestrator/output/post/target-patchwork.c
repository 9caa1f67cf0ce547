// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Patchwork checks. They exist for single patches only, so the result of a series goes to each of
 * its patches, one context an architecture. A repetition would show as a second check, so an
 * interrupted one is looked for before it is sent again.
 */
#include "output/post/policy.h"
#include "output/post/targets.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "output/export/export.h"

/* Checks of one patch that are looked through; Patchwork's largest page. */
#define PER_PAGE 250

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static gboolean build_failed(const json_t *results, const char *arch)
{
	const json_t *build;
	gsize i;

	json_array_foreach (json_object_get(results, "builds"), i, build) {
		if (!strcmp(text_of(build, "arch"), arch) &&
		    !strcmp(text_of(build, "status"), "FAIL"))
			return TRUE;
	}
	return FALSE;
}

static const char *state_of(const VfPolicy *policy, const json_t *results, const json_t *arch)
{
	const struct {
		const char *status, *state;
	} states[] = {
		{"PASS", policy->pass}, {"FAIL", policy->fail}, {"ERROR", policy->error},
		{"MISS", policy->miss}, {"SKIP", policy->skip},
	};
	const char *status = text_of(arch, "status");

	if (!strcmp(status, "FAIL") && build_failed(results, text_of(arch, "arch")))
		return policy->build_fail;
	if (vf_export_only_flaky(arch) && (!strcmp(status, "PASS") || !strcmp(status, "FAIL")))
		return policy->flaky;
	for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
		if (!strcmp(states[i].status, status))
			return states[i].state;
	return NULL;
}

/* "hppa: 1 FAIL, 3 PASS; vflush: stale read in vpeirq" */
static char *description_of(const json_t *results, const json_t *arch)
{
	GString *text = g_string_new(NULL);
	const char *name, *separator = "";
	const json_t *number, *test;
	gsize i;

	json_object_foreach (json_object_get(arch, "counts"), name, number) {
		g_string_append_printf(text, "%s%" JSON_INTEGER_FORMAT " %s", separator,
				       json_integer_value(number), name);
		separator = ", ";
	}
	json_array_foreach (json_object_get(results, "tests"), i, test) {
		if (strcmp(text_of(test, "arch"), text_of(arch, "arch")) ||
		    strcmp(text_of(test, "status"), text_of(arch, "status")) ||
		    !strcmp(text_of(test, "status"), "PASS"))
			continue;
		g_autofree char *reason = vf_text_escape(text_of(test, "reason"), -1, 200);

		g_string_append_printf(text, "; %s: %s", text_of(test, "job"), reason);
		break;
	}
	return g_string_free(text, FALSE);
}

typedef struct Check {
	const char *arch, *state, *description, *identity;
	const char *run; /* for the link; or NULL */
} Check;

static void add_check(const VfTarget *target, const char *patch, const Check *check,
		      GPtrArray *letters)
{
	const char *identity[] = {"check", patch, check->arch, check->state, check->identity, NULL};
	g_autofree char *context = g_strdup_printf("vifarm-%s", check->arch);
	g_autofree char *link = check->run ? vf_target_link(target, check->run) : NULL;
	g_autofree char *url = g_strdup_printf("%s/api/1.2/patches/%s/checks/", target->url, patch);
	g_autofree char *what =
		g_strdup_printf("patch %s: check %s, %s", patch, context, check->state);
	json_auto_t *body =
		json_pack("{s:s, s:s, s:s, s:s*}", "state", check->state, "context", context,
			  "description", check->description, "target_url", link);

	g_ptr_array_add(letters, vf_target_letter(target, url, "application/json",
						  json_dumps(body, JSON_COMPACT), what, identity));
}

static void announce(const VfTarget *target, const VfPostOptions *options, GPtrArray *letters)
{
	/* the tag makes an older announcement of the same patch another check */
	g_autofree char *description = g_strdup_printf("testing (%s)", options->tag);

	for (char **patch = options->patches; *patch; patch++)
		for (char **arch = options->pending; *arch; arch++) {
			Check check = {*arch, "pending", description, options->tag, NULL};

			add_check(target, *patch, &check, letters);
		}
}

static gboolean write_letters(const VfTarget *target, const json_t *results,
			      const VfPostOptions *options, GPtrArray *letters, GError **error)
{
	g_autoptr(VfPolicy) policy = vf_policy_load(target->policy, error);
	const char *run = text_of(json_object_get(results, "run"), "id");
	const json_t *arch;
	gsize i;

	if (!policy)
		return FALSE;
	if (!options->patches)
		return vf_throw(error, VF_ERROR_USAGE,
				"target %s: --patch ID is needed to post checks", target->name);
	if (options->pending) {
		announce(target, options, letters);
		return TRUE;
	}
	json_array_foreach (json_object_get(results, "architectures"), i, arch) {
		g_autofree char *description = description_of(results, arch);
		Check check = {text_of(arch, "arch"), state_of(policy, results, arch), description,
			       run, run};

		for (char **patch = options->patches; check.state && *patch; patch++)
			add_check(target, *patch, &check, letters);
	}
	return TRUE;
}

static const char *doubt(const VfHttpAnswer *answer)
{
	json_auto_t *body = json_loadb(answer->body->str, answer->body->len, 0, NULL);

	return json_object_get(body, "state") ? NULL : "no JSON with the check";
}

static gboolean same_check(const json_t *check, const json_t *wanted)
{
	static const char *const members[] = {"state", "context", "description", "target_url"};

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
		if (strcmp(text_of(check, members[i]), text_of(wanted, members[i])))
			return FALSE;
	return TRUE;
}

static gboolean arrived(const VfTarget *target, const VfLetter *letter, gboolean *yes,
			GError **error)
{
	g_autofree char *url = g_strdup_printf("%s?order=-id&per_page=%d", letter->url, PER_PAGE);
	VfHttpRequest request = {.method = "GET", .url = url};
	g_autoptr(VfHttpAnswer) answer = vf_target_request(target, &request, error);
	json_auto_t *wanted = json_loads(letter->body, 0, NULL), *checks = NULL;
	const json_t *check;
	gsize i;

	if (!answer)
		return FALSE;
	checks = json_loadb(answer->body->str, answer->body->len, 0, NULL);
	if (answer->status != 200 || !json_is_array(checks))
		return vf_throw(error, VF_ERROR_HARNESS, "%s: status %u, expected a list of checks",
				letter->url, answer->status);
	*yes = FALSE;
	json_array_foreach (checks, i, check)
		*yes |= same_check(check, wanted);
	return TRUE;
}

gboolean vf_patchwork_find(const VfTarget *target, const char *message_id, char **number,
			   GError **error)
{
	g_autofree char *escaped = g_uri_escape_string(message_id, NULL, FALSE);
	g_autofree char *url =
		g_strdup_printf("%s/api/1.2/patches/?msgid=%s&per_page=1", target->url, escaped);
	VfHttpRequest request = {.method = "GET", .url = url};
	g_autoptr(VfHttpAnswer) answer = vf_target_request(target, &request, error);
	json_auto_t *patches = NULL;
	json_int_t id;

	if (!answer)
		return FALSE;
	patches = json_loadb(answer->body->str, answer->body->len, 0, NULL);
	if (answer->status != 200 || !json_is_array(patches))
		return vf_throw(error, VF_ERROR_HARNESS,
				"%s: status %u, expected a list of patches", target->url,
				answer->status);
	id = json_integer_value(json_object_get(json_array_get(patches, 0), "id"));
	if (id > 0)
		*number = g_strdup_printf("%" JSON_INTEGER_FORMAT, id);
	return TRUE;
}

const VfTargetType vf_target_patchwork = {
	.name = "patchwork",
	.authorization = "Authorization: Token %s",
	.write = write_letters,
	.doubt = doubt,
	.arrived = arrived,
};
