// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/apply-log.h"

#include <string.h>

static void test_cases(void)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{"Checking patch a.c...\n"
		 "Checking patch x/b.c...\n"
		 "error: while searching for:\n"
		 "int b;\n"
		 "error: in the patch itself\n"
		 "\n"
		 "error: patch failed: x/b.c:12\n"
		 "Applying patch a.c with 1 reject...\n"
		 "Rejected hunk #7.\n"
		 "Applying patch x/b.c with 1 reject...\n"
		 "Hunk #1 applied cleanly.\n"
		 "Rejected hunk #2.\n",
		 "hunk 2 at x/b.c:12 does not apply"},
		{"error: patch failed: b.c:1\n", "the hunk at b.c:1 does not apply"},
		{"Checking patch y.c...\nerror: y.c: No such file or directory\n",
		 "y.c: No such file or directory"},
		{"error: corrupt patch at line 9\n", "corrupt patch at line 9"},
		{"error: \x1b]0;x\x07\n", "\\x1b]0;x\\x07"},
		{"", "git apply gave no reason"},
		{"warning: nothing\n", "git apply gave no reason"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *reason = vf_apply_log_reason(cases[i].text, strlen(cases[i].text));

		g_assert_cmpstr(reason, ==, cases[i].reason);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/apply-log/cases", test_cases);
	return g_test_run();
}
