// SPDX-License-Identifier: GPL-2.0-or-later
/* SQUAD: one submission an architecture; job_id in its metadata makes a repetition harmless. */
#include "output/export/export.h"
#include "output/post/targets.h"

#include <string.h>

/* application/x-www-form-urlencoded; caller frees */
static char *form_of(const json_t *submission)
{
	static const char *const fields[] = {"tests", "metrics", "metadata"};
	GString *form = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autofree char *text =
			json_dumps(json_object_get(submission, fields[i]), JSON_COMPACT);
		g_autofree char *escaped = g_uri_escape_string(text, NULL, FALSE);

		g_string_append_printf(form, "%s%s=%s", i ? "&" : "", fields[i], escaped);
	}
	return g_string_free(form, FALSE);
}

static void add_letter(const VfTarget *target, const json_t *results, const char *run,
		       const char *arch, GPtrArray *letters)
{
	json_auto_t *submission = vf_squad_new(results, arch);
	const char *identity[] = {"squad", run, arch, NULL};
	g_autofree char *what = g_strdup_printf("run %s: SQUAD, %s", run, arch);
	g_autofree char *group = g_uri_escape_string(target->group, NULL, FALSE);
	g_autofree char *project = g_uri_escape_string(target->project, NULL, FALSE);
	g_autofree char *url = g_strdup_printf("%s/api/submit/%s/%s/%s/%s", target->url, group,
					       project, run, arch);

	g_ptr_array_add(letters, vf_target_letter(target, url, "application/x-www-form-urlencoded",
						  form_of(submission), what, identity));
}

static gboolean write_letters(const VfTarget *target, const json_t *results,
			      const VfPostOptions *options, GPtrArray *letters, GError **error)
{
	const char *run = json_string_value(json_object_get(json_object_get(results, "run"), "id"));
	const json_t *arch;
	gsize i;

	(void)options;
	(void)error;
	json_array_foreach (json_object_get(results, "architectures"), i, arch)
		add_letter(target, results, run, json_string_value(json_object_get(arch, "arch")),
			   letters);
	return TRUE;
}

const VfTargetType vf_target_squad = {
	.name = "squad",
	.authorization = "Auth-Token: %s",
	.write = write_letters,
};
