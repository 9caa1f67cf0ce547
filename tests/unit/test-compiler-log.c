// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/compiler-log.h"

#include <string.h>

typedef struct Case {
	const char *lines; /* separated by newlines */
	const char *line;  /* NULL: none is found */
	VfErrorCode code;
} Case;

static const Case cases[] = {
	{"  CC      a.o\nmake[1]: Leaving directory", NULL, 0},
	{"drivers/x.c:9:1: warning: unused\n"
	 "/vifarm/linux/drivers/x.c:12:5: error: 'y' undeclared\n"
	 "/vifarm/linux/drivers/x.c:13:5: error: second\n"
	 "make[3]: *** [scripts/Makefile.build:229: drivers/x.o] Error 1",
	 "drivers/x.c:12:5: error: 'y' undeclared", VF_ERROR_COMPILE},
	{"make[3]: *** [x.o] Error 1\n/vifarm/linux/x.h:1:10: fatal error: y.h: No such file",
	 "x.h:1:10: fatal error: y.h: No such file", VF_ERROR_COMPILE},
	{"make: *** No rule to make target 'x'.  Stop.",
	 "make: *** No rule to make target 'x'.  Stop.", VF_ERROR_COMPILE},
	{"ld: a.o: in function `f':\nx.c:(.text+0x1): undefined reference to `g'",
	 "x.c:(.text+0x1): undefined reference to `g'", VF_ERROR_COMPILE},
	{"x.S:3: Error: unknown opcode", "x.S:3: Error: unknown opcode", VF_ERROR_COMPILE},
	{"ERROR: modpost: \"x\" undefined!", "ERROR: modpost: \"x\" undefined!", VF_ERROR_COMPILE},
	{"x.c:1:1: error: bad\nfatal error: error writing to /tmp/x.s: No space left on device",
	 "fatal error: error writing to /tmp/x.s: No space left on device", VF_ERROR_IO},
	{"gcc: fatal error: Killed signal terminated program cc1",
	 "gcc: fatal error: Killed signal terminated program cc1", VF_ERROR_HARNESS},
	{"x.c:1:1: error: \x1b[31mred\xff", "x.c:1:1: error: \\x1b[31mred\\xff", VF_ERROR_COMPILE},
};

static void test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(VfCompilerLog) log = {.prefix = "/vifarm/linux/"};
		g_auto(GStrv) lines = g_strsplit(cases[i].lines, "\n", -1);

		for (char **line = lines; *line; line++)
			vf_compiler_log_line(&log, *line, strlen(*line));
		g_assert_cmpstr(log.line, ==, cases[i].line);
		if (cases[i].line)
			g_assert_cmpint(log.code, ==, cases[i].code);
	}
}

static void test_objects(void)
{
	static const char *const objects[] = {"  CC      init/main.o", "  AS      x.o",
					      "  CC [M]  x.o"};
	static const char *const others[] = {"",
					     "  CC",
					     "  CC ",
					     " CC x",
					     "   CC x",
					     "make: x",
					     "  HOSTCC  x",
					     "  LD      vmlinux",
					     "  AR      built-in.a"};
	g_auto(VfCompilerLog) log = {0};

	for (gsize i = 0; i < G_N_ELEMENTS(objects); i++)
		g_assert_true(vf_compiler_log_line(&log, objects[i], strlen(objects[i])));
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		g_assert_false(vf_compiler_log_line(&log, others[i], strlen(others[i])));
	g_assert_cmpuint(log.objects, ==, G_N_ELEMENTS(objects));
}

static void test_long_line(void)
{
	g_auto(VfCompilerLog) log = {0};
	g_autofree char *tail = g_strnfill(4000, 'x');
	g_autofree char *line = g_strconcat("a.c:1:1: error: ", tail, NULL);

	vf_compiler_log_line(&log, line, strlen(line));
	g_assert_cmpuint(strlen(log.line), <, 500);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/compiler-log/cases", test_cases);
	g_test_add_func("/compiler-log/objects", test_objects);
	g_test_add_func("/compiler-log/long-line", test_long_line);
	return g_test_run();
}
