// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/end.h"

#include <string.h>

/* The classes of LAVA's errors. A class that is not here is the lab's failure as well. */
static const struct {
	const char *type;
	gboolean guest; /* may be the guest's doing */
} types[] = {
	{"Infrastructure", FALSE},
	{"Configuration", FALSE},
	{"Bug", FALSE},
	{"Canceled", FALSE},
	{"Job", TRUE},
	{"Test", TRUE},
	{"LAVATimeout", TRUE},
	{"MultinodeTimeout", TRUE},
};

static gboolean may_be_guest(const char *type)
{
	for (gsize i = 0; type && i < G_N_ELEMENTS(types); i++)
		if (!strcmp(types[i].type, type))
			return types[i].guest;
	return FALSE;
}

/* Of the actions that wait for the guest, not for a download. */
static gboolean guest_timed_out(const VfEvidence *e, const VfLavaOutcome *o)
{
	const char *text = o->error_message ?: "";

	if (!may_be_guest(o->error_type) || !strstr(text, "timed out"))
		return FALSE;
	return e->console_bytes || e->channel || strstr(text, "lava-test-monitor") ||
	       strstr(text, "wait for prompt");
}

static gboolean panicked(const VfEvidence *e)
{
	for (guint i = 0; i < e->splats->len; i++) {
		const VfSplat *splat = e->splats->pdata[i];

		if (splat->fatal && !splat->after_end)
			return TRUE;
	}
	return FALSE;
}

static char *lab_error(const VfLavaOutcome *o)
{
	static const char *const healths[] = {
		[VF_LAVA_UNKNOWN] = "ended with unknown health",
		[VF_LAVA_COMPLETE] = "is complete",
		[VF_LAVA_INCOMPLETE] = "is incomplete",
		[VF_LAVA_CANCELED] = "was cancelled",
	};

	return g_strdup_printf("job %s %s%s%s%s%s", o->job->id, healths[o->job->health],
			       o->error_type ? ": " : "", o->error_type ?: "",
			       o->error_message ? ": " : "", o->error_message ?: "");
}

void vf_lava_take_end(VfEvidence *e, const VfLavaOutcome *o, guint timeout, guint silence)
{
	e->seconds = o->job->ended > o->job->started && o->job->started
			     ? (double)(o->job->ended - o->job->started) / G_USEC_PER_SEC
			     : 0;
	e->end = VF_END_LOST;
	if (panicked(e) && !e->end_marker) {
		e->end = VF_END_PANIC;
	} else if (o->job->health == VF_LAVA_COMPLETE || e->end_marker) {
		e->end = VF_END_EXIT;
	} else if (o->silent && o->job->health == VF_LAVA_CANCELED) {
		e->end = VF_END_SILENCE;
		e->limit = silence;
	} else if (o->job->health == VF_LAVA_INCOMPLETE && guest_timed_out(e, o)) {
		e->end = VF_END_TIMEOUT;
		e->limit = timeout;
	}
	if (o->job->health != VF_LAVA_COMPLETE)
		e->error = lab_error(o);
}
