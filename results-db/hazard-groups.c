// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/hazard-groups.h"

#include <string.h>

#include "evidence/verdict.h"

static const struct {
	const char *class, *words;
} names[] = {
	{"R", "stale read"},
	{"A", "alias dirty elsewhere"},
	{"U", "uncached access to a dirty line"},
	{"W-armed", "dirty line over newer data of the device"},
	{"W", "write-back over newer data"},
	{"P", "purged store lost"},
	{"P-armed", "purged store"},
	{"D", "device reads stale data"},
	{"C", "read of what a write-back had destroyed"},
};

const char *vf_hazard_words(const char *class)
{
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (!strcmp(names[i].class, class))
			return names[i].words;
	return "hazard";
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

gboolean vf_hazard_decides(const json_t *attempt, const json_t *hazard)
{
	return strcmp(text_of(attempt, "status"), "PASS") != 0 &&
	       vf_hazard_gates(text_of(hazard, "class"), text_of(hazard, "bucket"));
}

static const char *why_harmless(const json_t *hazard)
{
	if (!strcmp(text_of(hazard, "class"), "P-armed"))
		return "harmless: nobody has read its bytes since";
	if (strcmp(text_of(hazard, "bucket"), "target") != 0)
		return "not judged: memory outside of the tested buffers";
	return "not judged: the job does not ask the model on this architecture";
}

/* The first of "f a.c:1 < g b.c:2". Caller frees. */
static char *first_frame(const char *chain)
{
	const char *end = strstr(chain, " < ");

	return end ? g_strndup(chain, (gsize)(end - chain)) : g_strdup(chain);
}

static json_t *find(const json_t *groups, const json_t *hazard, const char *at, const char *caller)
{
	json_t *group;
	gsize i;

	json_array_foreach (groups, i, group)
		if (!strcmp(text_of(group, "class"), text_of(hazard, "class")) &&
		    !strcmp(text_of(group, "why"), why_harmless(hazard)) &&
		    !strcmp(text_of(group, "at"), at) && !strcmp(text_of(group, "caller"), caller))
			return group;
	return NULL;
}

/* The group that @hazard belongs to; a new one is empty. */
static json_t *group_of(json_t *groups, const json_t *hazard)
{
	const char *source = text_of(hazard, "pc_source");
	const char *at = *source ? source : text_of(hazard, "pc");
	g_autofree char *caller = first_frame(text_of(hazard, "caller_source"));
	json_t *group = find(groups, hazard, at, caller);

	if (group)
		return group;
	group = json_pack("{s:s, s:s, s:s, s:s, s:[], s:i, s:i, s:i, s:i}", "class",
			  text_of(hazard, "class"), "why", why_harmless(hazard), "at", at, "caller",
			  caller, "windows", "kinds", 0, "attempts", 0, "count", 0, "bytes", 0);
	json_array_append_new(groups, group);
	return group;
}

static void add_to(json_t *group, const char *key, json_int_t number)
{
	json_object_set_new(group, key, json_integer(number_of(group, key) + number));
}

static void add_window(json_t *group, const char *window)
{
	json_t *windows = json_object_get(group, "windows");
	const json_t *known;
	gsize i;

	json_array_foreach (windows, i, known)
		if (!strcmp(json_string_value(known), window))
			return;
	if (*window)
		json_array_append_new(windows, json_string(window));
}

static void add_attempt(json_t *groups, const json_t *attempt)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	const json_t *hazard;
	gsize i;

	json_array_foreach (json_object_get(attempt, "hazards"), i, hazard) {
		json_t *group;

		if (vf_hazard_decides(attempt, hazard))
			continue;
		group = group_of(groups, hazard);
		add_to(group, "kinds", 1);
		add_to(group, "attempts", g_hash_table_add(seen, group));
		add_to(group, "count", number_of(hazard, "count"));
		add_to(group, "bytes", number_of(hazard, "bytes"));
		add_window(group, text_of(hazard, "window"));
	}
}

static int by_reason(gconstpointer a, gconstpointer b)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	int order = strcmp(text_of(x, "why"), text_of(y, "why"));
	json_int_t n = number_of(x, "count"), m = number_of(y, "count");

	if (!order)
		order = strcmp(text_of(x, "class"), text_of(y, "class"));
	return order ?: (n < m) - (n > m);
}

json_t *vf_hazard_groups(const json_t *attempts)
{
	json_auto_t *groups = json_array();
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	json_t *sorted = json_array(), *group;
	const json_t *attempt;
	gsize i;

	json_array_foreach (attempts, i, attempt)
		add_attempt(groups, attempt);
	json_array_foreach (groups, i, group)
		g_ptr_array_add(order, group);
	g_ptr_array_sort(order, by_reason);
	for (guint k = 0; k < order->len; k++)
		json_array_append(sorted, order->pdata[k]);
	return sorted;
}
