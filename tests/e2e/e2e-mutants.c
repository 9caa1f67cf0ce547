// SPDX-License-Identifier: GPL-2.0-or-later
/* That every mutant still applies, and that an experiment says what it should, killed or not. */
#include <signal.h>
#include <string.h>

#include "base/dirs.h"
#include "kernel/patch.h"
#include "kernel/source.h"
#include "kernel/stack.h"
#include "harness.h"
#include "plan/mutant.h"
#include "paths.h"

static void keep_result(GObject *object, GAsyncResult *result, gpointer data)
{
	(void)object;
	*(GAsyncResult **)data = g_object_ref(result);
}

/* The source that e2e/farm has unpacked. */
static VfSource *source_new(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GAsyncResult) result = NULL;
	VfSource *source = vf_source_new(NULL, &error);

	g_assert_no_error(error);
	vf_source_identify_async(source, NULL, keep_result, &result);
	while (!result)
		g_main_context_iteration(NULL, TRUE);
	vf_source_identify_finish(result, &error);
	g_assert_no_error(error);
	return source;
}

/* What `git apply` says to a patch in @directory; fails the test when it says no. Caller frees. */
static char *git_apply(const char *directory, const char *option, const char *patch)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
	g_autoptr(GSubprocess) git = NULL;
	g_autoptr(GError) error = NULL;
	char *out = NULL;

	g_subprocess_launcher_set_cwd(launcher, directory);
	git = g_subprocess_launcher_spawn(launcher, &error, "git", "apply", option, patch, NULL);
	g_assert_no_error(error);
	g_subprocess_communicate_utf8(git, NULL, NULL, &out, NULL, &error);
	g_assert_no_error(error);
	if (!g_subprocess_get_successful(git))
		g_error("%s does not apply: %s", patch, out);
	return out;
}

/* As a series leaves it: the changed file of the stack, or the source's. */
static void copy_in(const VfStack *stack, const char *tree, const char *path, const char *to)
{
	g_autofree char *changed = g_build_filename(stack->files_dir, path, NULL);
	g_autofree char *plain = g_build_filename(tree, path, NULL);
	g_autofree char *copy = g_build_filename(to, path, NULL);
	g_autofree char *directory = g_path_get_dirname(copy);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	gsize length;

	if (!g_file_get_contents(changed, &text, &length, NULL))
		g_file_get_contents(plain, &text, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
	g_file_set_contents(copy, text, (gssize)length, &error);
	g_assert_no_error(error);
}

static void check_applies(VfSource *source, const VfMutant *mutant)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfVariant) variant = vf_variant_load(vf_dirs_data(), mutant->variant, &error);
	g_autoptr(VfStack) stack = variant ? vf_stack_load(source, variant->patches, &error) : NULL;
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *scratch = g_dir_make_tmp("vifarm-mutants-XXXXXX", NULL);
	g_autofree char *numstat = git_apply(scratch, "--numstat", mutant->patch), *said = NULL;
	g_auto(GStrv) lines = g_strsplit(numstat, "\n", -1);

	g_assert_no_error(error);
	if (!stack) {
		g_test_message("%s: the variant %s was never built here", mutant->name,
			       mutant->variant);
	} else {
		for (char **line = lines; *line && **line; line++)
			copy_in(stack, vf_source_tree(source), strrchr(*line, '\t') + 1, scratch);
		said = git_apply(scratch, "--check", mutant->patch);
		g_assert_cmpstr(said, ==, "");
	}
	vf_dirs_remove(scratch, NULL);
}

/* On top of `linear` as well when that was built. */
static void test_apply(void)
{
	g_autoptr(VfSource) source = source_new();
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = vf_mutant_names(vf_dirs_data(), &error);

	g_assert_no_error(error);
	for (char **name = names; *name; name++) {
		g_autoptr(VfMutant) mutant = vf_mutant_load(vf_dirs_data(), *name, &error);

		g_assert_no_error(error);
		check_applies(source, mutant);
	}
}

static const char *outcome_on(json_t *mutation, guint mutant, const char *arch)
{
	json_t *entry = json_array_get(json_object_get(mutation, "mutants"), mutant);

	return json_string_value(json_object_get(json_object_get(entry, "architectures"), arch));
}

static json_t *score_of(json_t *mutation, const char *key)
{
	return json_object_get(json_object_get(mutation, "score"), key);
}

static void test_caught(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome =
		farm_call(farm, "mutate", "--arch", "hppa,x86_64", "--job", "vflush", "--mutant",
			  "vflush-empty,parisc-vflush-half", "--format", "json", NULL);
	g_autoptr(Outcome) shown = farm_call(farm, "show", "LAST", NULL);
	g_autoptr(Outcome) why =
		farm_call(farm, "why", "hppa/default/vflush/full+parisc-vflush-half", NULL);
	json_auto_t *mutation = outcome_json(outcome);

	g_assert_cmpstr(outcome_on(mutation, 0, "hppa"), ==, "caught");
	/* mm/vmalloc.c is built there: other line numbers, another image */
	g_assert_cmpstr(outcome_on(mutation, 0, "x86_64"), ==, "green");
	g_assert_cmpstr(outcome_on(mutation, 1, "hppa"), ==, "caught");
	g_assert_cmpstr(outcome_on(mutation, 1, "x86_64"), ==, "same kernel");
	g_assert_cmpint(json_integer_value(score_of(mutation, "caught")), ==, 2);
	g_assert_cmpint(json_integer_value(score_of(mutation, "unexpected")), ==, 0);
	g_assert_cmpint(outcome->status, ==, 0);
	assert_contains(shown->out, "full+vflush-empty");
	assert_contains(why->out, "stale read");
}

/* A patch that changes no byte of the kernel is not seen, and that is told. */
static void test_survivor(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = NULL;
	json_auto_t *mutation = NULL;

	outcome = farm_call(farm, "mutate", "--arch", "hppa", "--job", "vflush", "--mutant",
			    VIFARM_SOURCE_DIR "/tests/data/mutants/breaks-nothing.patch",
			    "--format", "json", NULL);
	mutation = outcome_json(outcome);
	g_assert_cmpstr(outcome_on(mutation, 0, "hppa"), ==, "same kernel");
	g_assert_cmpint(outcome->status, ==, 1);
}

/* How many tests of the last run have a result; 0 while there is no run. */
static gsize finished(Farm *farm)
{
	g_autoptr(Outcome) outcome = farm_call(farm, "show", "LAST", "--format", "json", NULL);
	json_auto_t *results = json_loads(outcome->out, 0, NULL);

	return json_array_size(json_object_get(results, "tests"));
}

static void test_killed(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process =
		farm_start(farm, "mutate", "--arch", "hppa", "--job", "vflush", "--mutant",
			   "vflush-empty", "--format", "json", NULL);
	g_autoptr(Outcome) killed = NULL, resumed = NULL, again = NULL;
	json_auto_t *mutation = NULL, *second = NULL;
	gsize before = 0;

	for (guint i = 0; i < 600 && !before; i++) {
		g_usleep(100000);
		before = finished(farm);
	}
	g_subprocess_force_exit(process);
	killed = farm_wait(process);
	g_assert_cmpuint(before, >, 0);
	resumed = farm_call(farm, "mutate", "--resume", "LAST", "--format", "json", NULL);
	mutation = outcome_json(resumed);
	g_assert_cmpstr(outcome_on(mutation, 0, "hppa"), ==, "caught");
	g_assert_cmpint(resumed->status, ==, 0);
	again = farm_call(farm, "mutate", "--resume", "LAST", "--format", "json", NULL);
	second = outcome_json(again);
	g_assert_true(json_equal(json_object_get(mutation, "mutants"),
				 json_object_get(second, "mutants")));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mutants/apply", test_apply);
	g_test_add_func("/mutants/caught", test_caught);
	g_test_add_func("/mutants/survivor", test_survivor);
	g_test_add_func("/mutants/killed", test_killed);
	return g_test_run();
}
