// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/series-impl.h"

#include <string.h>

/* Threads are followed upwards this far. */
#define DEPTH_MAX 500

struct VfAssembler {
	GHashTable *ids;  /* Message-ID to VfPartInfo, both the part's */
	GPtrArray *parts; /* of VfPartInfo */
};

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

static gboolean wanted(const VfPartInfo *part)
{
	const VfSubject *subject = &part->subject;

	if (subject->reply || (!subject->patch && !subject->numbered && !subject->rfc))
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

/* The first mail of the thread, as far as it is known. */
static const char *root_of(const VfAssembler *assembler, const VfMessage *message)
{
	const char *root = message->id;

	for (guint depth = 0; depth < DEPTH_MAX; depth++) {
		const VfPartInfo *part = g_hash_table_lookup(assembler->ids, root);
		const char *up;

		if (!part)
			break;
		up = part->message->references[0] ?: vf_message_parent(part->message);
		if (!up || !strcmp(up, root))
			break;
		root = up;
	}
	return root;
}

static gboolean is_cover_of(const VfPartInfo *cover, const VfPartInfo *part)
{
	return cover && !cover->subject.number && !strcmp(cover->sender, part->sender) &&
	       cover->subject.version == part->subject.version &&
	       cover->subject.respin == part->subject.respin;
}

/* A cover letter among what @part's mail names as its ancestors, the nearest. */
static const VfPartInfo *named_cover(const VfAssembler *assembler, const VfPartInfo *at,
				     const VfPartInfo *part)
{
	const VfMessage *message = at->message;
	const char *parent = vf_message_parent(message);
	const VfPartInfo *cover = parent ? g_hash_table_lookup(assembler->ids, parent) : NULL;

	for (guint i = g_strv_length(message->references); i-- > 0 && !is_cover_of(cover, part);)
		cover = g_hash_table_lookup(assembler->ids, message->references[i]);
	return is_cover_of(cover, part) ? cover : NULL;
}

/* The cover letter that @part hangs below. A mail names its ancestors, or its parent alone. */
static const VfPartInfo *cover_of(const VfAssembler *assembler, const VfPartInfo *part)
{
	const VfPartInfo *at = part;

	for (guint depth = 0; at && depth < DEPTH_MAX; depth++) {
		const VfPartInfo *cover = named_cover(assembler, at, part);
		const char *parent = vf_message_parent(at->message);

		if (cover)
			return cover;
		at = parent ? g_hash_table_lookup(assembler->ids, parent) : NULL;
	}
	return NULL;
}

/* A patch alone is a series of its own, unless it is the "1/1" of a cover letter. */
static gboolean is_alone(const VfAssembler *assembler, const VfPartInfo *part)
{
	const char *parent = vf_message_parent(part->message);
	const VfPartInfo *above = parent ? g_hash_table_lookup(assembler->ids, parent) : NULL;

	return part->subject.total == 1 && part->subject.number == 1 &&
	       (!part->subject.numbered || !above || above->subject.number != 0);
}

/* What the mails of one posting have in common. */
static char *group_key(const VfAssembler *assembler, const VfPartInfo *part, const char **root)
{
	const VfSubject *subject = &part->subject;
	const VfPartInfo *cover = NULL;

	*root = part->message->id;
	if (is_alone(assembler, part))
		return g_strdup_printf("1 %s", part->message->id);
	if (subject->number)
		cover = cover_of(assembler, part);
	if (cover)
		*root = cover->message->id;
	else if (subject->number)
		*root = root_of(assembler, part->message);
	return g_strdup_printf("%u %s %s", VF_REVISION(subject->version, subject->respin),
			       part->sender, *root);
}

/* Only the cover letter, or the first patch, says which version it is. */
static void inherit_version(const VfAssembler *assembler, VfPartInfo *part)
{
	const char *parent = vf_message_parent(part->message);
	const VfPartInfo *above = parent ? g_hash_table_lookup(assembler->ids, parent) : NULL;
	VfSubject *subject = &part->subject;

	if (subject->versioned || !subject->numbered || !subject->number || !above ||
	    !above->subject.versioned || above->subject.number >= MIN(subject->number, 2) ||
	    above->subject.total != subject->total || strcmp(above->sender, part->sender))
		return;
	subject->version = above->subject.version;
	subject->respin = above->subject.respin;
}

static GPtrArray *group_parts(VfAssembler *assembler)
{
	g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *groups = g_ptr_array_new_with_free_func(vf_group_free);

	for (guint i = 0; i < assembler->parts->len; i++)
		inherit_version(assembler, assembler->parts->pdata[i]);
	for (guint i = 0; i < assembler->parts->len; i++) {
		VfPartInfo *part = assembler->parts->pdata[i];
		const char *root;
		char *key = group_key(assembler, part, &root);
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

/*
 * "[PATCH v2 2/3]" alone in reply to "[PATCH 2/3]" replaces that patch, the others stay. TRUE when
 * each patch of @newer is such a reply.
 */
static gboolean is_partial(const VfGroup *newer, const VfGroup *older)
{
	for (guint i = 0; i < newer->parts->len; i++) {
		const VfPartInfo *part = newer->parts->pdata[i];
		const VfPartInfo *same = vf_group_part(older, part->subject.number);

		if (!part->subject.number || part->subject.total != vf_group_total(older) ||
		    !same || !vf_part_answers(part, same->message->id) ||
		    strcmp(part->sender, same->sender))
			return FALSE;
	}
	return vf_group_revision(newer) > vf_group_revision(older);
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

static int by_revision(gconstpointer a, gconstpointer b)
{
	guint x = vf_group_revision(*(VfGroup *const *)a),
	      y = vf_group_revision(*(VfGroup *const *)b);

	return x < y ? -1 : x > y;
}

/* The group that the first patch of @group answers, also by way of somebody's review. */
static const VfGroup *answered(const VfGroup *group, GHashTable *index)
{
	const VfMessage *message = ((VfPartInfo *)group->parts->pdata[0])->message;
	const char *parent = vf_message_parent(message);
	const VfGroup *older = parent ? g_hash_table_lookup(index, parent) : NULL;

	for (guint i = g_strv_length(message->references); i-- > 0 && (!older || older == group);)
		older = g_hash_table_lookup(index, message->references[i]);
	return older != group ? older : NULL;
}

static void mark_partial(const GPtrArray *groups, GHashTable *index)
{
	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];
		const VfPartInfo *first = group->parts->pdata[0];
		const VfGroup *older = answered(group, index);

		group->partial = older && first->subject.total > 1 && is_partial(group, older);
	}
}

/* From old to new, so that v3 can stand on what v2 took from v1. */
static void complete_partial(GPtrArray *groups, GHashTable *index)
{
	g_ptr_array_sort(groups, by_revision);
	for (guint i = 0; i < groups->len; i++) {
		VfGroup *group = groups->pdata[i];
		const VfGroup *older = group->partial ? answered(group, index) : NULL;

		if (older)
			complete(group, older);
	}
}

GPtrArray *vf_assembler_finish(VfAssembler *assembler, gint64 now, gint64 patience)
{
	g_autoptr(GPtrArray) groups = group_parts(assembler);
	g_autoptr(GHashTable) index = index_groups(groups);
	GPtrArray *series;

	mark_partial(groups, index);
	vf_groups_join(groups, assembler->ids);
	g_hash_table_unref(index);
	index = index_groups(groups);
	complete_partial(groups, index);
	series = vf_revisions(groups, index, now, patience);
	g_hash_table_remove_all(assembler->ids);
	g_ptr_array_set_size(assembler->parts, 0);
	return series;
}
