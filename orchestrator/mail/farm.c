// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/farm.h"

#include <string.h>

#include "base/dirs.h"
#include "plan/plan.h"
#include "run/run.h"

/* Puts the series into the variant that the plan was made for. */
static void set_variant(const VfMailRun *run, VfVariant *variant)
{
	gboolean in_tree = !strcmp(run->support, "tree");

	if (run->patch)
		vf_variant_add_series(variant, run->patch,
				      in_tree			       ? VF_SERIES_ALONE
				      : !strcmp(run->support, "above") ? VF_SERIES_BELOW
								       : VF_SERIES_ABOVE);
	else if (in_tree)
		g_ptr_array_set_size(variant->patches, 0);
	if (run->stranger && !run->patch)
		vf_variant_distrust(variant);
}

/* The plan named its tasks after the variant as it was. */
static void rename_tasks(const VfPlan *plan)
{
	for (guint i = 0; i < plan->tasks->len; i++) {
		VfTask *task = plan->tasks->pdata[i];

		g_free(task->name);
		task->name = g_strdup_printf("%s/%s/%s/%s", task->arch->name, task->board->name,
					     task->job->name, task->variant->name);
	}
}

json_t *vf_mail_farm_run(const VfMailPolicy *policy, VfDb *db, const VfMailRun *run, GError **error)
{
	g_autofree char *plugin = vf_dirs_plugin();
	g_autofree char *command = g_strdup_printf("mail run: %s", run->what);
	const char *boards = strcmp(run->boards, "all") ? run->boards : NULL;
	g_autoptr(VfPlan) plan =
		vf_plan_new(vf_dirs_data(), run->archs, boards, run->jobs, policy->variant, error);
	VfLimits limits = vf_mail_policy_limits(policy);
	g_autoptr(VfBuilder) builder = NULL;
	g_autoptr(VfDisplay) display = NULL;
	g_autoptr(VfRunResult) result = NULL;
	const VfRunOptions options = {
		.command = command,
		.backend = &vf_guest_qemu,
		.message_id = run->message_id,
		.plugin = g_file_test(plugin, G_FILE_TEST_EXISTS) ? plugin : NULL,
		.jobs = g_get_num_processors(),
	};

	if (!plan)
		return NULL;
	set_variant(run, plan->variants->pdata[0]);
	rename_tasks(plan);
	builder = vf_builder_new(vf_dirs_data(), run->repository, g_get_num_processors(), error);
	if (!builder)
		return NULL;
	vf_builder_limit_strangers(builder, &limits);
	display = vf_display_new(run->quiet ? VF_DISPLAY_QUIET : VF_DISPLAY_AUTO, stderr,
				 plan->tasks->len);
	vf_display_note(display, "%s", run->what);
	result = vf_run(plan, builder, db, display, &options, error);
	if (result && result->interrupted)
		return vf_throw_null(error, VF_ERROR_CANCELLED,
				     "interrupted; it will be tested again");
	return result ? vf_db_run_json(db, result->id, error) : NULL;
}
