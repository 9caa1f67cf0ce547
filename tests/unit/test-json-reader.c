// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json-reader.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "scratch.h"

typedef struct Inner {
	char *text;
	guint64 natural;
} Inner;

typedef struct Target {
	char *string, *text, *word, *either;
	guint64 positive, natural;
	gboolean boolean;
	GStrv strings, optional;
	GHashTable *map, *extra;
	Inner inner;
	guint read, items, named;
	GString *names;
} Target;

static void target_clear(Target *target)
{
	g_free(target->string);
	g_free(target->text);
	g_free(target->word);
	g_free(target->either);
	g_strfreev(target->strings);
	g_strfreev(target->optional);
	g_clear_pointer(&target->map, g_hash_table_unref);
	g_clear_pointer(&target->extra, g_hash_table_unref);
	g_free(target->inner.text);
	if (target->names)
		g_string_free(target->names, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Target, target_clear)

static gboolean read_item(VfJson *json, const char *name, gpointer data, GError **error)
{
	static const VfJsonMember members[] = {
		{"n", VF_JSON_POSITIVE, 0, 0, .read = NULL},
		{NULL},
	};
	Target *target = data;
	guint64 n = 0;

	if (!vf_json_read(json, members, &n, error))
		return FALSE;
	if (n == 13)
		return vf_json_throw(json, error, "n", "expected luck");
	if (n == 14)
		return vf_json_throw(json, error, NULL, "expected a better object");
	target->items++;
	if (name) {
		target->named++;
		g_string_append(target->names, name);
	}
	return TRUE;
}

static const char *const words[] = {"big", "little", NULL};
static const VfJsonMember inner_members[] = {
	VF_JSON_MEMBER("text", STRING, Inner, text),
	VF_JSON_MEMBER("natural", NATURAL, Inner, natural),
	{NULL},
};
static const VfJsonMember members[] = {
	VF_JSON_MEMBER("string", STRING, Target, string),
	VF_JSON_MEMBER("text", TEXT, Target, text),
	VF_JSON_MEMBER("word", STRING, Target, word, .words = words),
	VF_JSON_MEMBER("positive", POSITIVE, Target, positive),
	VF_JSON_MEMBER("natural", NATURAL, Target, natural),
	VF_JSON_MEMBER("boolean", BOOLEAN, Target, boolean),
	VF_JSON_MEMBER("strings", STRINGS, Target, strings),
	VF_JSON_MEMBER("map", MAP, Target, map),
	VF_JSON_MEMBER("inner", OBJECT, Target, inner, .members = inner_members),
	{"objects", VF_JSON_OBJECTS, .read = read_item},
	{"named", VF_JSON_NAMED, .read = read_item},
	VF_JSON_MEMBER("optional", STRINGS, Target, optional, .flags = VF_JSON_OPTIONAL,
		       .words = words),
	VF_JSON_MEMBER("extra", MAP, Target, extra, .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("either", TEXT, Target, either, .flags = VF_JSON_OPTIONAL, .words = words),
	{"maybe", VF_JSON_OBJECT, VF_JSON_OPTIONAL, .read = read_item},
	{NULL},
};

/* Every member with a right value, in the order of the table. */
static const struct {
	const char *key, *value;
} right[] = {
	{"string", "\"s\""},
	{"text", "\"\""},
	{"word", "\"big\""},
	{"positive", "1"},
	{"natural", "0"},
	{"boolean", "true"},
	{"strings", "[\"a\", \"\"]"},
	{"map", "{\"k\": \"v\", \"e\": \"\"}"},
	{"inner", "{\"text\": \"t\", \"natural\": 7}"},
	{"objects", "[{\"n\": 1}, {\"n\": 2}]"},
	{"named", "{\"one\": {\"n\": 1}, \"two\": {\"n\": 2}}"},
};

/* The whole file with @key set to @value (NULL: left out). Caller frees. */
static char *document(const char *key, const char *value)
{
	g_autoptr(GString) text = g_string_new("{");
	gboolean there = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS(right); i++) {
		gboolean replaced = key && !strcmp(key, right[i].key);
		const char *now = replaced ? value : right[i].value;

		there = there || replaced;
		if (now)
			g_string_append_printf(text, "%s\"%s\": %s", text->len > 1 ? ",\n" : "",
					       right[i].key, now);
	}
	if (key && !there)
		g_string_append_printf(text, ",\n\"%s\": %s", key, value);
	g_string_append(text, "}\n");
	return g_strdup(text->str);
}

static gboolean read_document(const char *text, Target *target, GError **error)
{
	target->names = g_string_new(NULL);
	return vf_json_read_text(text, strlen(text), "f.json", members, target, error);
}

static void test_right(void)
{
	g_auto(Target) target = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *text = document("maybe", "{\"n\": 5}");

	g_assert_true(read_document(text, &target, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(target.string, ==, "s");
	g_assert_cmpstr(target.text, ==, "");
	g_assert_cmpstr(target.word, ==, "big");
	g_assert_cmpuint(target.positive, ==, 1);
	g_assert_cmpuint(target.natural, ==, 0);
	g_assert_true(target.boolean);
	g_assert_cmpuint(g_strv_length(target.strings), ==, 2);
	g_assert_cmpstr(g_hash_table_lookup(target.map, "k"), ==, "v");
	g_assert_cmpstr(g_hash_table_lookup(target.map, "e"), ==, "");
	g_assert_cmpstr(target.inner.text, ==, "t");
	g_assert_cmpuint(target.inner.natural, ==, 7);
	g_assert_cmpuint(target.items, ==, 5);
	g_assert_cmpuint(target.named, ==, 2);
	g_assert_cmpstr(target.names->str, ==, "onetwo");
	g_assert_nonnull(target.optional);
	g_assert_null(target.optional[0]);
	g_assert_cmpuint(g_hash_table_size(target.extra), ==, 0);
	g_assert_null(target.either);
}

static void test_null_where_allowed(void)
{
	static const char *const keys[] = {"text", "maybe"};

	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_auto(Target) target = {.text = g_strdup("from before")};
		g_autoptr(GError) error = NULL;
		g_autofree char *text = document(keys[i], "null");

		g_assert_true(read_document(text, &target, &error));
		g_assert_no_error(error);
		g_assert_cmpstr(target.text, ==, strcmp(keys[i], "text") ? "" : NULL);
		g_assert_cmpuint(target.items, ==, 4);
	}
}

/* A second reading frees what the first has set, and leaves what it does not name. */
static void test_overwrites(void)
{
	g_auto(Target) target = {0};
	g_autofree char *with = document("optional", "[\"big\"]");
	g_autofree char *without = document(NULL, NULL);

	g_assert_true(read_document(with, &target, NULL));
	g_string_free(target.names, TRUE);
	g_assert_true(read_document(without, &target, NULL));
	g_assert_cmpuint(g_strv_length(target.strings), ==, 2);
	g_assert_cmpuint(g_strv_length(target.optional), ==, 1);
}

static void test_wrong(void)
{
	static const struct {
		const char *key, *value, *message;
	} cases[] = {
		{"string", NULL, "string: expected a non-empty string, found nothing"},
		{"string", "\"\"", "string: expected a non-empty string, found \"\""},
		{"string", "null", "string: expected a non-empty string, found null"},
		{"string", "[]", "string: expected a non-empty string, found an array"},
		{"text", NULL, "text: expected a string or null, found nothing"},
		{"text", "false", "text: expected a string or null, found false"},
		{"word", "\"middle\"", "word: expected one of big, little, found \"middle\""},
		{"positive", NULL, "positive: expected a positive integer, found nothing"},
		{"positive", "0", "positive: expected a positive integer, found 0"},
		{"positive", "-1", "positive: expected a positive integer, found -1"},
		{"positive", "1.5", "positive: expected a positive integer, found 1.5"},
		{"positive", "\"256\"", "positive: expected a positive integer, found \"256\""},
		{"natural", "-1", "natural: expected an integer of at least 0, found -1"},
		{"natural", NULL, "natural: expected an integer of at least 0, found nothing"},
		{"boolean", "1", "boolean: expected true or false, found 1"},
		{"boolean", NULL, "boolean: expected true or false, found nothing"},
		{"strings", "\"a\"", "strings: expected an array of strings, found \"a\""},
		{"strings", "[\"a\", 1]", "strings[1]: expected a string, found 1"},
		{"optional", "[\"big\", \"huge\"]",
		 "optional[1]: expected one of big, little, found \"huge\""},
		{"either", "\"huge\"", "either: expected one of big, little, found \"huge\""},
		{"map", "[]", "map: expected an object of strings, found an array"},
		{"map", "{\"k\": 1}", "map.k: expected a string, found 1"},
		{"map", NULL, "map: expected an object of strings, found nothing"},
		{"inner", "null", "inner: expected an object, found null"},
		{"inner", "{\"text\": \"t\"}",
		 "inner.natural: expected an integer of at least 0, found nothing"},
		{"inner", "{\"text\": \"t\", \"natural\": 1, \"x\": {}}",
		 "inner.x: unknown key; expected one of text, natural"},
		{"objects", "{}", "objects: expected an array of objects, found an object"},
		{"objects", "[{\"n\": 1}, 2]", "objects[1]: expected an object, found 2"},
		{"objects", "[{\"n\": 0}]", "objects[0].n: expected a positive integer, found 0"},
		{"objects", "[{\"n\": 1}, {\"n\": 13}]", "objects[1].n: expected luck"},
		{"objects", "[{\"n\": 14}]", "objects[0]: expected a better object"},
		{"named", "[]", "named: expected an object of objects, found an array"},
		{"named", "{\"a b\": true}", "named.a b: expected an object, found true"},
		{"named", "{\"a\\u001b\": {\"n\": 13}}", "named.a\\x1b.n: expected luck"},
		{"maybe", "7", "maybe: expected an object, found 7"},
		{"sting", "1",
		 "sting: unknown key; expected one of string, text, word, positive, natural, "
		 "boolean, strings, map, inner, objects, named, optional, extra, either, maybe; "
		 "did you mean "
		 "string?"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Target) target = {0};
		g_autoptr(GError) error = NULL;
		g_autofree char *text = document(cases[i].key, cases[i].value);
		g_autofree char *message = g_strconcat("f.json: ", cases[i].message, NULL);

		g_assert_false(read_document(text, &target, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, message);
	}
}

/* Long and hostile values stay short and printable in the error. */
static void test_hostile_value(void)
{
	g_auto(Target) target = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *many = g_strnfill(5000, 'x');
	g_autofree char *value = g_strdup_printf("\"\\u001b[2J%s\"", many);
	g_autofree char *text = document("word", value);

	g_assert_false(read_document(text, &target, &error));
	g_assert_true(
		g_str_has_prefix(error->message,
				 "f.json: word: expected one of big, little, found \"\\x1b[2Jxxx"));
	g_assert_true(g_str_has_suffix(error->message, "xxx...\""));
	g_assert_cmpuint(strlen(error->message), <, 150);
}

static void test_syntax(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "f.json:1:0: '[' or '{' expected near end of file"},
		{"[]", "f.json: expected an object, found an array"},
		{"{\n  \"a\": 1,\n}", "f.json:3:1: string or '}' expected near '}'"},
		{"{\"a\": 1,\n\"a\": 2}", "f.json:2:3: duplicate object key near '\"a\"'"},
		{"{\"a\": tru}", "f.json:1:9: invalid token near 'tru'"},
		{"{\"a\": 99999999999999999999}",
		 "f.json:1:26: too big integer near '99999999999999999999'"},
		{"{\"a\": \"\\u0000\"}",
		 "f.json:1:14: \\u0000 is not allowed without JSON_ALLOW_NUL near "
		 "'\"\\u0000\"'"},
		{"{} x", "f.json:1:4: end of file expected near 'x'"},
		{"{\"a\": \"\xff\"}", "f.json:1:7: unable to decode byte 0xff near '\"'"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Target) target = {0};
		g_autoptr(GError) error = NULL;

		g_assert_false(read_document(cases[i].text, &target, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

static void test_deep(void)
{
	g_auto(Target) target = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *deep = g_strnfill(100000, '[');

	g_assert_false(read_document(deep, &target, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_nonnull(strstr(error->message, "maximum parsing depth reached"));
}

static void check_file(const char *path, const char *message)
{
	g_auto(Target) target = {0};
	g_autoptr(GError) error = NULL;

	target.names = g_string_new(NULL);
	if (vf_json_read_file(path, members, &target, &error)) {
		g_assert_null(message);
		return;
	}
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==, message);
}

static void test_files(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *text = document(NULL, NULL);
	g_autofree char *large = g_strnfill(1 << 20, ' ');
	g_autofree char *too_large = g_strconcat(large, "{}", NULL);
	g_autofree char *full = g_strconcat(large + strlen(text), text, NULL);
	g_autofree char *absolute = g_build_filename(scratch->path, "bad.json", NULL);

	scratch_write("good.json", text);
	scratch_write("bad.json", "{");
	scratch_write("too-large.json", too_large);
	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	scratch_write("full.json", full);
	check_file("good.json", NULL);
	check_file("full.json", NULL);
	check_file("/proc/self/mem", "/proc/self/mem: cannot read: Input/output error");
	check_file(absolute, "bad.json:1:1: string or '}' expected near end of file");
	check_file("missing.json", "missing.json: cannot open: No such file or directory");
	check_file("too-large.json", "too-large.json: expected at most 1 MiB");
	check_file("fifo", "fifo: expected a regular file");
	check_file(".", ".: expected a regular file");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json/right", test_right);
	g_test_add_func("/json/null-where-allowed", test_null_where_allowed);
	g_test_add_func("/json/overwrites", test_overwrites);
	g_test_add_func("/json/wrong", test_wrong);
	g_test_add_func("/json/hostile-value", test_hostile_value);
	g_test_add_func("/json/syntax", test_syntax);
	g_test_add_func("/json/deep", test_deep);
	g_test_add_func("/json/files", test_files);
	return g_test_run();
}
