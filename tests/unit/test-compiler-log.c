// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/compiler-log.h"

#include <string.h>

#include "paths.h"

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

static const struct {
	const char *name;
	int code;
} classes[] = {
	{"COMPILE ", VF_ERROR_COMPILE},
	{"MISSING ", VF_ERROR_MISSING},
	{"HARNESS ", VF_ERROR_HARNESS},
	{"IO ", VF_ERROR_IO},
};

/* "=> CLASS LINE", or "=> NONE" */
static void check_block(const VfCompilerLog *log, const char *expected)
{
	g_test_message("%s", expected);
	if (!strcmp(expected, "NONE"))
		g_assert_null(log->line);
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		if (!g_str_has_prefix(expected, classes[i].name))
			continue;
		g_assert_cmpstr(log->line, ==, expected + strlen(classes[i].name));
		g_assert_cmpint(log->code, ==, classes[i].code);
		return;
	}
	g_assert_cmpstr(expected, ==, "NONE");
}

/* Logs of real tools, one block each. */
static void test_tools(void)
{
	g_autofree char *path =
		g_build_filename(VIFARM_SOURCE_DIR, "tests", "data", "build-logs.txt", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	VfCompilerLog log = {0};
	guint blocks = 0;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (!g_str_has_prefix(*line, "=> ")) {
			if (**line != '#')
				vf_compiler_log_line(&log, *line, strlen(*line));
			continue;
		}
		check_block(&log, *line + 3);
		vf_compiler_log_clear(&log);
		blocks++;
	}
	g_assert_cmpuint(blocks, >, 60);
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
	g_test_add_func("/compiler-log/tools", test_tools);
	g_test_add_func("/compiler-log/objects", test_objects);
	g_test_add_func("/compiler-log/long-line", test_long_line);
	return g_test_run();
}
