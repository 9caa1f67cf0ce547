// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/filter.h"

#include <string.h>

#include "base/error.h"
#include "base/json-reader.h"
#include "base/text.h"
#include "plan/arch.h"
#include "plan/job.h"

typedef struct Rule {
	char *name;
	GStrv paths, except;
	GStrv archs, jobs; /* patterns of names */
} Rule;

struct VfMailFilter {
	GStrv ignore_prefixes; /* patterns */
	GStrv always;	       /* jobs that are run in any case */
	GPtrArray *rules;      /* of Rule */
	GStrv all_archs, all_jobs;
};

static void rule_free(gpointer data)
{
	Rule *rule = data;

	g_free(rule->name);
	g_strfreev(rule->paths);
	g_strfreev(rule->except);
	g_strfreev(rule->archs);
	g_strfreev(rule->jobs);
	g_free(rule);
}

void vf_mail_filter_free(VfMailFilter *filter)
{
	if (!filter)
		return;
	g_strfreev(filter->ignore_prefixes);
	g_strfreev(filter->always);
	g_ptr_array_unref(filter->rules);
	g_strfreev(filter->all_archs);
	g_strfreev(filter->all_jobs);
	g_free(filter);
}

void vf_concern_clear(VfConcern *concern)
{
	g_strfreev(concern->archs);
	g_strfreev(concern->jobs);
	g_strfreev(concern->rules);
	g_free(concern->ignored);
	memset(concern, 0, sizeof(*concern));
}

static const VfJsonMember rule_members[] = {
	VF_JSON_MEMBER("name", STRING, Rule, name),
	VF_JSON_MEMBER("paths", STRINGS, Rule, paths),
	VF_JSON_MEMBER("except", STRINGS, Rule, except, .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("architectures", STRINGS, Rule, archs),
	VF_JSON_MEMBER("jobs", STRINGS, Rule, jobs),
	{NULL},
};

static gboolean matches_any(char **patterns, const char *path)
{
	for (; patterns && *patterns; patterns++)
		if (vf_mail_glob(*patterns, path))
			return TRUE;
	return FALSE;
}

static gboolean is_known(const char *pattern, char **known)
{
	for (; *known; known++)
		if (vf_mail_glob(pattern, *known))
			return TRUE;
	return FALSE;
}

static gboolean check_names(VfJson *json, const char *key, GStrv names, GStrv known, GError **error)
{
	if (!*names)
		return vf_json_throw(json, error, key, "expected at least one name, or \"*\"");
	for (guint i = 0; names[i]; i++) {
		g_autofree char *list = vf_text_list((const char *const *)known);
		const char *near = vf_text_nearest(names[i], (const char *const *)known);

		if (!is_known(names[i], known))
			return vf_json_throw(json, error, key, "\"%s\" is not among %s%s%s%s",
					     names[i], list, near ? "; did you mean \"" : "",
					     near ?: "", near ? "\"?" : "");
	}
	return TRUE;
}

static gboolean check_patterns(VfJson *json, const char *key, GStrv patterns, GError **error)
{
	for (guint i = 0; patterns && patterns[i]; i++)
		if (patterns[i][0] == '/' || strstr(patterns[i], "***"))
			return vf_json_throw(
				json, error, key,
				"\"%s\" is not a pattern for paths in the kernel's tree",
				patterns[i]);
	return TRUE;
}

static gboolean read_rule(VfJson *json, const char *name, gpointer target, GError **error)
{
	VfMailFilter *filter = target;
	Rule *rule = g_new0(Rule, 1);

	(void)name;
	g_ptr_array_add(filter->rules, rule);
	if (!vf_json_read(json, rule_members, rule, error))
		return FALSE;
	if (!*rule->paths)
		return vf_json_throw(json, error, "paths", "expected at least one pattern");
	return check_patterns(json, "paths", rule->paths, error) &&
	       check_patterns(json, "except", rule->except, error) &&
	       check_names(json, "architectures", rule->archs, filter->all_archs, error) &&
	       check_names(json, "jobs", rule->jobs, filter->all_jobs, error);
}

static const VfJsonMember members[] = {
	VF_JSON_MEMBER("ignore_prefixes", STRINGS, VfMailFilter, ignore_prefixes),
	VF_JSON_MEMBER("always", STRINGS, VfMailFilter, always),
	{.key = "rules", .type = VF_JSON_OBJECTS, .read = read_rule},
	{NULL},
};

static gboolean read_filter(VfJson *json, const char *name, gpointer target, GError **error)
{
	VfMailFilter *filter = target;

	(void)name;
	if (!vf_json_read(json, members, filter, error))
		return FALSE;
	return !*filter->always ||
	       check_names(json, "always", filter->always, filter->all_jobs, error);
}

VfMailFilter *vf_mail_filter_parse(const char *text, gsize length, const char *data,
				   const char *name, GError **error)
{
	g_autoptr(VfMailFilter) filter = g_new0(VfMailFilter, 1);

	filter->rules = g_ptr_array_new_with_free_func(rule_free);
	filter->all_archs = vf_arch_names(data, error);
	filter->all_jobs = filter->all_archs ? vf_job_names(data, error) : NULL;
	if (!filter->all_jobs || !vf_json_parse(text, length, name, read_filter, filter, error))
		return NULL;
	return g_steal_pointer(&filter);
}

VfMailFilter *vf_mail_filter_load(const char *data, const char *path, GError **error)
{
	g_autofree char *file =
		path ? g_strdup(path) : g_build_filename(data, "mail", "filter.json", NULL);
	g_autofree char *text = NULL;
	gsize length;

	text = vf_json_load(file, &length, error);
	return text ? vf_mail_filter_parse(text, length, data, file, error) : NULL;
}

static gboolean rule_matches(const Rule *rule, const char *const *paths)
{
	for (; *paths; paths++)
		if (matches_any(rule->paths, *paths) && !matches_any(rule->except, *paths))
			return TRUE;
	return FALSE;
}

static void add_names(GHashTable *set, char **patterns, char **all)
{
	for (; *all; all++)
		if (matches_any(patterns, *all))
			g_hash_table_add(set, *all);
}

/* Those of @all (sorted) that are in @set. */
static GStrv chosen(GHashTable *set, char **all)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();

	for (; *all; all++)
		if (g_hash_table_contains(set, *all))
			g_strv_builder_add(names, *all);
	return g_strv_builder_end(names);
}

static const char *ignored_prefix(const VfMailFilter *filter, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (matches_any(filter->ignore_prefixes, *prefixes))
			return *prefixes;
	return NULL;
}

void vf_mail_filter_match(const VfMailFilter *filter, const char *const *paths,
			  const char *const *prefixes, VfConcern *concern)
{
	g_autoptr(GHashTable) archs = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) jobs = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GStrvBuilder) rules = g_strv_builder_new();

	concern->ignored = g_strdup(ignored_prefix(filter, prefixes));
	for (guint i = 0; i < filter->rules->len && !concern->ignored; i++) {
		const Rule *rule = filter->rules->pdata[i];

		if (!rule_matches(rule, paths))
			continue;
		g_strv_builder_add(rules, rule->name);
		add_names(archs, rule->archs, filter->all_archs);
		add_names(jobs, rule->jobs, filter->all_jobs);
	}
	if (g_hash_table_size(jobs))
		add_names(jobs, filter->always, filter->all_jobs);
	concern->rules = g_strv_builder_end(rules);
	concern->archs = chosen(archs, filter->all_archs);
	concern->jobs = chosen(jobs, filter->all_jobs);
}
