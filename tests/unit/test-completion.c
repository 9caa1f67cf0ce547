// SPDX-License-Identifier: GPL-2.0-or-later
/* Completion and manual pages of a made-up command, whose options have one of each kind. */
#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/describe.h"
#include "golden.h"

static gboolean worked; /* the command did more than parse */

static int fake_main(const VfCommand *command, int argc, char **argv)
{
	char *text = NULL, *file = NULL;
	gboolean flag = FALSE, done = FALSE;
	const GOptionEntry options[] = {
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &text, "Architectures", "LIST|all"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &text, "What's printed: [a]", "text|json"},
		{"output", 0, 0, G_OPTION_ARG_FILENAME, &file, "Write \\here\\ too", "FILE"},
		{"flag", 0, 0, G_OPTION_ARG_NONE, &flag, "A flag", NULL},
		{"count", 'n', 0, G_OPTION_ARG_STRING, &text, "How many", "N"},
		{NULL},
	};

	if (!vf_cli_parse(command, options, ".dots and 'quotes' at the start\n\\end\n", &argc,
			  &argv, &done) ||
	    done)
		return 0;
	worked = TRUE;
	return 0;
}

static const VfCommand commands[] = {
	{"fake", "words|more [RUN]", "it's a fake: one", fake_main},
	{"other-one", "", "takes nothing", fake_main},
	{NULL},
};

static void check_syntax(const char *shell, const char *script)
{
	g_autofree char *program = g_find_program_in_path(shell);
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "vifarm-completion-XXXXXX", NULL);
	g_autoptr(GSubprocess) child = NULL;
	int fd = g_mkstemp(path);

	g_assert_cmpint(fd, >=, 0);
	g_assert_true(g_file_set_contents(path, script, -1, NULL));
	if (program) {
		child = g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, NULL, program, "-n", path, NULL);
		g_assert_true(g_subprocess_wait_check(child, NULL, NULL));
	}
	remove(path);
	close(fd);
}

static void test_completion(void)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};
	g_autoptr(GPtrArray) all = vf_describe(commands);

	g_assert_false(worked);
	for (gsize i = 0; i < G_N_ELEMENTS(shells); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *script = vf_completion(shells[i], all, &error);
		g_autofree char *golden = g_strdup_printf("completion/%s", shells[i]);

		g_assert_no_error(error);
		golden_check(golden, script);
		check_syntax(shells[i], script);
	}
}

static void test_unknown_shell(void)
{
	g_autoptr(GPtrArray) all = vf_describe(commands);
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_completion("tcsh", all, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
}

static void test_man(void)
{
	g_autoptr(GPtrArray) all = vf_describe(commands);
	g_autofree char *overview = vf_man_page(NULL, all), *page = vf_man_page(all->pdata[0], all);

	golden_check("completion/orchestrator.1", overview);
	golden_check("completion/orchestrator-fake.1", page);
}

/* bash itself asks the script */
static void test_bash_answers(void)
{
	static const struct {
		const char *words, *answer;
	} cases[] = {
		{"orchestrator f", "fake"},
		{"orchestrator fake --fo", "--format"},
		{"orchestrator fake --format j", "json"},
		{"orchestrator fake -f t", "text"},
		{"orchestrator fake mo", "more"},
		{"orchestrator other-one --fl", "--flag"},
	};
	g_autoptr(GPtrArray) all = vf_describe(commands);
	g_autofree char *script = vf_completion("bash", all, NULL);
	g_autofree char *bash = g_find_program_in_path("bash");

	if (!bash) {
		g_test_skip("no bash");
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *ask = g_strdup_printf(
			"%s\nCOMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
			"_orchestrator; echo \"${COMPREPLY[*]}\"",
			script, cases[i].words);
		g_autoptr(GSubprocess) child = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE,
								NULL, bash, "-c", ask, NULL);
		g_autofree char *answer = NULL;

		g_assert_true(
			g_subprocess_communicate_utf8(child, NULL, NULL, &answer, NULL, NULL));
		g_assert_cmpstr(g_strchomp(answer), ==, cases[i].answer);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/completion/shells", test_completion);
	g_test_add_func("/completion/unknown-shell", test_unknown_shell);
	g_test_add_func("/completion/man", test_man);
	g_test_add_func("/completion/bash-answers", test_bash_answers);
	return g_test_run();
}
