// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/series-impl.h"

#include <string.h>

VfGroup *vf_group_new(const char *root)
{
	VfGroup *group = g_new0(VfGroup, 1);

	group->parts = g_ptr_array_new_with_free_func(vf_part_info_unref);
	group->root = g_strdup(root);
	return group;
}

void vf_group_free(VfGroup *group)
{
	g_ptr_array_unref(group->parts);
	g_free(group->root);
	g_free(group);
}

VfPartInfo *vf_group_part(const VfGroup *group, guint number)
{
	for (guint i = 0; i < group->parts->len; i++) {
		VfPartInfo *part = group->parts->pdata[i];

		if (part->subject.number == number)
			return part;
	}
	return NULL;
}

guint vf_group_total(const VfGroup *group)
{
	guint total = 1;

	for (guint i = 0; i < group->parts->len; i++)
		total = MAX(total, ((VfPartInfo *)group->parts->pdata[i])->subject.total);
	return total;
}

guint vf_group_version(const VfGroup *group)
{
	guint version = 1;

	for (guint i = 0; i < group->parts->len; i++)
		version = MAX(version, ((VfPartInfo *)group->parts->pdata[i])->subject.version);
	return version;
}

gboolean vf_group_is_context(const VfGroup *group)
{
	for (guint i = 0; i < group->parts->len; i++)
		if (!((VfPartInfo *)group->parts->pdata[i])->context)
			return FALSE;
	return TRUE;
}

/* The cover letter speaks for the series, then the patches in their order. */
static int by_number(gconstpointer a, gconstpointer b)
{
	const VfPartInfo *x = *(VfPartInfo *const *)a, *y = *(VfPartInfo *const *)b;

	if (x->subject.number != y->subject.number)
		return x->subject.number < y->subject.number ? -1 : 1;
	if (x->arrived != y->arrived)
		return x->arrived < y->arrived ? -1 : 1;
	return strcmp(x->message->id, y->message->id);
}

/* The first mail of the newest revision: patches of older ones may still stand beside it. */
static const VfPartInfo *speaker(const VfGroup *group)
{
	guint version = vf_group_version(group), i = 0;

	while (((VfPartInfo *)group->parts->pdata[i])->subject.version < version)
		i++;
	return group->parts->pdata[i];
}

static void describe(VfSeries *series, const VfGroup *group)
{
	const VfPartInfo *first = speaker(group);
	gsize bytes = 0;

	series->id = g_strdup(first->message->id);
	series->title = g_strdup(first->subject.title);
	series->version = vf_group_version(group);
	series->resend = first->subject.resend;
	series->prefixes = g_strdupv(first->subject.prefixes);
	series->total = vf_group_total(group);
	series->first = series->last = first->arrived;
	for (guint i = 0; i < group->parts->len; i++) {
		const VfPartInfo *part = group->parts->pdata[i];

		series->first = MIN(series->first, part->arrived);
		series->last = MAX(series->last, part->arrived);
		series->opted_out |= part->message->opted_out;
		if (!series->base_commit)
			series->base_commit = g_strdup(part->base_commit);
		if (!series->change_id)
			series->change_id = g_strdup(part->change_id);
		if (!series->prerequisites && *part->prerequisites)
			series->prerequisites = g_strdupv(part->prerequisites);
		bytes += part->bytes;
	}
	if (!series->prerequisites)
		series->prerequisites = g_new0(char *, 1);
	if (series->total > VF_SERIES_PATCHES_MAX)
		series->problem = g_strdup_printf("%u patches are more than the %d that are tested",
						  series->total, VF_SERIES_PATCHES_MAX);
	else if (bytes > VF_SERIES_BYTES_MAX)
		series->problem = g_strdup_printf("its patches have %" G_GSIZE_FORMAT
						  " bytes, more than the %d that are tested",
						  bytes, VF_SERIES_BYTES_MAX);
}

/* Two mails for one number: the same patch twice does no harm. */
static void check_twice(VfSeries *series, const VfPartInfo *before, const VfPartInfo *part)
{
	if (part->subject.number && !series->problem && g_strcmp0(before->hash, part->hash))
		series->problem =
			g_strdup_printf("two different mails are patch %u", part->subject.number);
}

static void place(VfSeries *series, VfGroup *group)
{
	const VfPartInfo *before = NULL;

	g_ptr_array_set_size(series->patches, (gint)MIN(series->total, VF_SERIES_PATCHES_MAX));
	for (guint i = 0; i < group->parts->len; i++) {
		VfPartInfo *part = group->parts->pdata[i];
		guint number = part->subject.number;

		if (before && before->subject.number == number) {
			check_twice(series, before, part);
			continue;
		}
		before = part;
		if (!number)
			series->cover = vf_message_ref(part->message);
		else if (number <= series->patches->len)
			series->patches->pdata[number - 1] = vf_message_ref(part->message);
	}
}

/* KCIDB: sha256 over the newline-ended sha256 of each patch, in order. */
static char *patchset_hash(const VfGroup *group)
{
	g_autoptr(GString) hashes = g_string_new(NULL);
	guint last = 0;

	for (guint i = 0; i < group->parts->len; i++) {
		const VfPartInfo *part = group->parts->pdata[i];

		if (part->subject.number != last)
			g_string_append_printf(hashes, "%s\n", part->hash);
		last = part->subject.number;
	}
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, hashes->str, -1);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GStrv all_paths(const VfSeries *series)
{
	g_autoptr(GHashTable) set = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char **keys = NULL;
	GStrv paths;

	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];

		for (guint k = 0; patch && patch->paths[k]; k++)
			g_hash_table_add(set, patch->paths[k]);
	}
	keys = (char **)g_hash_table_get_keys_as_array(set, NULL);
	paths = g_strdupv(keys);
	qsort(paths, g_strv_length(paths), sizeof(*paths), by_name);
	return paths;
}

static guint missing(const VfSeries *series)
{
	guint count = 0;

	for (guint i = 0; i < series->patches->len; i++)
		count += !series->patches->pdata[i];
	return count;
}

static void check_damage(VfSeries *series)
{
	for (guint i = 0; i < series->patches->len && !series->problem; i++) {
		const VfMessage *patch = series->patches->pdata[i];

		if (patch && patch->damage)
			series->problem =
				g_strdup_printf("patch %u is damaged: %s", i + 1, patch->damage);
	}
}

static void judge(VfSeries *series, gint64 now, gint64 patience)
{
	guint lacking = missing(series);

	check_damage(series);
	if (series->problem) {
		series->state = VF_SERIES_BROKEN;
	} else if (!lacking) {
		series->state = VF_SERIES_COMPLETE;
	} else if (now - series->first < patience) {
		series->state = VF_SERIES_WAITING;
	} else {
		series->state = VF_SERIES_INCOMPLETE;
		series->problem = g_strdup_printf("%u of %u patches have not arrived", lacking,
						  series->total);
	}
}

VfSeries *vf_group_series(VfGroup *group, gint64 now, gint64 patience)
{
	VfSeries *series = vf_series_new();

	g_ptr_array_sort(group->parts, by_number);
	describe(series, group);
	place(series, group);
	series->paths = all_paths(series);
	judge(series, now, patience);
	if (!missing(series) && series->total <= VF_SERIES_PATCHES_MAX)
		series->patchset_hash = patchset_hash(group);
	return series;
}
