// SPDX-License-Identifier: GPL-2.0-or-later
/* results.json to any URL. The header Idempotency-Key lets the receiver know a repetition. */
#include "output/post/targets.h"

static const char *run_of(const json_t *results)
{
	return json_string_value(json_object_get(json_object_get(results, "run"), "id"));
}

static gboolean write_letters(const VfTarget *target, const json_t *results,
			      const VfPostOptions *options, GPtrArray *letters, GError **error)
{
	const char *run = run_of(results);
	const char *identity[] = {"results", run, NULL};
	g_autofree char *what = g_strdup_printf("run %s: results", run);

	(void)options;
	(void)error;
	g_ptr_array_add(letters,
			vf_target_letter(target, target->url, "application/json",
					 json_dumps(results, JSON_COMPACT), what, identity));
	return TRUE;
}

const VfTargetType vf_target_webhook = {
	.name = "webhook",
	.authorization = "Authorization: Bearer %s",
	.write = write_letters,
};
