// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/posts.h"

#include "base/dirs.h"
#include "base/error.h"
#include "output/post/targets.h"

GPtrArray *vf_mail_posts_targets(const VfMailPolicy *policy, GError **error)
{
	g_autofree char *standard =
		g_build_filename(g_get_user_config_dir(), "vifarm", "targets.json", NULL);

	return vf_targets_load(policy->targets ?: standard, error);
}

static gboolean spool_all(VfSpool *spool, GPtrArray *letters, GError **error)
{
	for (guint i = 0; i < letters->len; i++) {
		VfLetter *letter = letters->pdata[i];
		gboolean added;

		letter->created += i;
		if (!vf_spool_add(spool, letter, &added, error))
			return FALSE;
	}
	return TRUE;
}

/* The numbers that Patchwork gave the patches; NULL-terminated, may be empty. */
static GStrv find_numbers(const VfTarget *target, const VfSeries *series, GError **error)
{
	g_autoptr(GStrvBuilder) numbers = g_strv_builder_new();

	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];
		g_autofree char *number = NULL;

		if (!patch)
			continue;
		if (!vf_patchwork_find(target, patch->id, &number, error))
			return NULL;
		if (number)
			g_strv_builder_add(numbers, number);
	}
	return g_strv_builder_end(numbers);
}

static gboolean write_target(const VfTarget *target, const VfSeries *series, const json_t *results,
			     GPtrArray *letters, GError **error)
{
	g_auto(GStrv) numbers = NULL;
	VfPostOptions options = {NULL};

	if (target->type == &vf_target_patchwork) {
		numbers = find_numbers(target, series, error);
		if (!numbers)
			return FALSE;
		if (!*numbers)
			return TRUE;
		options.patches = numbers;
	}
	return target->type->write(target, results, &options, letters, error);
}

gboolean vf_mail_posts_write(const VfMailPolicy *policy, const VfSeries *series,
			     const json_t *results, GError **error)
{
	g_autofree char *path = g_build_filename(vf_dirs_state(), "spool", NULL);
	g_autoptr(GPtrArray) letters =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_letter_free);
	g_autoptr(GPtrArray) targets = vf_mail_posts_targets(policy, error);
	g_autoptr(VfSpool) spool = targets ? vf_spool_open(path, error) : NULL;

	if (!spool)
		return FALSE;
	for (char **name = policy->post; *name; name++) {
		const VfTarget *target = vf_targets_find(targets, *name, error);

		if (!target || !write_target(target, series, results, letters, error))
			return FALSE;
	}
	return spool_all(spool, letters, error);
}
