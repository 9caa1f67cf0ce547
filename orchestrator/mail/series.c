// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/series-impl.h"

#include <string.h>

static void series_clear(gpointer data)
{
	VfSeries *series = data;

	g_free(series->id);
	g_free(series->lineage);
	g_free(series->title);
	g_strfreev(series->prefixes);
	vf_message_unref(series->cover);
	g_ptr_array_unref(series->patches);
	g_free(series->base_commit);
	g_strfreev(series->prerequisites);
	g_free(series->change_id);
	g_free(series->patchset_hash);
	g_strfreev(series->paths);
	g_free(series->problem);
	g_free(series->remark);
	g_ptr_array_unref(series->others);
}

static void free_message(gpointer message)
{
	vf_message_unref(message);
}

VfSeries *vf_series_new(void)
{
	VfSeries *series = g_rc_box_new0(VfSeries);

	series->patches = g_ptr_array_new_with_free_func(free_message);
	series->others = g_ptr_array_new_with_free_func(g_free);
	return series;
}

VfSeries *vf_series_ref(VfSeries *series)
{
	return g_rc_box_acquire(series);
}

void vf_series_unref(VfSeries *series)
{
	if (series)
		g_rc_box_release_full(series, series_clear);
}

const char *vf_series_state_name(VfSeriesState state)
{
	static const char *const names[] = {
		[VF_SERIES_WAITING] = "waiting",       [VF_SERIES_COMPLETE] = "complete",
		[VF_SERIES_INCOMPLETE] = "incomplete", [VF_SERIES_SUPERSEDED] = "superseded",
		[VF_SERIES_BROKEN] = "broken",
	};

	return names[state];
}

gboolean vf_series_has(const VfSeries *series, const char *id)
{
	if (series->cover && !strcmp(series->cover->id, id))
		return TRUE;
	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];

		if (patch && !strcmp(patch->id, id))
			return TRUE;
	}
	return FALSE;
}

char *vf_series_directory_name(const VfSeries *series)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, series->id, -1);

	return g_strndup(digest, 16);
}

const VfMessage *vf_series_parent(const VfSeries *series, guint number)
{
	if (number >= 1 && number <= series->patches->len && series->patches->pdata[number - 1])
		return series->patches->pdata[number - 1];
	if (series->cover)
		return series->cover;
	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];

		if (patch && !strcmp(patch->id, series->id))
			return patch;
	}
	return NULL;
}

GString *vf_series_mbox(const VfSeries *series)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];
		g_autoptr(GString) mail = patch ? vf_message_mbox(patch) : NULL;

		if (mail)
			g_string_append_len(out, mail->str, (gssize)mail->len);
	}
	return out;
}

static json_t *strings(const char *const *words)
{
	json_t *array = json_array();

	for (; *words; words++)
		json_array_append_new(array, json_string(*words));
	return array;
}

static json_t *person(const VfMailAddress *address)
{
	return json_pack("{s:s, s:s}", "name", address->name, "address", address->address);
}

static json_t *message_json(const VfMessage *message, guint number)
{
	gsize length = 0;
	const char *text = message->text ? g_bytes_get_data(message->text, &length) : NULL;
	g_autofree char *hash =
		text ? g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length)
		     : NULL;

	return json_pack("{s:i, s:s, s:s, s:o, s:s*, s:s*, s:o}", "number", (int)number, "id",
			 message->id, "subject", message->patch_subject, "from",
			 person(message->from), "sha256", hash, "damage", message->damage, "paths",
			 strings((const char *const *)message->paths));
}

json_t *vf_series_json(const VfSeries *series)
{
	json_t *patches = json_array();

	for (guint i = 0; i < series->patches->len; i++)
		if (series->patches->pdata[i])
			json_array_append_new(patches,
					      message_json(series->patches->pdata[i], i + 1));
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:b, s:s*, s:s*, s:s*, s:o, s:s*, s:o, "
			 "s:b, s:s*, s:s*, s:o}",
			 "state", vf_series_state_name(series->state), "id", series->id, "title",
			 series->title, "version", (int)series->version, "total",
			 (int)series->total, "prefixes",
			 strings((const char *const *)series->prefixes), "resend", series->resend,
			 "cover", series->cover ? series->cover->id : NULL, "base_commit",
			 series->base_commit, "change_id", series->change_id, "prerequisites",
			 strings((const char *const *)series->prerequisites), "patchset_hash",
			 series->patchset_hash, "paths",
			 strings((const char *const *)series->paths), "opted_out",
			 series->opted_out, "problem", series->problem, "remark", series->remark,
			 "patches", patches);
}
