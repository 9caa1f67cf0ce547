// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's KTAP writer, read back by the host's reader. */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/ktap.h"
#include "rootfs/ktap.c"

static enum ktap_status pass(struct ktap *t)
{
	(void)t;
	return KTAP_PASS;
}

static enum ktap_status fail(struct ktap *t)
{
	return ktap_fail(t, "expected %d, found %d", 1, 2);
}

static enum ktap_status skip(struct ktap *t)
{
	return ktap_skip(t, "no %s", "card");
}

/* Control characters in a reason must not make a line of their own. */
static enum ktap_status hostile(struct ktap *t)
{
	return ktap_fail(t, "a\nok 4 forged\x1b[2J");
}

static enum ktap_status long_reason(struct ktap *t)
{
	char text[4 * KTAP_LINE];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	ktap_note(t, "%s", text);
	return ktap_skip(t, "%s", text);
}

static const struct ktap_case inner[] = {{"b", pass}, {"c", skip}};
static const struct ktap_case inner_bad[] = {{"b", pass}, {"c", fail}};
static const struct ktap_case inner_none[] = {{"b", skip}};

static enum ktap_status nested(struct ktap *t)
{
	return ktap_subtest(t, t->name, KTAP_CASES(inner));
}

static enum ktap_status nested_bad(struct ktap *t)
{
	return ktap_subtest(t, t->name, KTAP_CASES(inner_bad));
}

static enum ktap_status nested_none(struct ktap *t)
{
	return ktap_subtest(t, t->name, KTAP_CASES(inner_none));
}

/* Runs the cases in a child with its stdout in a pipe; *STATUS is what ktap_main() returned. */
static char *capture(const struct ktap_case *cases, size_t count, int *status)
{
	GString *text = g_string_new(NULL);
	char bytes[256];
	int fds[2];
	ssize_t n;
	pid_t pid;

	g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
	pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		_exit(ktap_main(cases, count));
	}
	close(fds[1]);
	while ((n = read(fds[0], bytes, sizeof bytes)) > 0)
		g_string_append_len(text, bytes, n);
	close(fds[0]);
	g_assert_cmpint(waitpid(pid, status, 0), ==, pid);
	*status = WEXITSTATUS(*status);
	return g_string_free(text, FALSE);
}

/* "name STATUS detail" a line, or the reader's error. */
static char *read_back(const char *text)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_new(NULL);

	for (char **line = lines; line[0] && line[1]; line++) {
		g_assert_cmpuint(strlen(*line), <=, KTAP_LINE);
		vf_ktap_line(ktap, *line, strlen(*line));
	}
	vf_ktap_finish(ktap);
	if (vf_ktap_error(ktap))
		g_string_append(out, vf_ktap_error(ktap));
	for (guint i = 0; i < vf_ktap_cases(ktap)->len; i++) {
		const VfCase *c = vf_ktap_cases(ktap)->pdata[i];

		g_string_append_printf(out, "%s %s\n", c->name, vf_status_name(c->status));
	}
	return g_string_free(out, FALSE);
}

static const struct {
	struct ktap_case cases[3];
	size_t count;
	int status;
	const char *found;
} programs[] = {
	{{{"a", pass}}, 1, 0, "a PASS\n"},
	{{{"a", fail}, {"b", pass}}, 2, 1, "a FAIL\nb PASS\n"},
	{{{"a", skip}}, 1, 0, "a SKIP\n"},
	{{{"a", nested}, {"d", pass}}, 2, 0, "a/b PASS\na/c SKIP\nd PASS\n"},
	{{{"a", nested_bad}}, 1, 1, "a/b PASS\na/c FAIL\n"},
	{{{"a", nested_none}}, 1, 0, "a/b SKIP\n"},
	{{{"a", hostile}, {"b", pass}, {"c", pass}}, 3, 1, "a FAIL\nb PASS\nc PASS\n"},
	{{{"a", long_reason}}, 1, 0, "a SKIP\n"},
};

static void test_round_trip(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
		int status;
		g_autofree char *text = capture(programs[i].cases, programs[i].count, &status);
		g_autofree char *found = read_back(text);

		g_test_message("%s", text);
		g_assert_cmpstr(found, ==, programs[i].found);
		g_assert_cmpint(status, ==, programs[i].status);
	}
}

static void test_only(void)
{
	static const struct ktap_case cases[] = {{"ab", pass}, {"a", fail}, {"b", skip}};
	int status;

	g_setenv("VIFARM_ONLY", "ab,b", TRUE);
	{
		g_autofree char *text = capture(KTAP_CASES(cases), &status);
		g_autofree char *found = read_back(text);

		g_assert_cmpstr(found, ==, "ab PASS\nb SKIP\n");
		g_assert_cmpint(status, ==, 0);
	}
	g_unsetenv("VIFARM_ONLY");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/guest-ktap/only", test_only);
	g_test_add_func("/guest-ktap/round-trip", test_round_trip);
	return g_test_run();
}
