// SPDX-License-Identifier: GPL-2.0-or-later
/* Which series are revisions of the same one. */
#include "mail/series-impl.h"

#include <string.h>

/* A series as a member of a set of revisions; the sets are trees of parents. */
typedef struct Revision {
	VfSeries *series;
	const VfGroup *group;
	guint number; /* version and respin */
	gboolean rfc;
	gint64 date; /* of its first mail */
	guint epoch; /* numbers are compared within one */
	struct Revision *parent;
} Revision;

static void revision_free(gpointer data)
{
	Revision *revision = data;

	vf_series_unref(revision->series);
	g_free(revision);
}

static Revision *leader(Revision *revision)
{
	while (revision->parent) {
		if (revision->parent->parent)
			revision->parent = revision->parent->parent;
		revision = revision->parent;
	}
	return revision;
}

static void unite(Revision *a, Revision *b)
{
	a = leader(a);
	b = leader(b);
	if (a != b)
		a->parent = b;
}

static const char *sender_of(const Revision *revision)
{
	return ((VfPartInfo *)revision->group->parts->pdata[0])->sender;
}

static gint64 date_of(const VfGroup *group)
{
	guint revision = vf_group_revision(group);
	gint64 date = G_MAXINT64;

	for (guint i = 0; i < group->parts->len; i++) {
		const VfPartInfo *part = group->parts->pdata[i];

		if (VF_REVISION(part->subject.version, part->subject.respin) == revision)
			date = MIN(date, part->message->date);
	}
	return date;
}

/* The first with a key stands for all with it. */
static void unite_by_key(GHashTable *keys, char *key, Revision *revision)
{
	Revision *other = g_hash_table_lookup(keys, key);

	if (other) {
		unite(revision, other);
		g_free(key);
	} else {
		g_hash_table_insert(keys, key, revision);
	}
}

static char *title_key(const Revision *revision)
{
	g_autofree char *title = g_utf8_casefold(revision->series->title, -1);

	return g_strdup_printf("title %s %s", sender_of(revision), title);
}

static char *change_key(const Revision *revision)
{
	return g_strconcat("change ", revision->series->change_id, NULL);
}

/* An answer to mails of an older revision by the same sender. A patch alone may be anything. */
static void unite_by_thread(Revision *revision, GHashTable *index, GHashTable *by_group)
{
	for (guint i = 0; i < revision->group->parts->len; i++) {
		const VfPartInfo *part = revision->group->parts->pdata[i];
		const char *parent = part->message->in_reply_to;
		const VfGroup *group = parent ? g_hash_table_lookup(index, parent) : NULL;
		Revision *other = group ? g_hash_table_lookup(by_group, group) : NULL;

		if (other && other != revision && part->subject.versioned &&
		    other->number < revision->number &&
		    !strcmp(sender_of(other), sender_of(revision)))
			unite(revision, other);
	}
}

/* The date decides between an RFC and what became of it, the number among those of one kind. */
static gboolean newer(const Revision *a, const Revision *b)
{
	if (a->epoch != b->epoch)
		return a->epoch > b->epoch;
	if (a->number != b->number)
		return a->number > b->number;
	if (a->date != b->date)
		return a->date > b->date;
	return strcmp(a->series->id, b->series->id) > 0;
}

typedef struct Ends {
	Revision *newest, *oldest;
	Revision *last; /* by date, while epochs are numbered */
	guint highest;	/* number in its epoch */
	const char *change_id;
} Ends;

/* Where RFCs end and patches begin, or the other way round, numbers may begin again. */
static void number_epoch(Revision *revision, Ends *end)
{
	if (end->last)
		revision->epoch = end->last->epoch;
	if (end->last && end->last->rfc != revision->rfc && revision->number <= end->highest) {
		revision->epoch++;
		end->highest = 0;
	}
	end->highest = MAX(end->highest, revision->number);
	end->last = revision;
}

static int by_sending(gconstpointer a, gconstpointer b)
{
	const Revision *x = *(Revision *const *)a, *y = *(Revision *const *)b;

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	return strcmp(x->series->id, y->series->id);
}

/* The ends of each set, by its leader. @all is by date. */
static GHashTable *find_ends(const GPtrArray *all)
{
	GHashTable *ends = g_hash_table_new_full(NULL, NULL, NULL, g_free);

	for (guint i = 0; i < all->len; i++) {
		Revision *revision = all->pdata[i];
		Ends *end = g_hash_table_lookup(ends, leader(revision));

		if (!end) {
			end = g_new0(Ends, 1);
			end->newest = end->oldest = revision;
			g_hash_table_insert(ends, leader(revision), end);
		}
		number_epoch(revision, end);
		if (newer(revision, end->newest))
			end->newest = revision;
		if (newer(end->oldest, revision))
			end->oldest = revision;
		if (!end->change_id)
			end->change_id = revision->series->change_id;
	}
	return ends;
}

/*
 * What was sent again under the same number replaces when it is whole. Single patches with one
 * title may be two patches.
 */
static gboolean replaces(const Revision *newest, const Revision *revision)
{
	const VfSeries *again = newest->series, *series = revision->series;

	if (newest->epoch > revision->epoch || newest->number > revision->number)
		return TRUE;
	if (again->state != VF_SERIES_COMPLETE)
		return FALSE;
	return again->resend || (again->total > 1 && series->total > 1) ||
	       !g_strcmp0(again->patchset_hash, series->patchset_hash);
}

/* "2", "1.1" */
static char *number_text(const Revision *revision)
{
	guint version = VF_REVISION_VERSION(revision->number);
	guint respin = revision->number - VF_REVISION(version, 0);

	if (!respin)
		return g_strdup_printf("%u", version);
	return respin % 100 ? g_strdup_printf("%u.%u.%u", version, respin / 100, respin % 100)
			    : g_strdup_printf("%u.%u", version, respin / 100);
}

static char *reason(const Revision *newest, const Revision *revision)
{
	g_autofree char *number = number_text(newest);

	if (newest->epoch > revision->epoch && newest->rfc != revision->rfc)
		return g_strdup_printf("%s version %s was sent after it",
				       newest->rfc ? "RFC" : "patch", number);
	if (newest->number == revision->number)
		return g_strdup_printf("it was sent again as <%s>", newest->series->id);
	return g_strdup_printf("version %s has arrived", number);
}

/* RFCs and patches count their versions apart. */
static char *lineage(const Revision *revision, const Ends *ends)
{
	g_autofree char *key = ends->change_id ? g_strconcat("change ", ends->change_id, NULL)
					       : title_key(ends->oldest);
	g_autofree char *kind = g_strconcat(key, revision->rfc ? " rfc" : NULL, NULL);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, kind, -1);
}

static void apply(Revision *revision, const Ends *ends)
{
	VfSeries *series = revision->series;

	series->lineage = lineage(revision, ends);
	if (revision == ends->newest || !replaces(ends->newest, revision))
		return;
	series->state = VF_SERIES_SUPERSEDED;
	g_free(series->problem);
	series->problem = reason(ends->newest, revision);
}

static void unite_all(const GPtrArray *all, GHashTable *index)
{
	g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) by_group = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < all->len; i++) {
		Revision *revision = all->pdata[i];

		g_hash_table_insert(by_group, (gpointer)revision->group, revision);
		unite_by_key(keys, title_key(revision), revision);
		if (revision->series->change_id)
			unite_by_key(keys, change_key(revision), revision);
	}
	for (guint i = 0; i < all->len; i++)
		unite_by_thread(all->pdata[i], index, by_group);
}

static gboolean is_rfc(const VfGroup *group)
{
	for (guint i = 0; i < group->parts->len; i++)
		if (((VfPartInfo *)group->parts->pdata[i])->subject.rfc)
			return TRUE;
	return FALSE;
}

static GPtrArray *make_all(const GPtrArray *groups, gint64 now, gint64 patience)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(revision_free);

	for (guint i = 0; i < groups->len; i++) {
		Revision *revision = g_new0(Revision, 1);

		revision->group = groups->pdata[i];
		revision->series = vf_group_series(groups->pdata[i], now, patience);
		revision->date = date_of(revision->group);
		revision->number = vf_group_revision(revision->group);
		revision->rfc = is_rfc(revision->group);
		g_ptr_array_add(all, revision);
	}
	return all;
}

static int by_arrival(gconstpointer a, gconstpointer b)
{
	const VfSeries *x = *(VfSeries *const *)a, *y = *(VfSeries *const *)b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void unref_series(gpointer series)
{
	vf_series_unref(series);
}

GPtrArray *vf_revisions(const GPtrArray *groups, GHashTable *index, gint64 now, gint64 patience)
{
	g_autoptr(GPtrArray) all = make_all(groups, now, patience);
	GPtrArray *out = g_ptr_array_new_with_free_func(unref_series);
	g_autoptr(GHashTable) ends = NULL;

	unite_all(all, index);
	g_ptr_array_sort(all, by_sending);
	ends = find_ends(all);
	for (guint i = 0; i < all->len; i++) {
		Revision *revision = all->pdata[i];

		apply(revision, g_hash_table_lookup(ends, leader(revision)));
		if (!vf_group_is_context(revision->group))
			g_ptr_array_add(out, vf_series_ref(revision->series));
	}
	g_ptr_array_sort(out, by_arrival);
	return out;
}
