// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/experiment.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "results-db/mutants.h"

#define LIST(strv) ((const char *const *)(strv))

#define DEFAULT_VARIANT "full"

static const struct {
	const char *key;
	gsize offset;
} members[] = {
	{"archs", G_STRUCT_OFFSET(VfSelection, archs)},
	{"boards", G_STRUCT_OFFSET(VfSelection, boards)},
	{"jobs", G_STRUCT_OFFSET(VfSelection, jobs)},
	{"mutants", G_STRUCT_OFFSET(VfSelection, mutants)},
	{"linux", G_STRUCT_OFFSET(VfSelection, linux_source)},
};

static char **member(const VfSelection *selection, gsize offset)
{
	return G_STRUCT_MEMBER_P(selection, offset);
}

void vf_selection_clear(VfSelection *selection)
{
	for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
		g_clear_pointer(member(selection, members[i].offset), g_free);
}

static json_t *selection_json(const VfSelection *selection)
{
	json_t *json = json_object();

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		const char *value = *member(selection, members[i].offset);

		if (value)
			json_object_set_new(json, members[i].key, json_string(value));
	}
	return json;
}

void vf_selection_from_json(VfSelection *selection, const json_t *json)
{
	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		char **value = member(selection, members[i].offset);

		g_free(*value);
		*value = g_strdup(json_string_value(json_object_get(json, members[i].key)));
	}
}

static void record_free(gpointer data)
{
	VfMutantRecord *record = data;

	g_free((char *)record->patch);
	g_free((char *)record->sha256);
	json_decref(record->cells);
	g_free(record);
}

void vf_experiment_free(VfExperiment *experiment)
{
	if (!experiment)
		return;
	json_decref(experiment->selection);
	g_ptr_array_unref(experiment->records);
	vf_plan_free(experiment->plan);
	g_ptr_array_unref(experiment->mutants);
	g_free(experiment);
}

static gboolean is_file(const char *name)
{
	return strchr(name, '/') || g_str_has_suffix(name, ".patch");
}

static gboolean unknown_mutant(const char *name, const GStrv known, GError **error)
{
	const char *near = vf_text_nearest(name, LIST(known));
	g_autofree char *shown = vf_text_escape(name, -1, 60);

	return vf_throw(error, VF_ERROR_USAGE,
			"unknown mutant \"%s\"%s%s%s; `orchestrator mutate --list` names them",
			shown, near ? "; did you mean " : "", near ?: "", near ? "?" : "");
}

static gboolean add_named(const char *data, const char *name, const GStrv known, GPtrArray *mutants,
			  GError **error)
{
	VfMutant *mutant;

	if (!g_strv_contains(LIST(known), name))
		return unknown_mutant(name, known, error);
	mutant = vf_mutant_load(data, name, error);
	if (!mutant)
		return FALSE;
	g_ptr_array_add(mutants, mutant);
	return TRUE;
}

static gboolean add_file(const char *data, const char *path, GPtrArray *mutants, GError **error)
{
	g_auto(GStrv) jobs = vf_job_names(data, error);
	VfMutant *mutant =
		jobs ? vf_mutant_of_file(path, DEFAULT_VARIANT, LIST(jobs), error) : NULL;

	if (!mutant)
		return FALSE;
	g_ptr_array_add(mutants, mutant);
	return TRUE;
}

static gboolean add_asked(const char *data, const char *name, const GStrv known, GPtrArray *mutants,
			  GError **error)
{
	if (is_file(name))
		return add_file(data, name, mutants, error);
	if (strcmp(name, "all"))
		return add_named(data, name, known, mutants, error);
	for (guint i = 0; known[i]; i++)
		if (!add_named(data, known[i], known, mutants, error))
			return FALSE;
	return TRUE;
}

/* Two of one name would be one variant. */
static gboolean check_unique(const GPtrArray *mutants, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < mutants->len; i++) {
		const VfMutant *mutant = mutants->pdata[i];

		if (!g_hash_table_add(names, mutant->name))
			return vf_throw(error, VF_ERROR_USAGE,
					"--mutant: the name %s is there twice", mutant->name);
	}
	if (!mutants->len)
		return vf_throw(error, VF_ERROR_USAGE, "no mutant in patches/mutants/");
	return TRUE;
}

static gboolean load_mutants(const char *data, const char *list, GPtrArray *mutants, GError **error)
{
	g_auto(GStrv) known = vf_mutant_names(data, error);
	g_auto(GStrv) asked = g_strsplit(list ?: "all", ",", -1);

	if (!known)
		return FALSE;
	if (!asked[0])
		return unknown_mutant("", known, error);
	for (char **name = asked; *name; name++)
		if (!add_asked(data, g_strstrip(*name), known, mutants, error))
			return FALSE;
	return check_unique(mutants, error);
}

/* Leaves each mutant those of its jobs that @list names, and drops mutants that keep none. */
static gboolean restrict_jobs(const char *data, const char *list, GPtrArray *mutants,
			      GError **error)
{
	g_auto(GStrv) known = vf_job_names(data, error);
	g_auto(GStrv) asked = g_strsplit(list ?: "", ",", -1);
	gboolean all = list && g_strv_contains(LIST(asked), "all");

	if (!known)
		return FALSE;
	for (guint i = mutants->len; list && i-- > 0;) {
		VfMutant *mutant = mutants->pdata[i];
		g_autoptr(GStrvBuilder) kept = g_strv_builder_new();

		for (char **job = all ? known : mutant->jobs; *job; job++)
			if (all || g_strv_contains(LIST(asked), *job))
				g_strv_builder_add(kept, *job);
		g_strfreev(mutant->jobs);
		mutant->jobs = g_strv_builder_end(kept);
		if (!mutant->jobs[0])
			g_ptr_array_remove_index(mutants, i);
	}
	if (mutants->len)
		return TRUE;
	return vf_throw(
		error, VF_ERROR_USAGE,
		"nothing to do: none of the selected mutants is for one of the selected jobs");
}

/* The jobs of all mutants on top of @variant (NULL: any), each once. Caller frees. */
static GStrv jobs_of(const GPtrArray *mutants, const char *variant)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GStrvBuilder) jobs = g_strv_builder_new();

	for (guint i = 0; i < mutants->len; i++) {
		const VfMutant *mutant = mutants->pdata[i];

		if (variant && strcmp(mutant->variant, variant))
			continue;
		for (char **job = mutant->jobs; *job; job++)
			if (g_hash_table_add(seen, *job))
				g_strv_builder_add(jobs, *job);
	}
	return g_strv_builder_end(jobs);
}

/* The variant that comes first and names the run: the usual one where a mutant is on top of it. */
static const char *first_variant(const GPtrArray *mutants)
{
	for (guint i = 0; i < mutants->len; i++)
		if (!strcmp(((VfMutant *)mutants->pdata[i])->variant, DEFAULT_VARIANT))
			return DEFAULT_VARIANT;
	return ((VfMutant *)mutants->pdata[0])->variant;
}

static VfPlan *plan_bases(const char *data, const VfSelection *selection, const GPtrArray *mutants,
			  GError **error)
{
	g_auto(GStrv) jobs = jobs_of(mutants, NULL);
	g_autofree char *list = g_strjoinv(",", jobs);

	return vf_plan_new(data, selection->archs, selection->boards, list, first_variant(mutants),
			   error);
}

/* The variant of @plan called @name, which is loaded and added when it is not there yet. */
static const VfVariant *base_of(const char *data, const char *name, VfPlan *plan,
				const GPtrArray *mutants, GError **error)
{
	g_auto(GStrv) jobs = NULL;
	VfVariant *variant;

	for (guint i = 0; i < plan->variants->len; i++) {
		variant = plan->variants->pdata[i];
		if (!strcmp(variant->name, name))
			return variant;
	}
	variant = vf_variant_load(data, name, error);
	if (!variant)
		return NULL;
	jobs = jobs_of(mutants, name);
	vf_plan_add_variant(plan, variant, LIST(jobs));
	return variant;
}

static json_t *strings(const GStrv words)
{
	json_t *array = json_array();

	for (char **word = words; *word; word++)
		json_array_append_new(array, json_string(*word));
	return array;
}

static json_t *cell_of(const VfMutant *mutant, VfTask *task)
{
	const VfMutantRed *red =
		vf_mutant_red(mutant, task->arch->name, task->board->name, task->job->name);
	const char *expect = red ? "red" : mutant->red->len ? "green" : "any";
	json_t *cell = json_pack("{s:s, s:s, s:s, s:s}", "arch", task->arch->name, "board",
				 task->board->name, "job", task->job->name, "expect", expect);

	task->wants_fail = red != NULL;
	if (!red)
		return cell;
	json_object_set_new(cell, "hazards", strings(red->hazards));
	if (red->failed)
		json_object_set_new(cell, "failed", json_string(red->failed));
	if (red->reason)
		json_object_set_new(cell, "reason", json_string(red->reason));
	return cell;
}

static json_t *cells_of(const VfPlan *plan, const VfMutant *mutant, const VfVariant *variant)
{
	json_t *cells = json_array();

	for (guint i = 0; i < plan->tasks->len; i++) {
		VfTask *task = plan->tasks->pdata[i];

		if (task->variant == variant)
			json_array_append_new(cells, cell_of(mutant, task));
	}
	return cells;
}

/* Relative to the data directory where it lies below that. Caller frees. */
static char *shown_patch(const char *data, const char *patch)
{
	g_autofree char *root = g_canonicalize_filename(data, NULL);
	g_autofree char *below = g_strconcat(root, "/", NULL);

	return g_strdup(g_str_has_prefix(patch, below) ? patch + strlen(below) : patch);
}

static gboolean add_mutant(const char *data, VfExperiment *experiment, const VfMutant *mutant,
			   GError **error)
{
	VfPlan *plan = experiment->plan;
	const VfVariant *base = base_of(data, mutant->variant, plan, experiment->mutants, error);
	g_autofree char *sha256 = base ? vf_hash_of_file(mutant->patch, error) : NULL;
	VfMutantRecord *record;
	VfVariant *variant;

	if (!sha256)
		return FALSE;
	variant = vf_variant_mutant(base, mutant->name, mutant->title, mutant->patch);
	vf_plan_add_variant(plan, variant, LIST(mutant->jobs));
	record = g_new0(VfMutantRecord, 1);
	*record = (VfMutantRecord){
		.name = mutant->name,
		.title = mutant->title,
		.kind = mutant->kind,
		.base = base->name,
		.variant = variant->name,
		.patch = shown_patch(data, mutant->patch),
		.sha256 = g_steal_pointer(&sha256),
		.cells = cells_of(plan, mutant, variant),
	};
	g_ptr_array_add(experiment->records, record);
	return TRUE;
}

static const VfArch *arch_named(const VfPlan *plan, const char *name)
{
	for (guint i = 0; i < plan->archs->len; i++)
		if (!strcmp(((VfArch *)plan->archs->pdata[i])->name, name))
			return plan->archs->pdata[i];
	return NULL;
}

static const VfJob *job_named(const VfPlan *plan, const char *name)
{
	for (guint i = 0; i < plan->jobs->len; i++)
		if (!strcmp(((VfJob *)plan->jobs->pdata[i])->name, name))
			return plan->jobs->pdata[i];
	return NULL;
}

/* That the boards of @red run its job; those of architectures that are not selected are not known.
 */
static gboolean check_red(const VfPlan *plan, const VfMutant *mutant, const VfMutantRed *red,
			  GError **error)
{
	const VfJob *job = job_named(plan, red->job);

	for (char **place = red->on; job && *place; place++) {
		g_auto(GStrv) words = g_strsplit(*place, "/", 2);
		const VfArch *arch = arch_named(plan, words[0]);

		if (arch && (!vf_arch_board(arch, words[1]) ||
			     !g_strv_contains(LIST(job->boards), words[1])))
			return vf_throw(
				error, VF_ERROR_DATA,
				"patches/mutants/%s.json: red: the job %s does not run on %s",
				mutant->name, red->job, *place);
	}
	return TRUE;
}

static gboolean check_mutants(const VfExperiment *experiment, GError **error)
{
	for (guint i = 0; i < experiment->mutants->len; i++) {
		const VfMutant *mutant = experiment->mutants->pdata[i];

		for (guint k = 0; k < mutant->red->len; k++)
			if (!check_red(experiment->plan, mutant, mutant->red->pdata[k], error))
				return FALSE;
	}
	return TRUE;
}

/* Hash of all that makes @variant what it is on top of a source, or NULL. Caller frees. */
static char *hash_of(const VfVariant *variant, GError **error)
{
	g_autoptr(VfHash) hash = vf_hash_new("variant");

	for (guint i = 0; i < variant->patches->len; i++) {
		g_autofree char *sha256 = vf_hash_of_file(variant->patches->pdata[i], error);

		if (!sha256)
			return NULL;
		vf_hash_string(hash, "patch", sha256);
	}
	for (char **path = variant->config; path && *path; path++) {
		g_autofree char *sha256 = vf_hash_of_file(*path, error);

		if (!sha256)
			return NULL;
		vf_hash_string(hash, "config", sha256);
	}
	return vf_hash_hex(hash);
}

static gboolean note_selection(VfExperiment *experiment, const VfSelection *selection,
			       GError **error)
{
	json_t *bases = json_object();

	experiment->selection = selection_json(selection);
	json_object_set_new(experiment->selection, "bases", bases);
	for (guint i = 0; i < experiment->plan->variants->len; i++) {
		const VfVariant *variant = experiment->plan->variants->pdata[i];
		g_autofree char *hash = variant->base ? NULL : hash_of(variant, error);

		if (hash)
			json_object_set_new(bases, variant->name, json_string(hash));
		else if (!variant->base)
			return FALSE;
	}
	return TRUE;
}

VfExperiment *vf_experiment_new(const char *data, const VfSelection *selection, GError **error)
{
	g_autoptr(VfExperiment) experiment = g_new0(VfExperiment, 1);

	experiment->mutants = g_ptr_array_new_with_free_func((GDestroyNotify)vf_mutant_free);
	experiment->records = g_ptr_array_new_with_free_func(record_free);
	if (!load_mutants(data, selection->mutants, experiment->mutants, error) ||
	    !restrict_jobs(data, selection->jobs, experiment->mutants, error))
		return NULL;
	experiment->plan = plan_bases(data, selection, experiment->mutants, error);
	if (!experiment->plan || !check_mutants(experiment, error))
		return NULL;
	for (guint i = 0; i < experiment->mutants->len; i++)
		if (!add_mutant(data, experiment, experiment->mutants->pdata[i], error))
			return NULL;
	if (!note_selection(experiment, selection, error))
		return NULL;
	return g_steal_pointer(&experiment);
}

static gboolean is_stored(const VfMutantRecord *record, const json_t *stored)
{
	return !g_strcmp0(json_string_value(json_object_get(stored, "variant")), record->variant) &&
	       !g_strcmp0(json_string_value(json_object_get(stored, "sha256")), record->sha256) &&
	       json_equal(json_object_get(stored, "cells"), record->cells);
}

gboolean vf_experiment_is(const VfExperiment *experiment, const json_t *stored, GError **error)
{
	const json_t *mutants = json_object_get(stored, "mutants");
	const json_t *bases = json_object_get(json_object_get(stored, "selection"), "bases");
	gboolean same = json_array_size(mutants) == experiment->records->len;
	const char *changed = "the list of mutants";

	if (!json_equal(bases, json_object_get(experiment->selection, "bases"))) {
		same = FALSE;
		changed = "the series";
	}
	for (guint i = 0; same && i < experiment->records->len; i++) {
		const VfMutantRecord *record = experiment->records->pdata[i];

		same = is_stored(record, json_array_get(mutants, i));
		changed = record->name;
	}
	if (same)
		return TRUE;
	return vf_throw(error, VF_ERROR_USAGE,
			"--resume: %s has changed since the run began; start a new one", changed);
}
