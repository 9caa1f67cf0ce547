// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include "plan-fixture.h"

static const VfCommand command = {"list", "[archs|jobs|variants|mutants|runs]", "what there is",
				  vf_cmd_list};

/* One call, and what must come of it; @out and @err are glob patterns. */
typedef struct ListCase {
	const char *line;
	int exit;
	const char *out, *err;
} ListCase;

static const ListCase cases[] = {
	{"list jobs", 0,
	 "*JOB    TITLE  BOARDS        NEEDS\n"
	 "alloc  a job  default, big  dma_alloc_sg\n"
	 "boot   a job  default       -\n"
	 "wide   a job  big           -\n"
	 "exit=0*",
	 ""},
	{"list variants", 0,
	 "*VARIANT  TITLE      PATCHES  PROVIDES\n"
	 "base     a variant  0        -\n"
	 "full     a variant  2        dma_alloc_sg\n"
	 "exit=0*",
	 ""},
	{"list archs", 0,
	 "*ARCH   TITLE            BOARDS        TOOLS\n"
	 "alpha  an architecture  default, big  *\n"
	 "beta   an architecture  default       *\n"
	 "exit=0*",
	 ""},
	{"list", 0, "*ARCH *\n\nJOB *\n\nVARIANT  TITLE *dma_alloc_sg\nexit=0*", ""},
	{"list --format json jobs", 0,
	 "*{\n  \"jobs\": [\n    {\n      \"name\": \"alloc\",\n      \"title\": \"a job\",\n"
	 "      \"boards\": [\n        \"default\",\n        \"big\"\n      ],\n"
	 "      \"needs\": [\n        \"dma_alloc_sg\"\n      ],\n"
	 "      \"control\": \"what turns it red\"\n    },*",
	 ""},
	{"list --format=json archs", 0,
	 "*\"name\": \"alpha\",*\"boards\": [\n        {\n          \"name\": \"default\",\n"
	 "          \"title\": \"a board\",\n          \"limits\": []\n        },*"
	 "\"limits\": [\n        \"none worth a word\"\n      ],\n      \"missing\": *",
	 ""},
	{"list --format=json runs", 0, "*{\n  \"runs\": []\n}\n*", ""},
	{"list --format=json", 0,
	 "*\"archs\": [*\"jobs\": [*\"variants\": [*\"mutants\": [*\"runs\": []*", ""},
	{"list --help", 0, "*orchestrator list*archs|jobs|variants|mutants|runs*--format*TOOLS*",
	 ""},
	{"list \x1b[2J", 64, "*exit=64*",
	 "orchestrator: unknown list \"\\x1b[2J\"; known: archs, jobs, variants, mutants, runs\n"},
	{"list jobs archs", 64, "*exit=64*",
	 "orchestrator: list: expected at most one argument, found 2\n"},
	{"list --format xml", 64, "*exit=64*",
	 "orchestrator: --format: expected text or json, found \"xml\"\n"},
	{"list --colour", 64, "*exit=64*",
	 "orchestrator list: Unknown option --colour; see orchestrator list --help\n"},
	{"list --format json things", 64, "*\"class\": \"usage\",*unknown list*exit=64*", ""},
};

/* The same where jobs/wide.json, beta's arch.json and full.json are "{}". */
static const ListCase broken[] = {
	{"list", 64, "*exit=64*",
	 "orchestrator: kernels/beta/arch.json: name: expected a non-empty string, found "
	 "nothing\n"},
	{"list jobs", 64, "*exit=64*",
	 "orchestrator: jobs/wide.json: name: expected a non-empty string, found nothing\n"},
	{"list variants", 64, "*exit=64*",
	 "orchestrator: patches/variants/full.json: name: expected a non-empty string, found "
	 "nothing\n"},
	{"list --format json jobs", 64, "*\"class\": \"data\",*jobs/wide.json: name: *exit=64*",
	 ""},
	{"list runs", 0, "*exit=0*", ""},
};

static const ListCase empty[] = {
	{"list", 64, "*exit=64*", "orchestrator: kernels: expected a directory that can be read\n"},
};

static void call(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	int argc = (int)g_strv_length(words);
	g_autofree char **argv = g_memdup2(words, ((gsize)argc + 1) * sizeof(char *));

	/* a subprocess starts where the test program did */
	g_assert_cmpint(g_chdir(g_getenv("VIFARM_DATA")), ==, 0);
	g_print("exit=%d\n", vf_cmd_list(&command, argc, argv));
}

static void run(const ListCase *list, gsize n)
{
	const char *index = g_getenv("CASE");

	if (g_test_subprocess()) {
		call(list[atoi(index)].line);
		return;
	}
	for (gsize i = 0; i < n; i++) {
		g_autofree char *number = g_strdup_printf("%zu", i);

		g_setenv("CASE", number, TRUE);
		g_test_trap_subprocess(NULL, 0, 0);
		g_test_trap_assert_passed();
		g_test_trap_assert_stdout(list[i].out);
		g_test_trap_assert_stderr(list[i].err);
	}
}

/* The checkout that the program reads; its state directory does not exist. */
static Scratch *checkout_new(void)
{
	Scratch *scratch;

	if (g_test_subprocess())
		return NULL;
	scratch = fixture_new();
	g_setenv("VIFARM_DATA", scratch->path, TRUE);
	g_setenv("XDG_STATE_HOME", scratch->path, TRUE);
	return scratch;
}

static void test_lists(void)
{
	g_autoptr(Scratch) scratch = checkout_new();

	run(cases, G_N_ELEMENTS(cases));
}

static void test_broken(void)
{
	g_autoptr(Scratch) scratch = checkout_new();

	if (scratch) {
		scratch_write("jobs/wide.json", "{}");
		scratch_write("kernels/beta/arch.json", "{}");
		scratch_write("patches/variants/full.json", "{}");
	}
	run(broken, G_N_ELEMENTS(broken));
}

static void test_empty(void)
{
	g_autoptr(Scratch) scratch = checkout_new();

	if (scratch)
		g_assert_true(vf_dirs_remove("kernels", NULL));
	run(empty, G_N_ELEMENTS(empty));
}

int main(int argc, char **argv)
{
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	g_unsetenv("COLUMNS");
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/list/lists", test_lists);
	g_test_add_func("/list/broken", test_broken);
	g_test_add_func("/list/empty", test_empty);
	return g_test_run();
}
