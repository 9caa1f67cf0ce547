// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/mutant.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/json-reader.h"
#include "base/text.h"
#include "plan/names.h"
#include "plan/variant.h"

#define LIST(strv) ((const char *const *)(strv))

const char *const vf_mutant_kinds[] = {"call",	"architecture", "sync", "order",
				       "table", "allocator",	NULL};

/* Those that fail a task, docs/model.md. */
static const char *const classes[] = {"R", "A", "U", "W-armed", "W", "P", "D", "C", NULL};

typedef struct Reading {
	VfMutant *mutant;
	const char *data;
	const char *name; /* of the file, without .json */
} Reading;

static void red_free(gpointer data)
{
	VfMutantRed *red = data;

	g_free(red->job);
	g_strfreev(red->on);
	g_strfreev(red->hazards);
	g_free(red->failed);
	g_free(red->reason);
	g_free(red);
}

void vf_mutant_free(VfMutant *mutant)
{
	if (!mutant)
		return;
	g_free(mutant->name);
	g_free(mutant->title);
	g_free(mutant->kind);
	g_free(mutant->variant);
	g_free(mutant->patch);
	g_strfreev(mutant->jobs);
	g_clear_pointer(&mutant->red, g_ptr_array_unref);
	g_free(mutant);
}

static VfMutant *mutant_new(void)
{
	VfMutant *mutant = g_new0(VfMutant, 1);

	mutant->red = g_ptr_array_new_with_free_func(red_free);
	return mutant;
}

static gboolean is_place(const char *place)
{
	g_auto(GStrv) words = g_strsplit(place, "/", 3);

	return g_strv_length(words) == 2 && vf_name_valid(words[0]) && vf_name_valid(words[1]);
}

static gboolean is_class(const char *class)
{
	return g_strv_contains(classes, class);
}

static gboolean is_printable(const char *text)
{
	for (; *text; text++)
		if (!g_ascii_isprint(*text))
			return FALSE;
	return TRUE;
}

static gboolean check_text(VfJson *json, const char *key, const char *text, GError **error)
{
	if (!text || (*text && is_printable(text)))
		return TRUE;
	return vf_names_refuse(json, key, "printable ASCII or null", text, error);
}

static gboolean read_red(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			 GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("job", STRING, VfMutantRed, job),
		VF_JSON_MEMBER("on", STRINGS, VfMutantRed, on),
		VF_JSON_MEMBER("hazards", STRINGS, VfMutantRed, hazards),
		VF_JSON_MEMBER("failed", TEXT, VfMutantRed, failed),
		VF_JSON_MEMBER("reason", TEXT, VfMutantRed, reason),
		{NULL},
	};
	VfMutant *mutant = target;
	VfMutantRed *red = g_new0(VfMutantRed, 1);

	g_ptr_array_add(mutant->red, red);
	if (!vf_json_read(json, members, red, error))
		return FALSE;
	if (!red->on[0])
		return vf_json_throw(json, error, "on", "expected at least one board, found none");
	return vf_names_check_each(json, "on", LIST(red->on), is_place,
				   "an architecture and a board as hppa/default", error) &&
	       vf_names_check_each(json, "hazards", LIST(red->hazards), is_class,
				   "a class of hazards that fails a task", error) &&
	       check_text(json, "failed", red->failed, error) &&
	       check_text(json, "reason", red->reason, error);
}

/* A description that another one speaks of: there must be such a file. */
static gboolean exists(const Reading *reading, const char *directory, const char *name,
		       const char *suffix)
{
	g_autofree char *file = g_strconcat(name, suffix, NULL);
	g_autofree char *path = g_build_filename(reading->data, directory, file, NULL);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static gboolean check_jobs(VfJson *json, const Reading *reading, GError **error)
{
	GStrv jobs = reading->mutant->jobs;

	if (!jobs[0])
		return vf_json_throw(json, error, "jobs", "expected at least one job, found none");
	if (!vf_names_check(json, "jobs", LIST(jobs), error))
		return FALSE;
	for (guint i = 0; jobs[i]; i++) {
		g_autofree char *place = g_strdup_printf("jobs[%u]", i);

		if (!exists(reading, "jobs", jobs[i], ".json"))
			return vf_names_refuse(json, place, "a job below jobs/", jobs[i], error);
	}
	return TRUE;
}

static gboolean check_place(VfJson *json, const Reading *reading, GHashTable *seen, const char *key,
			    const VfMutantRed *red, const char *place, GError **error)
{
	g_auto(GStrv) words = g_strsplit(place, "/", 2);
	char *cell = g_strconcat(place, "/", red->job, NULL);

	if (!g_hash_table_add(seen, cell))
		return vf_names_refuse(json, key, "every board once for a job", place, error);
	if (!exists(reading, "kernels", words[0], "/arch.json"))
		return vf_names_refuse(json, key, "an architecture below kernels/", place, error);
	return TRUE;
}

static gboolean check_red(VfJson *json, const Reading *reading, GError **error)
{
	const VfMutant *mutant = reading->mutant;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (!mutant->red->len)
		return vf_json_throw(json, error, "red",
				     "expected at least one place where it is caught, found none");
	for (guint i = 0; i < mutant->red->len; i++) {
		const VfMutantRed *red = mutant->red->pdata[i];
		g_autofree char *job = g_strdup_printf("red[%u].job", i);

		if (!g_strv_contains(LIST(mutant->jobs), red->job))
			return vf_names_refuse(json, job, "one of jobs", red->job, error);
		for (guint k = 0; red->on[k]; k++) {
			g_autofree char *on = g_strdup_printf("red[%u].on[%u]", i, k);

			if (!check_place(json, reading, seen, on, red, red->on[k], error))
				return FALSE;
		}
	}
	return TRUE;
}

static gboolean check_mutant(VfJson *json, const Reading *reading, GError **error)
{
	VfMutant *mutant = reading->mutant;

	if (!vf_names_check_own(json, mutant->name, reading->name, error))
		return FALSE;
	if (!is_printable(mutant->title))
		return vf_names_refuse(json, "title", "printable ASCII", mutant->title, error);
	if (!vf_name_valid(mutant->variant) ||
	    !exists(reading, "patches/variants", mutant->variant, ".json"))
		return vf_names_refuse(json, "variant", "a variant below patches/variants/",
				       mutant->variant, error);
	if (!exists(reading, "patches/mutants", reading->name, ".patch"))
		return vf_json_throw(json, error, NULL, "expected the patch %s.patch beside it",
				     reading->name);
	return check_jobs(json, reading, error) && check_red(json, reading, error);
}

static gboolean read_mutant(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			    GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("name", STRING, VfMutant, name),
		VF_JSON_MEMBER("title", STRING, VfMutant, title),
		VF_JSON_MEMBER("kind", STRING, VfMutant, kind, .words = vf_mutant_kinds),
		VF_JSON_MEMBER("variant", STRING, VfMutant, variant),
		VF_JSON_MEMBER("jobs", STRINGS, VfMutant, jobs),
		{"red", VF_JSON_OBJECTS, VF_JSON_REQUIRED, .read = read_red},
		{NULL},
	};
	Reading *reading = target;

	return vf_json_read(json, members, reading->mutant, error) &&
	       check_mutant(json, reading, error);
}

static char *file_of(const char *data, const char *name, const char *suffix)
{
	g_autofree char *file = g_strconcat(name, suffix, NULL);

	return g_build_filename(data, "patches", "mutants", file, NULL);
}

VfMutant *vf_mutant_parse(const char *text, gsize length, const char *data, const char *name,
			  GError **error)
{
	g_autofree char *path = file_of(data, name, ".json");
	g_autofree char *patch = file_of(data, name, ".patch");
	g_autoptr(VfMutant) mutant = mutant_new();
	Reading reading = {mutant, data, name};

	if (!vf_json_parse(text, length, vf_dirs_shown(path), read_mutant, &reading, error))
		return NULL;
	mutant->patch = g_canonicalize_filename(patch, NULL);
	return g_steal_pointer(&mutant);
}

VfMutant *vf_mutant_load(const char *data, const char *name, GError **error)
{
	g_autofree char *path = file_of(data, name, ".json");
	gsize length;
	g_autofree char *text = vf_json_load(path, &length, error);

	return text ? vf_mutant_parse(text, length, data, name, error) : NULL;
}

VfMutant *vf_mutant_of_file(const char *path, const char *variant, const char *const *jobs,
			    GError **error)
{
	g_autoptr(VfMutant) mutant = mutant_new();
	g_autofree char *shown = vf_text_escape(path, -1, 0);

	mutant->name = g_path_get_basename(path);
	if (g_str_has_suffix(mutant->name, ".patch"))
		mutant->name[strlen(mutant->name) - strlen(".patch")] = '\0';
	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return vf_throw_null(error, VF_ERROR_USAGE, "--mutant: %s: no such patch file",
				     shown);
	if (!vf_name_valid(mutant->name))
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "--mutant: %s: expected a file called NAME.patch with a name "
				     "of a-z, 0-9, - and _",
				     shown);
	mutant->title = g_strdup("a patch of the user's own");
	mutant->variant = g_strdup(variant);
	mutant->patch = g_canonicalize_filename(path, NULL);
	mutant->jobs = g_strdupv((GStrv)jobs);
	return g_steal_pointer(&mutant);
}

GStrv vf_mutant_names(const char *data, GError **error)
{
	g_autofree char *directory = g_build_filename(data, "patches", "mutants", NULL);

	return vf_names_in(directory, ".json", error);
}

const VfMutantRed *vf_mutant_red(const VfMutant *mutant, const char *arch, const char *board,
				 const char *job)
{
	g_autofree char *place = g_strconcat(arch, "/", board, NULL);

	for (guint i = 0; i < mutant->red->len; i++) {
		const VfMutantRed *red = mutant->red->pdata[i];

		if (!strcmp(red->job, job) && g_strv_contains(LIST(red->on), place))
			return red;
	}
	return NULL;
}
