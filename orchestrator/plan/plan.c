// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define LIST(strv) ((const char *const *)(strv))

static void task_free(gpointer data)
{
	VfTask *task = data;

	g_free(task->name);
	g_free(task->skip);
	g_free(task);
}

void vf_plan_free(VfPlan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->tasks);
	g_ptr_array_unref(plan->archs);
	g_ptr_array_unref(plan->jobs);
	g_ptr_array_unref(plan->variants);
	g_free(plan);
}

static gboolean unknown(GError **error, const char *kind, const char *name, const GStrv known)
{
	const char *near = vf_text_nearest(name, LIST(known));
	g_autofree char *shown = vf_text_escape(name, -1, 60);
	g_autofree char *all = g_strjoinv(", ", known);

	return vf_throw(error, VF_ERROR_USAGE, "unknown %s \"%s\"; known: %s%s%s%s", kind, shown,
			*all ? all : "none", near ? "; did you mean " : "", near ? near : "",
			near ? "?" : "");
}

/*
 * The names of @known that @list asks for, in the order of @known; NULL when one is unknown.
 * Caller frees the array, not the names.
 */
static GPtrArray *select_names(const char *kind, const char *list, const GStrv known,
			       GError **error)
{
	g_auto(GStrv) asked = g_strsplit(list ? list : "all", ",", -1);
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	if (!asked[0]) {
		unknown(error, kind, "", known);
		return NULL;
	}
	for (guint i = 0; asked[i]; i++) {
		g_strstrip(asked[i]);
		if (strcmp(asked[i], "all") && !g_strv_contains(LIST(known), asked[i])) {
			unknown(error, kind, asked[i], known);
			return NULL;
		}
	}
	for (guint i = 0; known[i]; i++)
		if (g_strv_contains(LIST(asked), "all") || g_strv_contains(LIST(asked), known[i]))
			g_ptr_array_add(names, known[i]);
	if (names->len)
		return g_steal_pointer(&names);
	return vf_throw_null(error, VF_ERROR_USAGE, "no %s is selected; known: none", kind);
}

static gboolean load_archs(const char *data, const char *list, VfPlan *plan, GError **error)
{
	g_auto(GStrv) known = vf_arch_names(data, error);
	g_autoptr(GPtrArray) names =
		known ? select_names("architecture", list, known, error) : NULL;

	for (guint i = 0; names && i < names->len; i++) {
		VfArch *arch = vf_arch_load(data, names->pdata[i], error);

		if (!arch)
			return FALSE;
		g_ptr_array_add(plan->archs, arch);
	}
	return names != NULL;
}

static gboolean load_jobs(const char *data, const char *list, VfPlan *plan, GError **error)
{
	g_auto(GStrv) known = vf_job_names(data, error);
	g_autoptr(GPtrArray) names = known ? select_names("job", list, known, error) : NULL;

	for (guint i = 0; names && i < names->len; i++) {
		VfJob *job = vf_job_load(data, names->pdata[i], error);

		if (!job)
			return FALSE;
		/* a kernel that does not boot is told by this job, before any other fails */
		g_ptr_array_insert(plan->jobs, strcmp(job->name, "boot") ? -1 : 0, job);
	}
	return names != NULL;
}

static gboolean load_variant(const char *data, const char *name, VfPlan *plan, GError **error)
{
	g_auto(GStrv) known = vf_variant_names(data, error);
	VfVariant *variant;

	if (!known)
		return FALSE;
	if (!g_strv_contains(LIST(known), name))
		return unknown(error, "variant", name, known);
	variant = vf_variant_load(data, name, error);
	if (!variant)
		return FALSE;
	g_ptr_array_add(plan->variants, variant);
	return TRUE;
}

static int by_board(gconstpointer a, gconstpointer b)
{
	return vf_board_order(*(const char *const *)a, *(const char *const *)b);
}

static void add_boards(const VfArch *arch, GHashTable *names)
{
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, arch->boards);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		g_hash_table_add(names, name);
}

/* The names of a set of boards in the order of the plan. Caller frees the array only. */
static GStrv sorted_boards(GHashTable *names)
{
	g_autofree gpointer *keys = g_hash_table_get_keys_as_array(names, NULL);
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();

	for (guint i = 0; keys[i]; i++)
		g_ptr_array_add(sorted, keys[i]);
	g_ptr_array_sort(sorted, by_board);
	g_ptr_array_add(sorted, NULL);
	return (GStrv)g_ptr_array_steal(sorted, NULL);
}

static GPtrArray *select_boards(const VfPlan *plan, const char *list, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree GStrv known = NULL;

	for (guint i = 0; i < plan->archs->len; i++)
		add_boards(plan->archs->pdata[i], names);
	known = sorted_boards(names);
	return select_names("board", list, known, error);
}

static char *missing_feature(const VfJob *job, const VfVariant *variant)
{
	for (char **need = job->needs; *need; need++)
		if (!vf_variant_provides(variant, *need))
			return g_strdup_printf("the variant %s does not provide %s", variant->name,
					       *need);
	return NULL;
}

static gboolean has_board_for(const VfArch *arch, const VfJob *job)
{
	for (char **board = job->boards; *board; board++)
		if (vf_arch_board(arch, *board))
			return TRUE;
	return FALSE;
}

/* Takes @skip. */
static void add_task(VfPlan *plan, const VfArch *arch, const VfBoard *board, const VfJob *job,
		     const VfVariant *variant, char *skip)
{
	VfTask *task = g_new0(VfTask, 1);

	task->arch = arch;
	task->board = board;
	task->job = job;
	task->variant = variant;
	task->name = g_strdup_printf("%s/%s/%s/%s", arch->name, board->name, job->name,
				     task->variant->name);
	task->skip = skip;
	g_ptr_array_add(plan->tasks, task);
}

/*
 * A job that no board of @arch can run shows up once, on the default board, so that it is seen to
 * be skipped.
 */
static void add_board(VfPlan *plan, const VfArch *arch, const VfBoard *board)
{
	for (guint i = 0; i < plan->jobs->len; i++) {
		const VfJob *job = plan->jobs->pdata[i];
		const VfVariant *variant = plan->variants->pdata[0];
		g_autofree char *boards = vf_text_list(LIST(job->boards));

		if (g_strv_contains(LIST(job->boards), board->name))
			add_task(plan, arch, board, job, variant, missing_feature(job, variant));
		else if (!strcmp(board->name, "default") && !has_board_for(arch, job))
			add_task(plan, arch, board, job, variant,
				 g_strdup_printf("%s has no board %s", arch->name, boards));
	}
}

static gboolean add_tasks(VfPlan *plan, const GPtrArray *boards, GError **error)
{
	for (guint i = 0; i < plan->archs->len; i++) {
		const VfArch *arch = plan->archs->pdata[i];

		for (guint j = 0; j < boards->len; j++) {
			const VfBoard *board = vf_arch_board(arch, boards->pdata[j]);

			if (board)
				add_board(plan, arch, board);
		}
	}
	if (plan->tasks->len)
		return TRUE;
	return vf_throw(error, VF_ERROR_USAGE,
			"nothing to do: none of the selected jobs runs on a selected board");
}

void vf_plan_add_variant(VfPlan *plan, VfVariant *variant, const char *const *jobs)
{
	const VfVariant *first = plan->variants->pdata[0];
	guint tasks = plan->tasks->len;

	g_ptr_array_add(plan->variants, variant);
	for (guint i = 0; i < tasks; i++) {
		const VfTask *task = plan->tasks->pdata[i];

		if (task->variant == first && g_strv_contains(jobs, task->job->name) &&
		    has_board_for(task->arch, task->job))
			add_task(plan, task->arch, task->board, task->job, variant,
				 missing_feature(task->job, variant));
	}
}

VfPlan *vf_plan_new(const char *data, const char *archs, const char *boards, const char *jobs,
		    const char *variant, GError **error)
{
	g_autoptr(VfPlan) plan = g_new0(VfPlan, 1);
	g_autoptr(GPtrArray) selected = NULL;

	plan->archs = g_ptr_array_new_with_free_func((GDestroyNotify)vf_arch_free);
	plan->jobs = g_ptr_array_new_with_free_func((GDestroyNotify)vf_job_free);
	plan->variants = g_ptr_array_new_with_free_func((GDestroyNotify)vf_variant_free);
	plan->tasks = g_ptr_array_new_with_free_func(task_free);
	if (!load_archs(data, archs, plan, error) || !load_jobs(data, jobs, plan, error) ||
	    !load_variant(data, variant, plan, error))
		return NULL;
	selected = select_boards(plan, boards, error);
	if (!selected || !add_tasks(plan, selected, error))
		return NULL;
	return g_steal_pointer(&plan);
}
