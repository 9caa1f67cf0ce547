// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KCIDB's REST service. Its 200 means "spooled" only, so the rules were checked here before; the
 * ids of the objects make a repetition harmless.
 */
#include "output/export/export.h"
#include "output/post/targets.h"

#include <string.h>

static gboolean write_letters(const VfTarget *target, const json_t *results,
			      const VfPostOptions *options, GPtrArray *letters, GError **error)
{
	VfExportOptions rendering = {.origin = target->origin};
	json_auto_t *document = vf_kcidb_new(results, &rendering, error);
	const char *run = json_string_value(json_object_get(json_object_get(results, "run"), "id"));
	const char *identity[] = {"kcidb", run, NULL};
	g_autofree char *what = g_strdup_printf("run %s: KCIDB", run);
	g_autofree char *url = g_strconcat(target->url, "/submit", NULL);

	(void)options;
	if (!document)
		return FALSE;
	g_ptr_array_add(letters,
			vf_target_letter(target, url, "application/json",
					 json_dumps(document, JSON_COMPACT), what, identity));
	return TRUE;
}

static const char *doubt(const VfHttpAnswer *answer)
{
	json_auto_t *body = json_loadb(answer->body->str, answer->body->len, 0, NULL);
	const char *status = json_string_value(json_object_get(body, "status"));

	if (!status)
		return "no JSON with a status";
	return strcmp(status, "ok") ? "the status in it is not ok" : NULL;
}

const VfTargetType vf_target_kcidb = {
	.name = "kcidb",
	.authorization = "Authorization: Bearer %s",
	.write = write_letters,
	.doubt = doubt,
};
