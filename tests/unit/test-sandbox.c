// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sandbox.h"

#include <string.h>
#include <unistd.h>

#include "build-fixture.h"

/* Runs a shell script in the sandbox over three directories of the scratch; its exit status. */
static int run_inside(const char *script, char **output)
{
	static const VfSandbox sandbox = {.tree = "tree", .objects = "objects", .ccache = "ccache"};
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) env = vf_child_env("GIVEN=a=b", NULL);
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	vf_sandbox_wrap(words, &sandbox, env);
	vf_argv_add(words, "sh", "-c", script, NULL);
	argv = vf_argv_end(words);
	vf_child_run(&(VfChild){.argv = argv, .keep = 4096}, &end, &error);
	g_assert_no_error(error);
	g_test_message("%s: %d %s", script, end.status, end.output);
	if (output)
		*output = g_steal_pointer(&end.output);
	return end.status;
}

static Scratch *directories(void)
{
	Scratch *scratch = scratch_new();

	scratch_write("tree/file", "source\n");
	scratch_write("objects/file", "object\n");
	scratch_write("ccache/file", "cached\n");
	return scratch;
}

static void test_paths(void)
{
	g_autoptr(Scratch) scratch = directories();
	g_autofree char *output = NULL, *written = NULL;

	g_assert_cmpint(
		run_inside("pwd; cat /vifarm/linux/file file /vifarm/ccache/file; echo $GIVEN;"
			   "echo new > file",
			   &output),
		==, 0);
	g_assert_cmpstr(output, ==, "/vifarm/build\nsource\nobject\ncached\na=b\n");
	written = build_read("objects/file");
	g_assert_cmpstr(written, ==, "new\n");
}

static void test_refuses(void)
{
	static const char *const scripts[] = {
		"echo x > /vifarm/linux/file",
		"rm /vifarm/linux/file",
		"ls /home",
		"ls /root",
		"cat /etc/passwd",
		"echo x > /usr/vifarm-test",
		"ls /sys/class/net",
		"grep -v -e lo: -e Inter -e face /proc/net/dev",
		"test $(ls -d /proc/[0-9]* | wc -l) -gt 6",
		"test -n \"$SECRET\"",
	};
	g_autoptr(Scratch) scratch = directories();
	g_autofree char *source = NULL;

	g_setenv("SECRET", "x", TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
		g_assert_cmpint(run_inside(scripts[i], NULL), !=, 0);
	source = build_read("tree/file");
	g_assert_cmpstr(source, ==, "source\n");
}

/* Compilers must work in it. */
static void test_compiles(void)
{
	g_autoptr(Scratch) scratch = directories();

	scratch_write("tree/x.c", "#include <stdio.h>\nint main(void)\n{\n\tputs(\"ran\");\n}\n");
	g_assert_cmpint(
		run_inside("gcc -o x /vifarm/linux/x.c && ./x | grep -q ran && awk 'BEGIN{}'",
			   NULL),
		==, 0);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	g_test_init(&argc, &argv, NULL);
	if (!vf_sandbox_available(FALSE, &error)) {
		g_print("1..0 # SKIP %s\n", error->message);
		return 0;
	}
	g_test_add_func("/sandbox/paths", test_paths);
	g_test_add_func("/sandbox/refuses", test_refuses);
	g_test_add_func("/sandbox/compiles", test_compiles);
	return g_test_run();
}
