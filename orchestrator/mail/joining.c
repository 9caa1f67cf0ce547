// SPDX-License-Identifier: GPL-2.0-or-later
/* One series in several threads. */
#include "mail/series-impl.h"

#include <string.h>

/* Mails of one series that were sent without threading lie no further apart. */
#define TOGETHER_SECONDS (24 * 3600)
/* So many earlier groups of one sender are looked at. */
#define LOOK_BACK 50
/* One of two groups is meant when the other one is so much further away in time. */
#define NEARER 4

static const VfPartInfo *first_of(const VfGroup *group)
{
	const VfPartInfo *first = group->parts->pdata[0];

	for (guint i = 1; i < group->parts->len; i++) {
		const VfPartInfo *part = group->parts->pdata[i];

		if (part->subject.number < first->subject.number)
			first = part;
	}
	return first;
}

/* When it was sent; a mail without a date when it arrived. */
static gint64 date_of(const VfPartInfo *part)
{
	return part->message->date ?: part->arrived / G_USEC_PER_SEC;
}

static gint64 began(const VfGroup *group)
{
	gint64 date = G_MAXINT64;

	for (guint i = 0; i < group->parts->len; i++)
		date = MIN(date, date_of(group->parts->pdata[i]));
	return date;
}

/* Seconds between the two mails that are nearest in time. */
static gint64 distance(const VfGroup *a, const VfGroup *b)
{
	gint64 nearest = G_MAXINT64;

	for (guint i = 0; i < a->parts->len; i++)
		for (guint k = 0; k < b->parts->len; k++) {
			gint64 apart = date_of(a->parts->pdata[i]) - date_of(b->parts->pdata[k]);

			nearest = MIN(nearest, ABS(apart));
		}
	return nearest;
}

static gboolean has_all_patches(const VfGroup *group)
{
	for (guint number = vf_group_total(group); number; number--)
		if (!vf_group_part(group, number))
			return FALSE;
	return TRUE;
}

static gboolean has_cover_only(const VfGroup *group)
{
	return group->parts->len == 1 && !first_of(group)->subject.number;
}

/*
 * Something may be missing: a patch, or the cover letter that a patch names and nobody knows. A
 * thread that begins with its first patch never had one.
 */
static gboolean is_open(const VfGroup *group, GHashTable *ids)
{
	const VfPartInfo *first;
	const char *parent;

	if (!group->parts->len || group->partial || group->parts->len > VF_SERIES_PATCHES_MAX ||
	    vf_group_total(group) == 1)
		return FALSE;
	if (!has_all_patches(group))
		return TRUE;
	first = first_of(group);
	parent = vf_message_parent(first->message);
	return first->subject.number && parent && !g_hash_table_contains(ids, parent);
}

static gboolean share_no_number(const VfGroup *a, const VfGroup *b)
{
	for (guint i = 0; i < a->parts->len; i++)
		if (vf_group_part(b, ((VfPartInfo *)a->parts->pdata[i])->subject.number))
			return FALSE;
	return TRUE;
}

/* The same words in the brackets; a RESEND stands in some of a series. */
static gboolean same_prefixes(const VfGroup *a, const VfGroup *b)
{
	const VfSubject *x = &first_of(a)->subject, *y = &first_of(b)->subject;

	return x->resend != y->resend ||
	       g_strv_equal((const char *const *)x->prefixes, (const char *const *)y->prefixes);
}

static gboolean fits(const VfGroup *before, const VfGroup *group, GHashTable *ids)
{
	return is_open(before, ids) && share_no_number(before, group) &&
	       distance(before, group) <= TOGETHER_SECONDS;
}

static void take_over(VfGroup *into, VfGroup *from)
{
	while (from->parts->len)
		g_ptr_array_add(into->parts,
				g_ptr_array_steal_index_fast(from->parts, from->parts->len - 1));
	into->opted_out |= from->opted_out;
}

static gboolean opts_out(const VfGroup *group)
{
	for (guint i = 0; i < group->parts->len; i++)
		if (((VfPartInfo *)group->parts->pdata[i])->message->opted_out)
			return TRUE;
	return FALSE;
}

/* Takes @text over; the first one is kept. */
static void hint(VfGroup *group, char *text)
{
	if (group->hint)
		g_free(text);
	else
		group->hint = text;
}

/* Nothing is joined, and whoever opted out of one of them has opted out of all. */
static void say_unclear(VfGroup *a, VfGroup *b, VfGroup *group)
{
	const char *id = first_of(group)->message->id;
	gboolean out = opts_out(group);

	hint(group, g_strdup_printf("<%s> may belong to <%s> or to <%s>", id,
				    first_of(a)->message->id, first_of(b)->message->id));
	hint(a, g_strdup_printf("<%s> may belong to it", id));
	hint(b, g_strdup_printf("<%s> may belong to it", id));
	a->opted_out |= out;
	b->opted_out |= out;
	group->opted_out |= opts_out(a) || opts_out(b);
}

/* The better of two that fit: by the words in the brackets, then clearly nearer in time. */
static int compare(const VfGroup *a, const VfGroup *b, const VfGroup *group)
{
	gint64 to_a = distance(a, group), to_b = distance(b, group);
	int words = same_prefixes(a, group) - same_prefixes(b, group);

	if (words)
		return words;
	if (to_a * NEARER < to_b)
		return 1;
	return to_b * NEARER < to_a ? -1 : 0;
}

/* Puts @group into the one of @before (of VfGroup) that it belongs to. */
static gboolean find_home(const GPtrArray *before, VfGroup *group, GHashTable *ids)
{
	VfGroup *best = NULL, *rival = NULL;
	guint from = before->len > LOOK_BACK ? before->len - LOOK_BACK : 0;

	for (guint i = from; i < before->len; i++) {
		VfGroup *other = before->pdata[i];
		int better;

		if (!fits(other, group, ids))
			continue;
		better = best ? compare(other, best, group) : 1;
		if (better > 0)
			rival = NULL;
		else if (!better)
			rival = best;
		if (better >= 0)
			best = other;
	}
	if (rival)
		say_unclear(rival, best, group);
	else if (best)
		take_over(best, group);
	return best && !rival;
}

static int by_date(gconstpointer a, gconstpointer b)
{
	gint64 x = began(*(VfGroup *const *)a), y = began(*(VfGroup *const *)b);

	return x < y ? -1 : x > y;
}

static void free_groups(gpointer groups)
{
	g_ptr_array_unref(groups);
}

/* Groups by what they have in common: version, total and one more thing. */
static GHashTable *buckets_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_groups);
}

static GPtrArray *bucket(GHashTable *buckets, const VfGroup *group, const char *common)
{
	char *key = g_strdup_printf("%u %u %s", vf_group_revision(group), vf_group_total(group),
				    common);
	GPtrArray *groups = g_hash_table_lookup(buckets, key);

	if (groups) {
		g_free(key);
		return groups;
	}
	groups = g_ptr_array_new();
	g_hash_table_insert(buckets, key, groups);
	return groups;
}

static void join_later(const GPtrArray *groups, GHashTable *ids)
{
	g_autoptr(GHashTable) buckets = buckets_new();

	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];
		GPtrArray *before;

		if (!is_open(group, ids))
			continue;
		before = bucket(buckets, group, first_of(group)->sender);
		if (!find_home(before, group, ids))
			g_ptr_array_add(before, group);
	}
}

/* The cover letter that the patches of @group answer directly, without patches of its own. */
static VfGroup *cover_above(const VfGroup *group, GHashTable *covers)
{
	const VfPartInfo *first = first_of(group);
	const char *parent = vf_message_parent(first->message);
	VfGroup *above =
		parent && first->subject.number ? g_hash_table_lookup(covers, parent) : NULL;
	const VfPartInfo *cover = above && above->parts->len ? above->parts->pdata[0] : NULL;

	return cover && !group->partial && !strcmp(cover->sender, first->sender) &&
			       cover->subject.total == vf_group_total(group)
		       ? above
		       : NULL;
}

/* "[PATCH v2 1/2]" below a "[PATCH 0/2]": the version was left out in one of them. */
static void join_covers(const GPtrArray *groups)
{
	g_autoptr(GHashTable) covers = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < groups->len; i++)
		if (has_cover_only(groups->pdata[i]))
			g_hash_table_insert(covers, first_of(groups->pdata[i])->message->id,
					    groups->pdata[i]);
	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];
		VfGroup *above = group->parts->len ? cover_above(group, covers) : NULL;
		VfPartInfo *cover = above ? above->parts->pdata[0] : NULL;

		if (!cover)
			continue;
		cover->subject.version = first_of(group)->subject.version;
		cover->subject.respin = first_of(group)->subject.respin;
		take_over(group, above);
	}
}

/* A patch that @group lacks is there, but from somebody else, or from another address of his. */
static void hint_sender(VfGroup *group, const VfGroup *other)
{
	const VfPartInfo *part = first_of(other);

	if (strcmp(first_of(group)->sender, part->sender) && share_no_number(group, other))
		hint(group, g_strdup_printf("%s%u is there from %s: all of a series has one sender",
					    part->subject.number ? "patch " : "cover letter ",
					    part->subject.number, part->sender));
}

static void hint_pair(VfGroup *a, VfGroup *b)
{
	if (distance(a, b) > TOGETHER_SECONDS)
		return;
	hint_sender(a, b);
	hint_sender(b, a);
}

static void hint_all(const GPtrArray *groups, GHashTable *ids, char *(*common)(const VfGroup *))
{
	g_autoptr(GHashTable) buckets = buckets_new();

	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];
		g_autofree char *what = NULL;
		GPtrArray *before;

		if (!is_open(group, ids))
			continue;
		what = common(group);
		before = bucket(buckets, group, what);
		for (guint k = before->len; k-- > 0 && before->len - k <= LOOK_BACK;)
			hint_pair(group, before->pdata[k]);
		g_ptr_array_add(before, group);
	}
}

static char *thread_of(const VfGroup *group)
{
	const VfMessage *message = first_of(group)->message;
	const char *parent = vf_message_parent(message);

	return g_strdup(message->references[0] ?: parent ?: message->id);
}

static char *name_of(const VfGroup *group)
{
	return g_utf8_casefold(first_of(group)->message->from->name, -1);
}

static void drop_empty(GPtrArray *groups)
{
	guint kept = 0;

	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = g_steal_pointer(&groups->pdata[i]);

		if (group->parts->len)
			groups->pdata[kept++] = group;
		else
			vf_group_free(group);
	}
	g_ptr_array_set_free_func(groups, NULL);
	g_ptr_array_set_size(groups, (gint)kept);
	g_ptr_array_set_free_func(groups, vf_group_free);
}

void vf_groups_join(GPtrArray *groups, GHashTable *ids)
{
	join_covers(groups);
	drop_empty(groups);
	g_ptr_array_sort(groups, by_date);
	join_later(groups, ids);
	drop_empty(groups);
	hint_all(groups, ids, thread_of);
	hint_all(groups, ids, name_of);
}
