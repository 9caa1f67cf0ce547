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

void vf_group_free(gpointer data)
{
	VfGroup *group = data;

	g_ptr_array_unref(group->parts);
	g_free(group->root);
	g_free(group->hint);
	g_free(group);
}

const char *vf_message_parent(const VfMessage *message)
{
	guint count = g_strv_length(message->references);

	if (message->in_reply_to)
		return message->in_reply_to;
	return count ? message->references[count - 1] : NULL;
}

gboolean vf_part_answers(const VfPartInfo *part, const char *id)
{
	const VfMessage *message = part->message;

	return !g_strcmp0(message->in_reply_to, id) ||
	       g_strv_contains((const char *const *)message->references, id);
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

static guint revision_of(const VfPartInfo *part)
{
	return VF_REVISION(part->subject.version, part->subject.respin);
}

/* Patches before the cover letter, then by the time they were sent. */
static gboolean says_later(const VfPartInfo *a, const VfPartInfo *b)
{
	if (!a->subject.number != !b->subject.number)
		return a->subject.number != 0;
	if (a->message->date != b->message->date)
		return a->message->date > b->message->date;
	return a->subject.number > b->subject.number;
}

guint vf_group_total(const VfGroup *group)
{
	const VfPartInfo *last = NULL;
	guint total = 1;

	for (guint i = 0; i < group->parts->len; i++) {
		const VfPartInfo *part = group->parts->pdata[i];

		total = MAX(total, part->subject.number);
		if (!last || says_later(part, last))
			last = part;
	}
	return last ? MAX(total, last->subject.total) : total;
}

guint vf_group_revision(const VfGroup *group)
{
	guint revision = 0;

	for (guint i = 0; i < group->parts->len; i++)
		revision = MAX(revision, revision_of(group->parts->pdata[i]));
	return revision;
}

gboolean vf_group_is_context(const VfGroup *group)
{
	for (guint i = 0; i < group->parts->len; i++)
		if (!((VfPartInfo *)group->parts->pdata[i])->context)
			return FALSE;
	return TRUE;
}

/* The cover letter speaks for the series, then the patches in their order; what came twice by age. */
static int by_number(gconstpointer a, gconstpointer b)
{
	const VfPartInfo *x = *(VfPartInfo *const *)a, *y = *(VfPartInfo *const *)b;

	if (x->subject.number != y->subject.number)
		return x->subject.number < y->subject.number ? -1 : 1;
	if (x->message->date != y->message->date)
		return x->message->date < y->message->date ? -1 : 1;
	if (x->arrived != y->arrived)
		return x->arrived < y->arrived ? -1 : 1;
	return strcmp(x->message->id, y->message->id);
}

/* The first mail of the newest revision: patches of older ones may still stand beside it. */
static const VfPartInfo *speaker(const VfGroup *group)
{
	guint revision = vf_group_revision(group), i = 0;

	while (revision_of(group->parts->pdata[i]) < revision)
		i++;
	return group->parts->pdata[i];
}

static void describe(VfSeries *series, const VfGroup *group)
{
	const VfPartInfo *first = speaker(group);
	gsize bytes = 0;

	series->id = g_strdup(first->message->id);
	series->title = g_strdup(first->subject.title);
	series->version = VF_REVISION_VERSION(vf_group_revision(group));
	series->opted_out = group->opted_out;
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

G_GNUC_PRINTF(2, 3)
static void remark(VfSeries *series, const char *format, ...)
{
	g_autofree char *text = NULL, *before = g_steal_pointer(&series->remark);
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	series->remark = before ? g_strconcat(before, "; ", text, NULL) : g_steal_pointer(&text);
}

/* Where the parts with the number of the one at @from end; *differ: not all are the same patch. */
static guint run_end(const VfGroup *group, guint from, gboolean *differ)
{
	const VfPartInfo *first = group->parts->pdata[from];
	guint end = from;

	*differ = FALSE;
	for (; end < group->parts->len; end++) {
		const VfPartInfo *part = group->parts->pdata[end];

		if (part->subject.number != first->subject.number)
			break;
		*differ |= g_strcmp0(part->hash, first->hash) != 0;
	}
	return end;
}

/* Whether all patches were sent twice, which is a second posting and no confusion of numbers. */
static gboolean all_twice(const VfGroup *group)
{
	guint numbers = 0, end;
	gboolean differ;

	for (guint i = 0; i < group->parts->len; i = end) {
		end = run_end(group, i, &differ);
		if (!((VfPartInfo *)group->parts->pdata[i])->subject.number)
			continue;
		if (!differ)
			return FALSE;
		numbers++;
	}
	return numbers > 1;
}

/* Which of two mails for one number is meant; NULL when nothing says it. @b was sent later. */
static VfPartInfo *meant(VfPartInfo *a, VfPartInfo *b, gboolean twice)
{
	if (!a->subject.number || !g_strcmp0(a->hash, b->hash))
		return a;
	if (a->subject.resend != b->subject.resend)
		return a->subject.resend ? a : b;
	return twice || vf_part_answers(b, a->message->id) ? b : NULL;
}

/* The part for the number of the run; the others are the series' as well. */
static VfPartInfo *choose(VfSeries *series, const VfGroup *group, guint from, guint end,
			  gboolean twice, gboolean *unclear)
{
	VfPartInfo *chosen = group->parts->pdata[from];

	for (guint i = from + 1; i < end; i++) {
		VfPartInfo *part = group->parts->pdata[i];
		VfPartInfo *better = meant(chosen, part, twice);
		gboolean differ = g_strcmp0(chosen->hash, part->hash) != 0;

		if (!better)
			remark(series, "two different mails are patch %u", part->subject.number);
		else if (differ)
			remark(series, "patch %u was sent again: <%s> counts", part->subject.number,
			       better->message->id);
		*unclear |= !better;
		g_ptr_array_add(series->others,
				g_strdup((better == part ? chosen : part)->message->id));
		chosen = better ?: chosen;
	}
	return chosen;
}

/* Fills in cover letter and patches; @hashes: of those that are there, one a line. */
static void place(VfSeries *series, const VfGroup *group, GString *hashes, gboolean *unclear)
{
	gboolean twice = all_twice(group), differ;
	guint end;

	g_ptr_array_set_size(series->patches, (gint)MIN(series->total, VF_SERIES_PATCHES_MAX));
	for (guint i = 0; i < group->parts->len; i = end) {
		VfPartInfo *part;

		end = run_end(group, i, &differ);
		part = choose(series, group, i, end, twice, unclear);
		if (!part->subject.number) {
			series->cover = vf_message_ref(part->message);
		} else if (part->subject.number <= series->patches->len) {
			series->patches->pdata[part->subject.number - 1] =
				vf_message_ref(part->message);
			g_string_append_printf(hashes, "%s\n", part->hash);
		}
	}
}

/* Different totals are a slip, or a patch more or less than was meant at first. */
static void check_totals(VfSeries *series, const VfGroup *group)
{
	for (guint i = 0; i < group->parts->len; i++) {
		const VfPartInfo *part = group->parts->pdata[i];

		if (part->subject.numbered && part->subject.total != series->total) {
			remark(series, "<%s> says %u/%u, the series has %u patches",
			       part->message->id, part->subject.number, part->subject.total,
			       series->total);
			return;
		}
	}
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

/* What is unclear or missing may be so because the rest is still on its way. */
static void judge(VfSeries *series, const VfGroup *group, gboolean unclear, gint64 now,
		  gint64 patience)
{
	guint lacking = missing(series);

	check_damage(series);
	if (series->problem) {
		series->state = VF_SERIES_BROKEN;
	} else if (unclear && now - series->last >= patience) {
		series->state = VF_SERIES_BROKEN;
		series->problem = g_steal_pointer(&series->remark);
	} else if (unclear || (lacking && now - series->first < patience)) {
		series->state = VF_SERIES_WAITING;
	} else if (lacking) {
		series->state = VF_SERIES_INCOMPLETE;
		series->problem =
			g_strdup_printf("%u of %u patches have not arrived%s%s", lacking,
					series->total, group->hint ? "; " : "", group->hint ?: "");
	} else {
		series->state = VF_SERIES_COMPLETE;
	}
}

VfSeries *vf_group_series(VfGroup *group, gint64 now, gint64 patience)
{
	VfSeries *series = vf_series_new();
	g_autoptr(GString) hashes = g_string_new(NULL);
	gboolean unclear = FALSE;

	g_ptr_array_sort(group->parts, by_number);
	describe(series, group);
	place(series, group, hashes, &unclear);
	check_totals(series, group);
	if (group->hint)
		remark(series, "%s", group->hint);
	series->paths = all_paths(series);
	judge(series, group, unclear, now, patience);
	/* KCIDB: sha256 over the newline-ended sha256 of each patch, in order */
	if (!missing(series) && series->total <= VF_SERIES_PATCHES_MAX)
		series->patchset_hash =
			g_compute_checksum_for_string(G_CHECKSUM_SHA256, hashes->str, -1);
	return series;
}
