// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/collect.h"

#include <string.h>

#include "base/text.h"
#include "evidence/frame.h"
#include "evidence/ktap.h"
#include "evidence/triage.h"
#include "guest/capture.h"

#define INFO_KEYS_MAX	 256
#define CMDLINE_SEEN_MAX 850  /* bytes; a longer one need not fit into one record */
#define INFO_VALUE_MAX	 4096 /* bytes; repeated keys add lines up to this */

struct VfCollect {
	VfEvidence *evidence;
	VfCapture *console_log, *result_log;
	VfTriage *triage;
	VfFrame *frame;
	VfKtap *ktap;
	VfGuestProgress progress;
	gpointer progress_data;
	VfGuestStage stage;
	guint cases; /* that were told to @progress */
};

static void take_record(char type, const char *payload, gsize length, gpointer data);

static VfCapture *open_log(const char *directory, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return vf_capture_new(path, VF_CAPTURE_HEAD, VF_CAPTURE_TAIL, error);
}

VfCollect *vf_collect_new(const VfTask *task, const char *directory, VfGuestProgress progress,
			  gpointer progress_data, GError **error)
{
	g_autoptr(VfCollect) c = g_new0(VfCollect, 1);

	c->evidence = vf_evidence_new();
	c->evidence->arch = g_strdup(task->arch->name);
	c->evidence->colours = task->board->cache.colours;
	/* the control: nothing goes through a second address, so none can be asked for */
	if (task->variant && vf_variant_provides(task->variant, "no_alias"))
		c->evidence->colours = 1;
	c->frame = vf_frame_new(take_record, c);
	c->ktap = vf_ktap_new();
	c->progress = progress;
	c->progress_data = progress_data;
	c->triage = vf_triage_new(task->arch->triage, error);
	if (!c->triage)
		return NULL;
	c->console_log = open_log(directory, "console.log", error);
	if (!c->console_log)
		return NULL;
	c->result_log = open_log(directory, "result.log", error);
	return c->result_log ? g_steal_pointer(&c) : NULL;
}

void vf_collect_free(VfCollect *collect)
{
	g_clear_pointer(&collect->evidence, vf_evidence_free);
	g_clear_pointer(&collect->console_log, vf_capture_free);
	g_clear_pointer(&collect->result_log, vf_capture_free);
	g_clear_pointer(&collect->triage, vf_triage_free);
	vf_frame_free(collect->frame);
	vf_ktap_free(collect->ktap);
	g_free(collect);
}

static void advance(VfCollect *c, VfGuestStage stage, const char *detail)
{
	if (stage < c->stage || (stage == c->stage && !detail))
		return;
	c->stage = stage;
	if (c->progress)
		c->progress(stage, detail, c->progress_data);
}

/* "3", "signal:11", or that init had to kill the program. */
static int exit_of(const char *value)
{
	if (g_ascii_isdigit(*value))
		return (int)MIN(g_ascii_strtoull(value, NULL, 10), 255);
	if (g_str_has_prefix(value, "signal:"))
		return 128 + (int)MIN(g_ascii_strtoull(value + 7, NULL, 10), 127);
	return 128 + 9;
}

static gboolean is_key(const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && !strchr("_-.", text[i]))
			return FALSE;
	return length && length <= 64;
}

static void add_info(VfEvidence *e, const char *key, const char *value)
{
	const char *old = g_hash_table_lookup(e->info, key);

	if (!old && g_hash_table_size(e->info) < INFO_KEYS_MAX)
		g_hash_table_insert(e->info, g_strdup(key), g_strdup(value));
	else if (old && strlen(old) + strlen(value) < INFO_VALUE_MAX)
		g_hash_table_insert(e->info, g_strdup(key), g_strconcat(old, "\n", value, NULL));
}

static void take_info(VfCollect *c, const char *payload, gsize length)
{
	const char *equals = memchr(payload, '=', length);
	g_autofree char *key = NULL;
	g_autofree char *value = NULL;

	if (!equals || !is_key(payload, (gsize)(equals - payload))) {
		if (!c->evidence->channel_error)
			c->evidence->channel_error =
				g_strdup("result channel: an information record without key=value");
		return;
	}
	key = g_strndup(payload, (gsize)(equals - payload));
	value = vf_text_escape(equals + 1, (gssize)(length - (gsize)(equals + 1 - payload)), 0);
	if (g_str_equal(key, "exit"))
		c->evidence->program_exit = exit_of(value);
	add_info(c->evidence, key, value);
}

static void take_record(char type, const char *payload, gsize length, gpointer data)
{
	VfCollect *c = data;
	const GPtrArray *cases;

	advance(c, VF_GUEST_TESTING, NULL);
	if (type == 'I')
		take_info(c, payload, length);
	if (type == 'E')
		advance(c, VF_GUEST_ENDING, NULL);
	if (type != 'K')
		return;
	vf_ktap_line(c->ktap, payload, length);
	cases = vf_ktap_cases(c->ktap);
	if (cases->len == c->cases)
		return;
	c->cases = cases->len;
	advance(c, VF_GUEST_TESTING, ((VfCase *)cases->pdata[cases->len - 1])->name);
}

gboolean vf_collect_console(VfCollect *collect, const char *bytes, gsize length, GError **error)
{
	advance(collect, VF_GUEST_BOOTING, NULL);
	vf_triage_feed(collect->triage, bytes, length);
	return vf_capture_write(collect->console_log, bytes, length, error);
}

gboolean vf_collect_result(VfCollect *collect, const char *bytes, gsize length, GError **error)
{
	vf_frame_feed(collect->frame, bytes, length);
	return vf_capture_write(collect->result_log, bytes, length, error);
}

gboolean vf_collect_fatal(const VfCollect *collect)
{
	return vf_triage_fatal(collect->triage);
}

gboolean vf_collect_init_end(const VfCollect *collect)
{
	return vf_triage_init_end(collect->triage);
}

gboolean vf_collect_ended(const VfCollect *collect)
{
	return collect->stage == VF_GUEST_ENDING;
}

gboolean vf_collect_heard(const VfCollect *collect)
{
	return vf_capture_total(collect->console_log) || vf_capture_total(collect->result_log);
}

GHashTable *vf_collect_info(VfCollect *collect)
{
	return collect->evidence->info;
}

static void take_channel(VfCollect *c)
{
	VfEvidence *e = c->evidence;

	vf_frame_finish(c->frame);
	e->channel = vf_frame_records(c->frame) > 0;
	e->end_marker = vf_frame_ended(c->frame);
	if (vf_frame_error(c->frame)) {
		g_free(e->channel_error);
		e->channel_error = g_strdup(vf_frame_error(c->frame));
	}
	if (vf_ktap_lines(c->ktap))
		vf_ktap_finish(c->ktap);
	e->ktap_error = g_strdup(vf_ktap_error(c->ktap));
	g_ptr_array_unref(e->cases);
	e->cases = g_ptr_array_ref(vf_ktap_cases(c->ktap));
}

static void take_console(VfCollect *c)
{
	VfEvidence *e = c->evidence;

	vf_triage_finish(c->triage);
	e->init_end = vf_triage_init_end(c->triage);
	e->console_bytes = vf_triage_bytes(c->triage);
	e->console_cut = vf_capture_cut(c->console_log);
	g_ptr_array_unref(e->splats);
	e->splats = g_ptr_array_ref(vf_triage_splats(c->triage));
	g_ptr_array_unref(e->notes);
	e->notes = g_ptr_array_ref(vf_triage_notes(c->triage));
	if (vf_triage_message(c->triage))
		add_info(e, "init", vf_triage_message(c->triage));
}

VfEvidence *vf_collect_finish(VfCollect *collect, GError **error)
{
	take_channel(collect);
	take_console(collect);
	if (!vf_capture_finish(collect->console_log, error) ||
	    !vf_capture_finish(collect->result_log, error))
		return NULL;
	return g_steal_pointer(&collect->evidence);
}

void vf_collect_check_command_line(VfEvidence *evidence, const char *given)
{
	const char *seen = g_hash_table_lookup(evidence->info, "cmdline");

	if (!seen || evidence->channel_error || strlen(seen) > CMDLINE_SEEN_MAX ||
	    strstr(seen, given))
		return;
	evidence->channel_error = g_strdup_printf(
		"the guest did not get its kernel command line whole: %zu bytes with what its "
		"firmware adds, of %zu given",
		strlen(seen), strlen(given));
}
