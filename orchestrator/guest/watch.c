// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/watch.h"

static gboolean over(gint64 since, guint seconds, gint64 now)
{
	return seconds && now - since >= (gint64)seconds * G_USEC_PER_SEC;
}

VfWatchAction vf_watch_look(const VfWatch *w, gint64 now)
{
	gboolean splat_is_over =
		w->fatal && (now - w->fatal >= VF_WATCH_SPLAT_US ||
			     now - MAX(w->fatal, w->last_byte) >= VF_WATCH_QUIET_US);

	if (splat_is_over)
		return w->ended ? VF_WATCH_LINGER : VF_WATCH_PANIC;
	if (w->ended)
		return now - w->ended >= VF_WATCH_POWEROFF_US ? VF_WATCH_LINGER : VF_WATCH_GO_ON;
	if (over(w->started, w->timeout, now))
		return VF_WATCH_TIMEOUT;
	if (over(w->last_byte, w->silence, now))
		return VF_WATCH_SILENCE;
	return VF_WATCH_GO_ON;
}
