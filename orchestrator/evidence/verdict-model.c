// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules about what the coherence model saw. */
#include "evidence/verdict-rules.h"

#include <string.h>

#include "evidence/exercise.h"

static gboolean gated(const VfSaid *said)
{
	const VfJob *job = said->job;

	if (!job->model.present)
		return FALSE;
	return !job->model.only || !*job->model.only ||
	       (said->evidence->arch &&
		g_strv_contains((const char *const *)job->model.only, said->evidence->arch));
}

gboolean vf_rule_model_broken(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	if (!said->job->model.present)
		return FALSE;
	if (e->model_error)
		return vf_say(said, "coherence model: %s", e->model_error);
	return !e->model && vf_say(said, "the coherence model's report has no end");
}

static void show_hazard(VfSaid *said, const VfHazard *h)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "%s %" G_GUINT64_FORMAT " times, %" G_GUINT64_FORMAT " bytes%s%s\n",
			h->class, h->count, h->bytes, *h->window ? ", window " : "", h->window);
	if (h->pc_source)
		g_string_append_printf(text, "  at %s\n", h->pc_source);
	if (h->caller_source)
		g_string_append_printf(text, "  called from %s\n", h->caller_source);
	if (h->origin_source)
		g_string_append_printf(text, "  met what was written by %s\n", h->origin_source);
	g_string_append_printf(text,
			       "  va 0x%" G_GINT64_MODIFIER "x pa 0x%" G_GINT64_MODIFIER
			       "x colour %u, latest in colour %u",
			       h->va, h->pa, h->colour, h->other_colour);
	if (h->expected >= 0 && h->found >= 0)
		g_string_append_printf(text, ", expected 0x%02x, a real cache gives 0x%02x",
				       (guint)h->expected, (guint)h->found);
	g_string_append_c(text, '\n');
	vf_show(said, text->str);
}

static const struct {
	const char *class;
	const char *events;
} classes[] = {
	{"R", "stale loads"},
	{"A", "loads of data that is dirty under another address"},
	{"U", "uncached loads of data that is still in the cache"},
	{"D", "device reads of data that is still in the cache"},
	{"W", "write-backs over newer data"},
	{"W-armed", "pending write-backs over newer data"},
	{"C", "loads of data that a write-back had destroyed"},
	{"P", "loads of data that was purged"},
};

static const char *events_of(const char *class)
{
	for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
		if (g_str_equal(classes[i].class, class))
			return classes[i].events;
	return "hazards";
}

gboolean vf_hazard_gates(const char *class, const char *bucket)
{
	for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
		if (g_str_equal(classes[i].class, class))
			return g_str_equal(bucket, "target");
	return FALSE;
}

/* Of those too many to be kept one by one; it has no addresses. */
static gboolean is_sum(const VfHazard *h)
{
	return !h->pc && !h->pa;
}

static int by_rank(gconstpointer a, gconstpointer b)
{
	const VfHazard *x = *(const VfHazard *const *)a, *y = *(const VfHazard *const *)b;
	guint rx = 0, ry = 0;

	while (!g_str_equal(classes[rx].class, x->class))
		rx++;
	while (!g_str_equal(classes[ry].class, y->class))
		ry++;
	if (rx != ry)
		return rx < ry ? -1 : 1;
	if (is_sum(x) != is_sum(y))
		return is_sum(x) ? 1 : -1;
	return x->count > y->count ? -1 : x->count < y->count;
}

static guint64 total_of(const GPtrArray *hazards, const char *class)
{
	guint64 n = 0;

	for (guint i = 0; i < hazards->len; i++) {
		const VfHazard *h = hazards->pdata[i];

		if (g_str_equal(h->class, class))
			n += h->count;
	}
	return n;
}

/* 1199701 as "1 199 701". Caller frees. */
static char *grouped(guint64 n)
{
	g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, n);
	GString *out = g_string_new(NULL);
	gsize length = strlen(digits);

	for (gsize i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			g_string_append_c(out, ' ');
		g_string_append_c(out, digits[i]);
	}
	return g_string_free(out, FALSE);
}

/*
 * How much a frame says about whose mistake it is: a driver most, the core of its subsystem less,
 * a copy routine or the core of the kernel nothing.
 */
static guint weight(const char *frame)
{
	static const char *const dull[] = {" arch/", " lib/",	  " mm/",      " kernel/",
					   " fs/",   " include/", " net/core/"};
	static const char *const shared[] = {"-core/", "/core/", "/common/"};

	if (!strchr(frame, ' '))
		return 0;
	for (guint i = 0; i < G_N_ELEMENTS(dull); i++)
		if (strstr(frame, dull[i]))
			return 0;
	for (guint i = 0; i < G_N_ELEMENTS(shared); i++)
		if (strstr(frame, shared[i]))
			return 1;
	return 2;
}

static void say_place(VfSaid *said, const VfHazard *h)
{
	g_auto(GStrv) frames = g_strsplit(h->caller_source ? h->caller_source : "", " < ", -1);
	const char *place = h->pc_source;

	if (!h->pc_source) {
		if (h->origin_source)
			vf_say(said, " of what %s wrote", h->origin_source);
		return;
	}
	for (guint i = 0; frames[i]; i++)
		if (weight(frames[i]) > weight(place))
			place = frames[i];
	vf_say(said, " at %s", place);
	if (place != h->pc_source)
		vf_say(said, ", in %s", h->pc_source);
}

/* What caches of real sizes, that ran beside, would have shown of @class. */
static void say_curve(VfSaid *said, const char *class)
{
	const json_t *points = json_object_get(said->evidence->coverage, "curve");
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	gsize i, j;
	json_t *point, *other;

	json_array_foreach (points, i, point) {
		json_int_t kib = json_integer_value(json_object_get(point, "kib"));
		guint64 sum = 0;
		g_autofree char *text = NULL;

		if (!g_hash_table_add(seen, GINT_TO_POINTER((int)kib)))
			continue;
		json_array_foreach (points, j, other)
			if (json_integer_value(json_object_get(other, "kib")) == kib)
				sum += (guint64)json_integer_value(json_object_get(other, class));
		text = grouped(sum);
		vf_say(said, "%s %" JSON_INTEGER_FORMAT " KiB %s",
		       g_hash_table_size(seen) == 1 ? "; caches of real size:" : ",", kib, text);
	}
}

/* Caches beside that ran out of memory have seen less than the guest before: let that one stand. */
static gboolean is_cut_short(const json_t *coverage)
{
	return json_array_size(json_object_get(coverage, "curve")) &&
	       vf_exercise_overflowed(coverage);
}

gboolean vf_rule_incoherent(VfSaid *said)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	const VfHazard *worst;
	g_autofree char *total = NULL;

	if (!gated(said))
		return FALSE;
	for (guint i = 0; i < said->evidence->hazards->len; i++) {
		const VfHazard *hazard = said->evidence->hazards->pdata[i];

		if (vf_hazard_gates(hazard->class, hazard->bucket))
			g_ptr_array_add(found, (gpointer)hazard);
	}
	if (!found->len || is_cut_short(said->evidence->coverage))
		return FALSE;
	g_ptr_array_sort(found, by_rank);
	worst = found->pdata[0];
	total = grouped(total_of(found, worst->class));
	vf_say(said, "%s: %s %s", worst->class, total, events_of(worst->class));
	if (worst->buffer)
		vf_say(said, " in %s", worst->buffer);
	say_place(said, worst);
	say_curve(said, worst->class);
	for (guint i = 0; i < found->len; i++)
		show_hazard(said, found->pdata[i]);
	return TRUE;
}

gboolean vf_rule_not_exercised(VfSaid *said)
{
	g_autofree char *why = NULL;

	if (!gated(said))
		return FALSE;
	why = vf_exercise_missing(said->evidence->coverage, said->evidence->colours, said->job);
	return why && vf_say(said, "not exercised: %s", why);
}
