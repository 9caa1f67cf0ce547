// SPDX-License-Identifier: GPL-2.0-or-later
/* The program's --help states each of its exit statuses once, and the program keeps to them. */
#include <string.h>
#include <sys/wait.h>

#include "cli/exit-status.h"
#include "results-fixture.h"
#include "scratch.h"

/* Runs the orchestrator with the words of @line; returns its exit status. */
static int call(const char *line, char **out)
{
	g_autofree char *command = g_strdup_printf("%s %s", ORCHESTRATOR, line);
	g_auto(GStrv) argv = g_strsplit(command, " ", -1);
	g_autofree char *text = NULL, *problem = NULL;
	g_autoptr(GError) error = NULL;
	int status;

	g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &text, &problem, &status, &error);
	g_assert_no_error(error);
	g_test_message("%s: %s%s", line, text, problem);
	if (out)
		*out = g_steal_pointer(&text);
	g_assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static GStrv commands(void)
{
	g_autofree char *help = NULL;
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_auto(GStrv) lines = NULL;

	g_assert_cmpint(call("--help", &help), ==, 0);
	lines = g_strsplit(help, "\n", -1);
	for (char **line = lines; *line && !g_str_has_prefix(*line, "Each "); line++)
		if (g_str_has_prefix(*line, "  ") && g_ascii_islower((*line)[2])) {
			g_autofree char *name = g_strndup(*line + 2, strcspn(*line + 2, " "));

			g_strv_builder_add(names, name);
		}
	return g_strv_builder_end(names);
}

static gboolean states(const char *help, int status)
{
	g_autofree char *row = g_strdup_printf("\n  %-3d  ", status);

	return strstr(help, row) != NULL;
}

static void test_help(void)
{
	static const int always[] = {VF_EXIT_PASS, VF_EXIT_BROKEN, VF_EXIT_USAGE,
				     VF_EXIT_INTERRUPTED};
	g_auto(GStrv) names = commands();

	g_assert_cmpuint(g_strv_length(names), >, 15);
	for (char **name = names; *name; name++) {
		g_autofree char *line = g_strconcat(*name, " --help", NULL), *help = NULL;
		const char *first;

		g_assert_cmpint(call(line, &help), ==, 0);
		first = strcasestr(help, "exit status");
		/* in one place: two would disagree some day */
		g_assert_nonnull(first);
		g_assert_null(strcasestr(first + 1, "exit status"));
		for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
			g_assert_true(states(help, always[i]));
	}
}

/* What is called, and what it must exit with; its help has to state that. */
static const struct {
	const char *line;
	int status;
} cases[] = {
	{"run --no-such-option", VF_EXIT_USAGE},
	{"run --arch none", VF_EXIT_USAGE},
	{"list runs", VF_EXIT_PASS},
	{"show 20260102-030405-aaaa", VF_EXIT_PASS},
	{"show 19990101-000000-aaaa", VF_EXIT_USAGE},
	{"why", VF_EXIT_USAGE},
	{"compare 20260102-030405-aaaa 20260102-030405-aaaa", VF_EXIT_PASS},
	{"compare 20260102-030405-aaaa 20260103-030405-bbbb", VF_EXIT_FAIL},
	{"validate results good.json", VF_EXIT_PASS},
	{"validate results broken.json", VF_EXIT_BROKEN},
	{"validate results missing.json", VF_EXIT_USAGE},
	{"validate poem broken.json", VF_EXIT_USAGE},
	{"post --status", VF_EXIT_PASS},
	{"post --targets missing.json", VF_EXIT_USAGE},
	{"post --targets dead-end.json 20260102-030405-aaaa", VF_EXIT_BROKEN},
	{"bisect --step", VF_EXIT_SKIP},
	{"bisect --step --no-such-option", VF_EXIT_SKIP},
	{"bisect --no-such-option", VF_EXIT_USAGE},
	{"bisect", VF_EXIT_USAGE},
	{"mutate --arch none", VF_EXIT_USAGE},
	{"mail status --policy missing.json", VF_EXIT_USAGE},
	{"lava render --arch none", VF_EXIT_USAGE},
	{"export junit 20260102-030405-aaaa", VF_EXIT_PASS},
	{"export poem", VF_EXIT_USAGE},
	{"completion csh", VF_EXIT_USAGE},
};

static void write_state(void)
{
	static const FixtureTask worse = {"hppa",	  "default",  "boot", "full",
					  VF_STATUS_FAIL, "it hangs", FALSE,  FALSE,
					  FALSE,	  TRUE,	      1.5};
	g_autofree char *directory = g_canonicalize_filename("state/vifarm", NULL);
	Fixture fixture = {.dir = directory};
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
	fixture.path = g_build_filename(directory, "results.db", NULL);
	fixture.db = vf_db_open(fixture.path, &error);
	g_assert_no_error(error);
	fixture_first_run(&fixture);
	fixture_begin(&fixture, "20260103-030405-bbbb", "full", FIXTURE_START + 86400000000,
		      FIXTURE_START + 86460000000);
	fixture_task(&fixture, "20260103-030405-bbbb", &worse, FIXTURE_START + 86401000000);
	vf_db_close(fixture.db);
	g_free(fixture.path);
}

static void test_behaviour(void)
{
	static const char *const places[][2] = {{"XDG_STATE_HOME", "state"},
						{"XDG_CONFIG_HOME", "config"},
						{"XDG_CACHE_HOME", "cache"}};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *good = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *place = g_build_filename(scratch->path, places[i][1], NULL);

		g_setenv(places[i][0], place, TRUE);
	}
	write_state();
	g_assert_cmpint(call("export json 20260102-030405-aaaa", &good), ==, 0);
	scratch_write("good.json", good);
	scratch_write("broken.json", "{}");
	scratch_write("dead-end.json",
		      "{\"targets\": {\"a\": {\"type\": \"webhook\", \"timeout\": 1, "
		      "\"url\": \"http://localhost:1\"}}}");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strndup(cases[i].line, strcspn(cases[i].line, " "));
		g_autofree char *line = g_strconcat(name, " --help", NULL), *help = NULL;
		int status = call(cases[i].line, NULL);

		if (status != cases[i].status)
			g_error("%s: exit status %d, expected %d", cases[i].line, status,
				cases[i].status);
		call(line, &help);
		g_assert_true(states(help, status));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/exit-status/help", test_help);
	g_test_add_func("/exit-status/behaviour", test_behaviour);
	return g_test_run();
}
