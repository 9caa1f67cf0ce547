// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/mutants.h"

#include "results-db/internal.h"

typedef struct Experiment {
	const char *run_id;
	const json_t *selection;
	const GPtrArray *mutants;
} Experiment;

static gboolean store_mutant(VfDb *db, gint64 run, guint position, const VfMutantRecord *mutant,
			     GError **error)
{
	g_autofree char *cells = json_dumps(mutant->cells, JSON_COMPACT);

	return vf_db_run(db, error,
			 "INSERT INTO mutants (run, position, name, title, kind, base, variant, "
			 "patch, sha256, cells) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			 "iitttttttt", run, (gint64)position, mutant->name, mutant->title,
			 mutant->kind, mutant->base, mutant->variant, mutant->patch, mutant->sha256,
			 cells);
}

static gboolean store_experiment(VfDb *db, gpointer data, GError **error)
{
	const Experiment *experiment = data;
	g_autofree char *selection = json_dumps(experiment->selection, JSON_COMPACT);
	gint64 run;

	if (!vf_db_integer(db, &run, 0, error, "SELECT id FROM runs WHERE name = ?", "t",
			   experiment->run_id) ||
	    !vf_db_run(db, error, "INSERT INTO experiments (run, selection) VALUES (?, ?)", "it",
		       run, selection))
		return FALSE;
	for (guint i = 0; i < experiment->mutants->len; i++)
		if (!store_mutant(db, run, i, experiment->mutants->pdata[i], error))
			return FALSE;
	return TRUE;
}

gboolean vf_db_experiment(VfDb *db, const char *run_id, const json_t *selection,
			  const GPtrArray *mutants, GError **error)
{
	Experiment experiment = {run_id, selection, mutants};

	return vf_db_transaction(db, store_experiment, &experiment, error);
}

gboolean vf_db_is_experiment(VfDb *db, const char *run_id, gboolean *is, GError **error)
{
	gint64 count;

	if (!vf_db_integer(db, &count, 0, error,
			   "SELECT count(*) FROM experiments JOIN runs ON runs.id = run "
			   "WHERE name = ?",
			   "t", run_id))
		return FALSE;
	*is = count > 0;
	return TRUE;
}

json_t *vf_db_experiment_json(VfDb *db, const char *run_id, GError **error)
{
	json_auto_t *experiment = NULL;
	json_t *mutants;

	if (!vf_db_first(db, &experiment, error,
			 "SELECT selection AS \"selection:j\" FROM experiments "
			 "JOIN runs ON runs.id = run WHERE name = ?",
			 "t", run_id))
		return NULL;
	if (!experiment)
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "run %s is not an experiment; `orchestrator mutate` makes one",
				     run_id);
	mutants = vf_db_rows(db, error,
			     "SELECT mutants.name AS name, title, kind, base, mutants.variant AS "
			     "variant, patch, sha256, cells AS \"cells:j\" FROM mutants "
			     "JOIN runs ON runs.id = run WHERE runs.name = ? ORDER BY position",
			     "t", run_id);
	if (!mutants)
		return NULL;
	json_object_set_new(experiment, "mutants", mutants);
	return g_steal_pointer(&experiment);
}

json_t *vf_db_mutation_json(VfDb *db, const char *run_id, GError **error)
{
	json_auto_t *experiment = vf_db_experiment_json(db, run_id, error);
	json_auto_t *results = experiment ? vf_db_run_json(db, run_id, error) : NULL;
	json_auto_t *score = NULL;
	json_t *document;

	if (!results)
		return NULL;
	score = json_incref(json_object_get(results, "mutation"));
	document = json_pack("{s:s, s:i, s:O, s:O}", "format", "vifarm-mutation", "format_version",
			     1, "run", json_object_get(results, "run"), "selection",
			     json_object_get(experiment, "selection"));
	json_object_update(document, score);
	return document;
}
