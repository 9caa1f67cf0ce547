// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/plan.h"

#include "base/error.h"
#include "plan-fixture.h"
#include "paths.h"

/* One line a task: its name, and the reason behind it where it is skipped. Caller frees. */
static char *tasks_of(const VfPlan *plan)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < plan->tasks->len; i++) {
		const VfTask *task = plan->tasks->pdata[i];

		g_string_append_printf(all, "%s%s%s\n", task->name, task->skip ? ": " : "",
				       task->skip ? task->skip : "");
	}
	return g_strdup(all->str);
}

static void test_matrix(void)
{
	static const struct {
		const char *archs, *boards, *jobs, *variant, *tasks;
	} cases[] = {
		{NULL, NULL, NULL, "full",
		 "alpha/default/boot/full\n"
		 "alpha/default/alloc/full\n"
		 "alpha/big/alloc/full\n"
		 "alpha/big/wide/full\n"
		 "beta/default/boot/full\n"
		 "beta/default/alloc/full\n"
		 "beta/default/wide/full: beta has no board big\n"},
		{"all", "all", "alloc,boot", "base",
		 "alpha/default/boot/base\n"
		 "alpha/default/alloc/base: the variant base does not provide dma_alloc_sg\n"
		 "alpha/big/alloc/base: the variant base does not provide dma_alloc_sg\n"
		 "beta/default/boot/base\n"
		 "beta/default/alloc/base: the variant base does not provide dma_alloc_sg\n"},
		{"beta, alpha", "default", "boot", "full",
		 "alpha/default/boot/full\n"
		 "beta/default/boot/full\n"},
		{"alpha,alpha", "big", NULL, "full",
		 "alpha/big/alloc/full\n"
		 "alpha/big/wide/full\n"},
		{"all", "big", "all", "full",
		 "alpha/big/alloc/full\n"
		 "alpha/big/wide/full\n"},
		{"beta", NULL, "wide", "full", "beta/default/wide/full: beta has no board big\n"},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfPlan) plan = vf_plan_new(scratch->path, cases[i].archs, cases[i].boards,
						     cases[i].jobs, cases[i].variant, &error);
		g_autofree char *tasks = NULL;

		g_assert_no_error(error);
		tasks = tasks_of(plan);
		g_assert_cmpstr(tasks, ==, cases[i].tasks);
	}
}

static void test_task(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(VfPlan) plan = vf_plan_new(scratch->path, "alpha", "big", "wide", "full", NULL);
	const VfTask *task = plan->tasks->pdata[0];

	g_assert_cmpstr(task->arch->name, ==, "alpha");
	g_assert_cmpstr(task->board->name, ==, "big");
	g_assert_cmpstr(task->job->name, ==, "wide");
	g_assert_cmpstr(task->variant->name, ==, "full");
	g_assert_null(task->skip);
	g_assert_cmpuint(plan->archs->len, ==, 1);
	g_assert_cmpuint(plan->jobs->len, ==, 1);
	g_assert_cmpuint(plan->variants->len, ==, 1);
}

static void test_usage(void)
{
	static const struct {
		const char *archs, *boards, *jobs, *variant, *message;
	} cases[] = {
		{"alhpa", NULL, NULL, "full",
		 "unknown architecture \"alhpa\"; known: alpha, beta; did you mean alpha?"},
		{"alpha,riscv", NULL, NULL, "full",
		 "unknown architecture \"riscv\"; known: alpha, beta"},
		{"", NULL, NULL, "full", "unknown architecture \"\"; known: alpha, beta"},
		{"alpha,,beta", NULL, NULL, "full",
		 "unknown architecture \"\"; known: alpha, beta"},
		{"../alpha", NULL, NULL, "full",
		 "unknown architecture \"../alpha\"; known: alpha, beta"},
		{"\x1b[2J", NULL, NULL, "full",
		 "unknown architecture \"\\x1b[2J\"; known: alpha, beta"},
		{NULL, NULL, "boots", "full",
		 "unknown job \"boots\"; known: alloc, boot, wide; did you mean boot?"},
		{NULL, NULL, NULL, "ful",
		 "unknown variant \"ful\"; known: base, full; did you mean full?"},
		{NULL, "bigg", NULL, "full",
		 "unknown board \"bigg\"; known: default, big; did you mean big?"},
		{"beta", "big", NULL, "full", "unknown board \"big\"; known: default"},
		{"alpha", "big", "boot", "full",
		 "nothing to do: none of the selected jobs runs on a selected board"},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_plan_new(scratch->path, cases[i].archs, cases[i].boards,
					  cases[i].jobs, cases[i].variant, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

/* A malformed file is told when it is selected, also where no task would come of it. */
static void test_malformed(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfPlan) plan = NULL;

	scratch_write("jobs/wide.json", "{}");
	g_assert_null(vf_plan_new(scratch->path, NULL, NULL, NULL, "full", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==,
			"jobs/wide.json: name: expected a non-empty string, found nothing");
	g_clear_error(&error);
	plan = vf_plan_new(scratch->path, NULL, NULL, "boot", "full", &error);
	g_assert_no_error(error);
	g_assert_nonnull(plan);
	scratch_write("kernels/beta/arch.json", "{");
	g_assert_null(vf_plan_new(scratch->path, NULL, NULL, "boot", "full", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_clear_error(&error);
	scratch_write("patches/variants/full.json", "{");
	g_assert_null(vf_plan_new(scratch->path, "alpha", NULL, "boot", "full", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
}

static void test_empty(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;

	g_assert_true(vf_dirs_remove("jobs", NULL));
	g_assert_null(vf_plan_new(scratch->path, NULL, NULL, NULL, "full", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==, "jobs: expected a directory that can be read");
	g_clear_error(&error);
	g_assert_cmpint(g_mkdir("jobs", 0755), ==, 0);
	g_assert_null(vf_plan_new(scratch->path, NULL, NULL, NULL, "full", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_cmpstr(error->message, ==, "no job is selected; known: none");
	g_clear_error(&error);
	fixture_put("jobs/boot.json", fixture_job("boot", "[\"default\"]", "[]"));
	g_assert_true(vf_dirs_remove("patches", NULL));
	g_assert_null(vf_plan_new(scratch->path, NULL, NULL, NULL, "full", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==,
			"patches/variants: expected a directory that can be read");
}

static gboolean provided(const char *feature)
{
	g_auto(GStrv) names = vf_variant_names(VIFARM_SOURCE_DIR, NULL);

	for (char **name = names; *name; name++) {
		g_autoptr(VfVariant) variant = vf_variant_load(VIFARM_SOURCE_DIR, *name, NULL);

		if (variant && vf_variant_provides(variant, feature))
			return TRUE;
	}
	return FALSE;
}

static gboolean has_board(const VfPlan *plan, const char *board)
{
	for (guint i = 0; i < plan->archs->len; i++)
		if (vf_arch_board(plan->archs->pdata[i], board))
			return TRUE;
	return FALSE;
}

/* The files of this checkout: all are right, and what they ask of each other is there. */
static void test_checkout(void)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) variants = vf_variant_names(VIFARM_SOURCE_DIR, &error);

	g_assert_no_error(error);
	for (char **variant = variants; *variant; variant++) {
		g_autoptr(VfPlan) plan =
			vf_plan_new(VIFARM_SOURCE_DIR, NULL, NULL, NULL, *variant, &error);

		g_assert_no_error(error);
		for (guint i = 0; i < plan->jobs->len; i++) {
			const VfJob *job = plan->jobs->pdata[i];

			for (char **need = job->needs; *need; need++)
				if (!provided(*need))
					g_error("jobs/%s.json: no variant provides %s", job->name,
						*need);
			for (char **board = job->boards; *board; board++)
				if (!has_board(plan, *board))
					g_error("jobs/%s.json: no architecture has a board %s",
						job->name, *board);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/matrix", test_matrix);
	g_test_add_func("/plan/task", test_task);
	g_test_add_func("/plan/usage", test_usage);
	g_test_add_func("/plan/malformed", test_malformed);
	g_test_add_func("/plan/empty", test_empty);
	g_test_add_func("/plan/checkout", test_checkout);
	return g_test_run();
}
