// SPDX-License-Identifier: GPL-2.0-or-later
/* What vifarm.so refuses, and in which words: one line that says what to do. */
#include "qtest.h"

#include <string.h>

typedef struct Case {
	const char *name;
	const char *so;	     /* environment variable with the path of the object */
	const char *options; /* after the object's name */
	const char *device;  /* NULL: none */
	const char *message; /* part of standard error */
} Case;

static const Case cases[] = {
	{"unknown-option", "VIFARM_SO", ",nonsense=1", NULL,
	 "vifarm.so: unknown option \"nonsense\"; known are: "},
	{"known-are-listed", "VIFARM_SO", ",nonsense=1", NULL, "out"},
	{"unwritable", "VIFARM_SO", ",out=/nonexistent/file", NULL,
	 "vifarm.so: option out: cannot write /nonexistent/file: No such file or directory"},
	{"other-qemu", "VIFARM_OTHER_SO", "", NULL,
	 "vifarm.so: built for QEMU 9.9.9 (a test), running "},
	{"unknown-card", "VIFARM_SO", "", "saa7146,card=nonsense",
	 "saa7146: unknown card \"nonsense\"; known are nova-c, "},
	{"fault-range", "VIFARM_SO", "", "saa7146,drop=1",
	 "saa7146: drop=1 is outside 2..1000000 (0: never)"},
	{"late-range", "VIFARM_SO", "", "saa7146,late=1001",
	 "saa7146: late=1001 is outside 1..1000"},
	{"rate-range", "VIFARM_SO", "", "saa7146,ts-rate=1",
	 "saa7146: ts-rate=1 is outside 1000..200000000 bit/s"},
	{"field-range", "VIFARM_SO", "", "saa7146,field-rate=0",
	 "saa7146: field-rate=0 is outside 1..1000 Hz"},
};

static void test_refusal(gconstpointer data)
{
	const Case *c = data;
	g_autofree char *binary = g_find_program_in_path("qemu-system-x86_64");
	g_autofree char *plugin = g_strconcat(g_getenv(c->so), c->options, NULL);
	g_autofree char *errors = NULL;
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_autoptr(GSubprocess) qemu = NULL;
	g_autoptr(GError) error = NULL;

	if (!binary) {
		g_test_skip("binary not installed");
		return;
	}
	g_subprocess_launcher_set_child_setup(launcher, qtest_die_with_parent, NULL, NULL);
	qemu = g_subprocess_launcher_spawn(launcher, &error, binary, "-nodefaults", "-display",
					   "none", "-S", "-plugin", plugin,
					   c->device ? "-device" : NULL, c->device, NULL);
	g_assert_no_error(error);
	g_subprocess_communicate_utf8(qemu, NULL, NULL, NULL, &errors, &error);
	g_assert_no_error(error);
	g_assert_false(g_subprocess_get_successful(qemu));
	if (!strstr(errors, c->message))
		g_error("expected \"%s\" in \"%s\"", c->message, errors);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/plugin/", cases[i].name, NULL);

		g_test_add_data_func(path, &cases[i], test_refusal);
	}
	return g_test_run();
}
