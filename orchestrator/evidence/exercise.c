// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/exercise.h"

#include <glib.h>

static guint64 figure(const json_t *window, const char *key)
{
	return (guint64)json_integer_value(json_object_get(window, key));
}

static guint64 total(const json_t *windows, const char *key)
{
	guint64 sum = 0;
	gsize i;
	json_t *window;

	json_array_foreach (windows, i, window)
		sum += figure(window, key);
	return sum;
}

static guint64 most(const json_t *windows, const char *key)
{
	guint64 max = 0;
	gsize i;
	json_t *window;

	json_array_foreach (windows, i, window)
		max = MAX(max, figure(window, key));
	return max;
}

gboolean vf_exercise_overflowed(const json_t *coverage)
{
	const json_t *windows = json_object_get(coverage, "windows");
	gsize i;
	json_t *window;

	json_array_foreach (windows, i, window)
		if (json_is_true(json_object_get(window, "overflowed")))
			return TRUE;
	return FALSE;
}

static json_t *find(const json_t *windows, const char *name)
{
	gsize i;
	json_t *window;

	json_array_foreach (windows, i, window)
		if (!g_strcmp0(json_string_value(json_object_get(window, "window")), name))
			return window;
	return NULL;
}

/*
 * What has to be seen in @windows together. A ring is a buffer that a device fills again and again:
 * only in the second lap can a line be left over from the first.
 */
static char *access_missing(const json_t *windows, guint64 colours, const VfJob *job)
{
	gboolean ring = !g_strcmp0(job->model.arm, "dma");

	if (!total(windows, "target_loads") && !total(windows, "target_stores"))
		return g_strdup("no access to a tested buffer was seen");
	if (colours > 1 && !total(windows, "aliased"))
		return g_strdup("no page of a tested buffer was used under two colours");
	if (!g_strcmp0(job->model.track, "dma") && !total(windows, "target_dma_bytes"))
		return g_strdup("no DMA to a tested buffer was seen");
	if (ring && most(windows, "laps") < 2)
		return g_strdup("DMA went over the buffer less than twice");
	return NULL;
}

static char *window_missing(json_t *windows, const char *name, guint64 colours, const VfJob *job)
{
	json_t *window = find(windows, name);
	json_auto_t *alone = NULL;
	g_autofree char *missing = NULL;

	if (!window)
		return g_strdup_printf("the window %s was never opened", name);
	if (!figure(window, "loads"))
		return g_strdup_printf("no load was seen in the window %s", name);
	alone = json_pack("[O]", window);
	missing = access_missing(alone, colours, job);
	return missing ? g_strdup_printf("%s in the window %s", missing, name) : NULL;
}

char *vf_exercise_missing(const json_t *coverage, guint64 colours, const VfJob *job)
{
	json_t *windows = json_object_get(coverage, "windows");
	guint64 unmatched = total(windows, "unmatched"), outside = total(windows, "outside");
	guint64 dropped = figure(coverage, "dropped");
	char *missing = NULL;

	if (!json_array_size(windows))
		return g_strdup("the model watched nothing");
	for (char **name = job->model.windows; name && *name && !missing; name++)
		missing = window_missing(windows, *name, colours, job);
	if (missing)
		return missing;
	if (vf_exercise_overflowed(coverage))
		return g_strdup("the model ran out of memory");
	if (dropped)
		return g_strdup_printf("the model left out %" G_GUINT64_FORMAT " hazards", dropped);
	if (outside)
		return g_strdup("memory was used that the model does not watch");
	missing = access_missing(windows, colours, job);
	if (missing)
		return missing;
	if (unmatched)
		return g_strdup_printf("%" G_GUINT64_FORMAT
				       " cache operations could not be matched to memory",
				       unmatched);
	return NULL;
}
