// SPDX-License-Identifier: GPL-2.0-or-later
/* The promise of the README: four architectures, built, booted, green; nothing rebuilt after. */
#include "harness.h"

static const char *const archs[] = {"x86_64", "sparc64", "hppa", "mips64"};

static void test_all_pass(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = farm_call(farm, "run", "--arch", "all", "--job", "boot,dma-sg",
					       "--format", "json", NULL);
	json_t *results = outcome_json(outcome);

	for (gsize i = 0; i < G_N_ELEMENTS(archs); i++) {
		g_autofree char *boot = g_strdup_printf("%s/default/boot/full", archs[i]);
		g_autofree char *sg = g_strdup_printf("%s/default/dma-sg/full", archs[i]);

		g_assert_cmpstr(results_status(results, boot), ==, "PASS");
		g_assert_cmpstr(results_status(results, sg), ==, "PASS");
	}
	g_assert_cmpint(outcome->status, ==, 0);
	json_decref(results);
}

static void test_nothing_rebuilt(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome =
		farm_call(farm, "run", "--arch", "all", "--job", "boot", "--format", "json", NULL);
	json_t *results = outcome_json(outcome);
	json_t *builds = json_object_get(results, "builds"), *build;
	gsize i;

	g_assert_cmpint(outcome->status, ==, 0);
	g_assert_cmpuint(json_array_size(builds), ==, G_N_ELEMENTS(archs));
	json_array_foreach (builds, i, build)
		g_assert_true(json_is_true(json_object_get(build, "cached")));
	json_decref(results);
}

/* A kernel without the API must not look as if it had it. */
static void test_base_is_not_pass(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome =
		farm_call(farm, "run", "--arch", "hppa", "--board", "default", "--job", "dma-sg",
			  "--variant", "base", "--format", "json", NULL);
	json_t *results = outcome_json(outcome);

	g_assert_cmpstr(results_status(results, "hppa/default/dma-sg/base"), ==, "SKIP");
	assert_contains(results_reason(results, "hppa/default/dma-sg/base"), "dma_alloc_sg");
	json_decref(results);
}

static void test_repro(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) run = farm_call(farm, "run", "--arch", "hppa", "--board", "default",
					   "--job", "boot", "--format", "json", NULL);
	g_autoptr(Outcome) repro = farm_call(farm, "repro", "hppa/default/boot/full", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) shell = NULL;
	g_autofree char *console = NULL;

	g_assert_cmpint(run->status, ==, 0);
	g_assert_cmpint(repro->status, ==, 0);
	shell = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
					 G_SUBPROCESS_FLAGS_STDERR_MERGE,
				 &error, "timeout", "60", "sh", "-c", repro->out, NULL);
	g_assert_no_error(error);
	g_subprocess_communicate_utf8(shell, "", NULL, &console, NULL, &error);
	g_assert_no_error(error);
	assert_contains(console, "Linux version");
	assert_contains(console, "vifarm: end");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/farm/all-pass", test_all_pass);
	g_test_add_func("/farm/nothing-rebuilt", test_nothing_rebuilt);
	g_test_add_func("/farm/base-is-not-pass", test_base_is_not_pass);
	g_test_add_func("/farm/repro", test_repro);
	return g_test_run();
}
