// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever string of a result comes from a guest or a build: nothing that is printed for people has
 * a byte that a terminal obeys. Every string of real answers gets one of each kind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results-db/mutation-text.h"
#include "results-db/questions-text.h"
#include "results-db/results-text.h"

/* A title, a colour, CSI as one character, a carriage return, DEL. */
#define HOSTILE "\x1b]0;x\x07\x1b[2J\xc2\x9bm\r\x7f"

static json_t *poisoned(const json_t *value)
{
	g_autofree char *text = NULL;
	json_t *copy = json_deep_copy(value), *member;
	const char *key;
	gsize i;

	if (json_is_string(value)) {
		text = g_strconcat(json_string_value(value), HOSTILE, NULL);
		json_decref(copy);
		return json_string(text);
	}
	json_object_foreach ((json_t *)value, key, member)
		json_object_set_new(copy, key, poisoned(member));
	json_array_foreach (value, i, member)
		json_array_set_new(copy, i, poisoned(member));
	return copy;
}

static void check(const char *text)
{
	const guchar *p = (const guchar *)text;

	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (; *p; p++) {
		g_assert_true(*p >= 0x20 || *p == '\n');
		g_assert_cmphex(*p, !=, 0x7f);
		g_assert_false(p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
	}
}

static void test_print(void (*print)(const json_t *json, FILE *out), json_t *answer)
{
	json_auto_t *bad = poisoned(answer);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	print(bad, out);
	fclose(out);
	g_assert_cmpuint(size, >, 0);
	check(text);
	free(text);
	json_decref(answer);
}

static json_t *test_of(void)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[{s:i, s:s, s:f, "
			 "s:s, s:s, s:s, s:s,"
			 " s:[{s:s, s:s, s:s}], s:[{s:s, s:s, s:s}], s:[{s:s, s:s, s:s, s:i, s:i, "
			 "s:s, s:s}]}]}",
			 "id", 1, "run", "r", "name", "a/b/c/full", "arch", "a", "board", "b",
			 "job", "c", "variant", "full", "status", "FAIL", "reason", "why",
			 "reproducer", "qemu", "attempts", "number", 1, "status", "FAIL", "seconds",
			 1.5, "reason", "why", "ending", "exit", "directory", "d", "emulator", "10",
			 "cases", "name", "n", "status", "FAIL", "reason", "r", "splats", "class",
			 "oops", "title", "t", "text", "line\nline", "hazards", "class", "R",
			 "function", "f", "file", "x.c", "line", 3, "count", 2, "window", "w",
			 "cause", "dma");
}

static json_t *run_of(void)
{
	return json_pack("{s:{s:s, s:s, s:s, s:f, s:s, s:[s]}, s:s, s:[o], s:{s:i}}", "run", "id",
			 "r", "variant", "full", "source", "linux", "seconds", 1.0, "command",
			 "run", "altered", "x", "status", "FAIL", "tests", test_of(), "counts",
			 "FAIL", 1);
}

static void test_results(void)
{
	test_print(vf_results_print_run, run_of());
	test_print(vf_results_print_test, test_of());
	test_print(vf_results_print_runs, json_pack("[{s:s, s:s, s:s, s:s}]", "id", "r", "started",
						    "2026", "status", "FAIL", "variant", "full"));
}

static void echo(const json_t *json, FILE *out)
{
	fprintf(out, "%s\n%s\n", json_string_value(json), json_string_value(json));
}

/* Even a printer that forgets it. */
static void print_anything(const json_t *json, FILE *out)
{
	vf_results_print_escaped(echo, json, out);
}

static void test_any(void)
{
	g_autofree char *twice = NULL, *once = vf_text_escape_lines("a" HOSTILE "\nb\n");

	test_print(print_anything, json_string("a title"));
	twice = vf_text_escape_lines(once);
	g_assert_cmpstr(twice, ==, once);
	g_assert_true(g_str_has_suffix(once, "\nb\n"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/terminal/results", test_results);
	g_test_add_func("/terminal/any", test_any);
	return g_test_run();
}
