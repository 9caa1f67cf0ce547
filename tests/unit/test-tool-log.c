// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/tool-log.h"

#include <string.h>

static const struct {
	const char *said, *reason;
} cases[] = {
	{"", ""},
	{"\n \n", ""},
	{"one line", "one line"},
	{"progress\nlast words\n\n", "last words"},
	{"xz: (stdin): Unexpected end of input\n"
	 "tar: Unexpected EOF in archive\n"
	 "tar: Error is not recoverable: exiting now\n",
	 "xz: (stdin): Unexpected end of input"},
	{"tar: This does not look like a tar archive\n"
	 "tar: Skipping to next header\n"
	 "tar: Exiting with failure status due to previous errors\n",
	 "tar: This does not look like a tar archive"},
	{"error: open(\"x.c\"): Permission denied\n"
	 "error: unable to index file 'x.c'\n"
	 "fatal: updating files failed\n",
	 "error: open(\"x.c\"): Permission denied"},
	{"error: invalid object 100644 e69de29 for 'a.c'\n"
	 "fatal: git-write-tree: error building trees\n",
	 "error: invalid object 100644 e69de29 for 'a.c'"},
	{"error: x: not a regular file\nfatal: Unable to process path x\n",
	 "error: x: not a regular file"},
	{"fatal: not a git repository (or any parent up to mount point /)\n"
	 "Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).\n",
	 "fatal: not a git repository (or any parent up to mount point /)"},
	{"fatal: detected dubious ownership in repository at '/x'\n"
	 "To add an exception for this directory, call:\n\n"
	 "\tgit config --global --add safe.directory /x\n",
	 "fatal: detected dubious ownership in repository at '/x'"},
	{"Applying: mm: add x\n"
	 "error: patch failed: mm/x.c:3\n"
	 "error: mm/x.c: patch does not apply\n"
	 "Patch failed at 0001 mm: add x\n"
	 "hint: Use 'git am --show-current-patch=diff' to see the failed patch\n"
	 "When you have resolved this problem, run \"git am --continue\".\n",
	 "error: patch failed: mm/x.c:3"},
	{"warning: could not open directory 'dir/': Permission denied\n",
	 "warning: could not open directory 'dir/': Permission denied"},
	{"warning: redirecting to https://example.org/\n"
	 "fatal: unable to access 'https://example.org/': Could not resolve host\n",
	 "fatal: unable to access 'https://example.org/': Could not resolve host"},
	{"cp: error reading '/src/a': Input/output error\n"
	 "cp: error writing '/dst/b': No space left on device\n",
	 "cp: error writing '/dst/b': No space left on device"},
	{"bwrap: Can't mount proc on /newroot/proc: Operation not permitted\n",
	 "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"},
	{"Traceback (most recent call last):\n  File \"x\", line 1\nValueError: bad\n",
	 "ValueError: bad"},
	{"Try 'sha256sum --help' for more information.\n",
	 "Try 'sha256sum --help' for more information."},
	{"sha256sum: unrecognized option '--x'\n"
	 "Try 'sha256sum --help' for more information.\n",
	 "sha256sum: unrecognized option '--x'"},
	{"  indented: text\n", "indented: text"},
};

static void test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		VfLine line = vf_tool_reason(cases[i].said, strlen(cases[i].said));
		g_autofree char *reason = g_strndup(line.text, line.length);

		g_assert_cmpstr(reason, ==, cases[i].reason);
	}
}

/* Any bytes, and a last line without its end. */
static void test_bytes(void)
{
	static const char bytes[] = "a\0b: c\n\xff\0: d\nfatal: \0x";
	VfLine line = vf_tool_reason(bytes, sizeof(bytes) - 1);

	g_assert_cmpmem(line.text, line.length, "fatal: \0x", 9);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tool-log/cases", test_cases);
	g_test_add_func("/tool-log/bytes", test_bytes);
	return g_test_run();
}
