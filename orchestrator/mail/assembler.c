// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/series-impl.h"

#include <string.h>

/* Threads are followed upwards this far. */
#define DEPTH_MAX 500
/* Mails of one series that were sent without threading lie no further apart. */
#define TOGETHER_SECONDS (24 * 3600)

struct VfAssembler {
	GHashTable *ids;  /* Message-ID to VfPartInfo, both the part's */
	GPtrArray *parts; /* of VfPartInfo */
};

static void free_group(gpointer group)
{
	vf_group_free(group);
}

VfAssembler *vf_assembler_new(void)
{
	VfAssembler *assembler = g_new0(VfAssembler, 1);

	assembler->ids = g_hash_table_new(g_str_hash, g_str_equal);
	assembler->parts = g_ptr_array_new_with_free_func(vf_part_info_unref);
	return assembler;
}

void vf_assembler_free(VfAssembler *assembler)
{
	if (!assembler)
		return;
	g_hash_table_unref(assembler->ids);
	g_ptr_array_unref(assembler->parts);
	g_free(assembler);
}

static gboolean is_rfc(const VfSubject *subject)
{
	for (guint i = 0; subject->prefixes[i]; i++)
		if (!g_ascii_strncasecmp(subject->prefixes[i], "rfc", 3))
			return TRUE;
	return FALSE;
}

static gboolean wanted(const VfPartInfo *part)
{
	const VfSubject *subject = &part->subject;

	if (subject->reply || (!subject->patch && !subject->numbered && !is_rfc(subject)))
		return FALSE;
	if (subject->number > VF_SERIES_PATCHES_MAX)
		return FALSE;
	return subject->number ? part->message->text != NULL : subject->numbered;
}

gboolean vf_assembler_wants(const VfMessage *message)
{
	g_autoptr(VfPartInfo) part = vf_part_info_new(vf_message_ref((VfMessage *)message), 0);

	return wanted(part);
}

void vf_assembler_add(VfAssembler *assembler, VfMessage *message, gint64 arrived, guint flags)
{
	g_autoptr(VfPartInfo) part = vf_part_info_new(message, arrived);

	if (!wanted(part) || g_hash_table_contains(assembler->ids, message->id))
		return;
	part->context = (flags & VF_PART_CONTEXT) != 0;
	if (flags & VF_PART_LIGHT)
		vf_message_lighten(message);
	g_hash_table_insert(assembler->ids, message->id, part);
	g_ptr_array_add(assembler->parts, g_steal_pointer(&part));
}

static const char *parent_of(const VfMessage *message)
{
	guint count = g_strv_length(message->references);

	if (message->in_reply_to)
		return message->in_reply_to;
	return count ? message->references[count - 1] : NULL;
}

/* The first mail of the thread, as far as it is known. */
static const char *root_of(const VfAssembler *assembler, const VfMessage *message)
{
	const char *root = message->id;

	for (guint depth = 0; depth < DEPTH_MAX; depth++) {
		const VfPartInfo *part = g_hash_table_lookup(assembler->ids, root);
		const char *up;

		if (!part)
			break;
		up = part->message->references[0] ?: parent_of(part->message);
		if (!up || !strcmp(up, root))
			break;
		root = up;
	}
	return root;
}

/* A patch alone is a series of its own, unless it is the "1/1" of a cover letter. */
static gboolean is_alone(const VfAssembler *assembler, const VfPartInfo *part)
{
	const char *parent = parent_of(part->message);
	const VfPartInfo *above = parent ? g_hash_table_lookup(assembler->ids, parent) : NULL;

	return part->subject.total == 1 && part->subject.number == 1 &&
	       (!part->subject.numbered || !above || above->subject.number != 0);
}

/* What the mails of one revision have in common. */
static char *group_key(const VfAssembler *assembler, const VfPartInfo *part, const char *root)
{
	const VfSubject *subject = &part->subject;

	if (is_alone(assembler, part))
		return g_strdup_printf("1 %s", part->message->id);
	return g_strdup_printf("%u %d %s %s", subject->version, subject->resend, part->sender,
			       root);
}

static GPtrArray *group_parts(VfAssembler *assembler)
{
	g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *groups = g_ptr_array_new_with_free_func(free_group);

	for (guint i = 0; i < assembler->parts->len; i++) {
		VfPartInfo *part = assembler->parts->pdata[i];
		const char *root = root_of(assembler, part->message);
		char *key = group_key(assembler, part, root);
		VfGroup *group = g_hash_table_lookup(by_key, key);

		if (!group) {
			group = vf_group_new(root);
			g_ptr_array_add(groups, group);
			g_hash_table_insert(by_key, key, group);
		} else {
			g_free(key);
		}
		g_ptr_array_add(group->parts, vf_part_info_ref(part));
	}
	return groups;
}

static gboolean is_loose(const VfGroup *group)
{
	const VfPartInfo *part = group->parts->pdata[0];

	return group->parts->len == 1 && part->subject.total > 1 && !parent_of(part->message);
}

/* Sent one by one: same sender, version and total, within a day, and the number is not taken. */
static gboolean belongs(const VfGroup *group, const VfGroup *loose)
{
	const VfPartInfo *a = group->parts->pdata[0], *b = loose->parts->pdata[0];

	return !strcmp(a->sender, b->sender) && a->subject.version == b->subject.version &&
	       a->subject.total == b->subject.total && a->subject.resend == b->subject.resend &&
	       ABS(a->message->date - b->message->date) <= TOGETHER_SECONDS &&
	       !vf_group_part(group, b->subject.number);
}

static char *loose_key(const VfGroup *group)
{
	const VfPartInfo *part = group->parts->pdata[0];

	return g_strdup_printf("%u %u %s", part->subject.version, part->subject.total,
			       part->sender);
}

/* Joins what has no threading with the last group that it fits to. */
static void join_loose(GPtrArray *groups)
{
	g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i], *before;
		g_autofree char *key = NULL;

		if (!is_loose(group))
			continue;
		key = loose_key(group);
		before = g_hash_table_lookup(last, key);
		if (before && belongs(before, group)) {
			g_ptr_array_add(before->parts, g_ptr_array_steal_index(group->parts, 0));
		} else {
			g_hash_table_replace(last, g_steal_pointer(&key), group);
		}
	}
	for (guint i = groups->len; i-- > 0;)
		if (!((VfGroup *)groups->pdata[i])->parts->len)
			g_ptr_array_remove_index(groups, i);
}

/*
 * "[PATCH v2 2/3]" alone in reply to "[PATCH 2/3]" replaces that patch, the others stay. TRUE when
 * each patch of @newer is such a reply.
 */
static gboolean is_partial(const VfGroup *newer, const VfGroup *older)
{
	for (guint i = 0; i < newer->parts->len; i++) {
		const VfPartInfo *part = newer->parts->pdata[i];
		const VfPartInfo *same = vf_group_part(older, part->subject.number);
		const char *parent = parent_of(part->message);

		if (!part->subject.number || part->subject.total != vf_group_total(older) ||
		    !same || !parent || strcmp(parent, same->message->id) ||
		    strcmp(part->sender, same->sender))
			return FALSE;
	}
	return vf_group_version(newer) > vf_group_version(older);
}

static void complete(VfGroup *newer, const VfGroup *older)
{
	for (guint number = 1; number <= vf_group_total(older); number++) {
		VfPartInfo *part = vf_group_part(older, number);

		if (part && !vf_group_part(newer, number))
			g_ptr_array_add(newer->parts, vf_part_info_ref(part));
	}
}

/* The group that has the mail with the id, by id. */
static GHashTable *index_groups(const GPtrArray *groups)
{
	GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];

		for (guint k = 0; k < group->parts->len; k++) {
			VfPartInfo *part = group->parts->pdata[k];

			g_hash_table_insert(index, part->message->id, group);
		}
	}
	return index;
}

static int by_version(gconstpointer a, gconstpointer b)
{
	guint x = vf_group_version(*(VfGroup *const *)a),
	      y = vf_group_version(*(VfGroup *const *)b);

	return x < y ? -1 : x > y;
}

/* From old to new, so that v3 can stand on what v2 took from v1. */
static void complete_partial(GPtrArray *groups, GHashTable *index)
{
	g_ptr_array_sort(groups, by_version);
	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];
		const VfPartInfo *first = group->parts->pdata[0];
		const char *parent = parent_of(first->message);
		const VfGroup *older = parent ? g_hash_table_lookup(index, parent) : NULL;

		if (older && older != group && first->subject.total > 1 && is_partial(group, older))
			complete(group, older);
	}
}

GPtrArray *vf_assembler_finish(VfAssembler *assembler, gint64 now, gint64 patience)
{
	g_autoptr(GPtrArray) groups = group_parts(assembler);
	g_autoptr(GHashTable) index = NULL;
	GPtrArray *series;

	join_loose(groups);
	index = index_groups(groups);
	complete_partial(groups, index);
	series = vf_revisions(groups, index, now, patience);
	g_hash_table_remove_all(assembler->ids);
	g_ptr_array_set_size(assembler->parts, 0);
	return series;
}
