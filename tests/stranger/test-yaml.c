// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of others in a definition stay what they are, for libyaml and for LAVA's own PyYAML. */
#include <gio/gio.h>
#include <string.h>

#include "guest/lava/yaml.h"

/* What YAML 1.1 reads as something else than a string, and what a parser may stumble over. */
static const char *const words[] = {
	"null",
	"Null",
	"NULL",
	"~",
	"",
	"true",
	"True",
	"TRUE",
	"false",
	"yes",
	"Yes",
	"no",
	"NO",
	"on",
	"On",
	"off",
	"OFF",
	"y",
	"Y",
	"n",
	"N",
	"0",
	"1",
	"-1",
	"+1",
	"017",
	"0o17",
	"0x1f",
	"0b101",
	"1_000",
	"190:20:30",
	"1.5",
	"1e3",
	"1.0e+3",
	".5",
	"-.inf",
	".Inf",
	".nan",
	"2026-01-02",
	"2026-01-02T03:04:05Z",
	"2026-01-02 03:04:05 +1",
	"=",
	"<<",
	"- a",
	"-",
	"?",
	"? a",
	":",
	": a",
	"a: b",
	"a:",
	"a #b",
	"# a",
	"#",
	",",
	"[",
	"]",
	"{",
	"}",
	"[a]",
	"{a: b}",
	"&a",
	"*a",
	"!a",
	"!!str a",
	"|",
	">",
	"%a",
	"@a",
	"`a",
	"'",
	"''",
	"\"",
	"\"a\"",
	"\\",
	" ",
	" a",
	"a ",
	"\ta",
	"a\tb",
	"a\nb",
	"\n",
	"a\n",
	"a\r\nb",
	"---",
	"--- a",
	"...",
	"a\x01"
	"b",
	"\x1b[31m",
	"\x7f",
	"\xc2\x80",
	"\xc2\x85",
	"\xc2\xa0",
	"\xe2\x80\xa8",
	"\xe2\x80\xae",
	"\xef\xbb\xbf",
	"\xef\xbf\xbd",
	"\xef\xbf\xbe",
	"\xef\xbf\xbf",
	"\xf0\x9f\x90\xa7",
	"\xf4\x8f\xbf\xbf",
	"plain",
	"dotted.name",
	"a/b-c_d",
};

/* Each word as key, as value and in a list, and all kinds of other values. */
static json_t *document(void)
{
	json_t *object = json_object(), *list = json_array();
	g_autofree char *key = g_strnfill(200, 'k'), *long_key = g_strnfill(3000, 'k');

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		json_t *inner = json_pack("{s:s}", words[i], words[i]);

		g_assert_nonnull(inner);
		json_object_set_new(object, words[i], inner);
		json_array_append_new(list, json_string(words[i]));
	}
	json_object_set_new(object, "the list", list);
	json_object_set_new(object, key, json_string(long_key));
	json_object_set_new(object, long_key, json_array());
	json_object_set_new(object, "nothing here", json_object());
	return object;
}

static void test_libyaml(void)
{
	json_auto_t *value = document(), *again = NULL;
	g_autofree char *text = vf_yaml_write(value);
	g_autoptr(GError) error = NULL;

	again = vf_yaml_read(text, strlen(text), &error);
	g_assert_no_error(error);
	g_assert_true(json_equal(value, again));
}

/* Reads YAML, writes JSON. */
static char *pyyaml(const char *text)
{
	static const char program[] = "import json, sys, yaml\n"
				      "json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) python =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
				 &error, "/usr/bin/python3", "-c", program, NULL);
	char *answer = NULL;

	g_assert_no_error(error);
	g_subprocess_communicate_utf8(python, text, NULL, &answer, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_subprocess_get_successful(python));
	return answer;
}

static void test_pyyaml(void)
{
	json_auto_t *value = document(), *again = NULL;
	g_autofree char *text = NULL, *answer = NULL;

	/* these are no strings, and come back as what they are */
	json_object_set_new(value, "numbers",
			    json_pack("[i, i, f, f, f, f, b, b, n]", 0, -7146, 1.5, 1e20, -2.5e-9,
				      3.0, 1, 0));
	text = vf_yaml_write(value);
	answer = pyyaml(text);
	again = json_loads(answer, 0, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (!json_equal(json_object_get(value, words[i]), json_object_get(again, words[i])))
			g_error("word %zu, \"%s\", has changed", i, words[i]);
	g_assert_true(json_equal(value, again));
}

/* A definition is read by people: what needs no quotes has none. */
static void test_plain_keys(void)
{
	json_auto_t *value =
		json_pack("{s:{s:s, s:i}, s:s}", "job_name", "kernel.url", "a", "no", 1, "On", "b");
	g_autofree char *text = vf_yaml_write(value);

	g_assert_cmpstr(text, ==, "job_name:\n  kernel.url: \"a\"\n  \"no\": 1\n\"On\": \"b\"\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/yaml/libyaml", test_libyaml);
	g_test_add_func("/yaml/pyyaml", test_pyyaml);
	g_test_add_func("/yaml/plain-keys", test_plain_keys);
	return g_test_run();
}
