// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "evidence/hazards.h"
#include "scratch.h"

#define START "{\"type\":\"start\",\"format\":1,\"qemu\":\"10.0.2\",\"target\":\"hppa\"}\n"
#define END   "{\"type\":\"end\",\"dma_written\":188,\"dma_read\":0,\"dma_faults\":0}\n"
#define HAZARD                                                                                \
	"{\"type\":\"hazard\",\"class\":\"R\",\"cause\":\"dma\",\"window\":\"ring\","         \
	"\"bucket\":\"target\",\"silent\":false,\"count\":3,\"bytes\":12,\"pc\":\"0x101a4\"," \
	"\"caller\":\"0x10200\",\"callers\":\"0x10200 0x10300\",\"origin\":\"0x0\","          \
	"\"origin_caller\":\"0x0\",\"overtaken\":\"0x0\",\"overtaken_caller\":\"0x0\","       \
	"\"va\":\"0xf1000010\",\"pa\":\"0x1000010\",\"colour\":6,\"other_colour\":0,"         \
	"\"expected\":71,\"found\":0}\n"
#define COVERAGE                                                                                   \
	"{\"type\":\"coverage\",\"window\":\"ring\",\"targets\":47,\"touched\":47,\"aliased\":47," \
	"\"laps\":20,\"loads\":9,\"stores\":1,\"target_loads\":9,\"target_dma_bytes\":99,"         \
	"\"unmatched\":0,\"whole\":3,\"unseen\":0,\"dma_write_bytes\":99}\n"

static VfEvidence *parse(const char *text)
{
	VfEvidence *e = vf_evidence_new();

	vf_hazards_parse(text, strlen(text), e);
	return e;
}

static void test_good(void)
{
	g_autoptr(VfEvidence) e = parse(
		START "{\"type\":\"model\",\"arch\":\"hppa\",\"colours\":8}\n"
		      "{\"type\":\"window\",\"edge\":\"begin\",\"name\":\"ring\"}\n" HAZARD COVERAGE
		      "{\"type\":\"dropped\",\"window\":\"ring\",\"count\":5}\n"
		      "{\"type\":\"window\",\"edge\":\"end\",\"name\":\"ring\"}\n"
		      "{\"type\":\"saa7146\",\"card\":\"nova\",\"packets\":20224}\n" END);
	const VfHazard *h;

	g_assert_cmpstr(e->model_error, ==, NULL);
	g_assert_true(e->model);
	g_assert_cmpuint(e->hazards->len, ==, 1);
	h = e->hazards->pdata[0];
	g_assert_cmpstr(h->class, ==, "R");
	g_assert_cmpstr(h->window, ==, "ring");
	g_assert_cmpstr(h->bucket, ==, "target");
	g_assert_cmpuint(h->count, ==, 3);
	g_assert_cmpuint(h->bytes, ==, 12);
	g_assert_cmphex(h->pc, ==, 0x101a4);
	g_assert_cmphex(h->callers[1], ==, 0x10300);
	g_assert_cmphex(h->callers[2], ==, 0);
	g_assert_cmphex(h->va, ==, 0xf1000010);
	g_assert_cmpuint(h->colour, ==, 6);
	g_assert_cmpint(h->expected, ==, 71);
	g_assert_cmpint(h->found, ==, 0);
	g_assert_cmpint(json_integer_value(json_object_get(e->coverage, "dropped")), ==, 5);
	g_assert_cmpuint(json_array_size(json_object_get(e->coverage, "windows")), ==, 1);
	g_assert_cmpuint(json_array_size(json_object_get(e->coverage, "devices")), ==, 1);
}

static char *replaced(const char *text, const char *from, const char *to)
{
	g_autoptr(GString) changed = g_string_new(text);

	g_assert_cmpuint(g_string_replace(changed, from, to, 1), ==, 1);
	return g_string_free(g_steal_pointer(&changed), FALSE);
}

static const struct {
	const char *from, *to, *error;
} spoilt[] = {
	{"\"format\":1", "\"format\":2", "report line 1: expected \"format\": 1"},
	{START, "", "report line 1: expected the start first"},
	{START, START START, "report line 2: a second start"},
	{END, "", "report line 3: the report ends without its end record"},
	{END, END END, "report line 5: a record after the end"},
	{"_faults\":0}\n", "_faults\":0}", "report line 3: the next line is cut off"},
	{"\"type\":\"hazard\"", "\"type\":\"hasard\"", "report line 2: unknown type \"hasard\""},
	{"{\"type\":\"hazard\"", "[", "report line 2: unexpected token near ','"},
	{"\"class\":\"R\"", "\"klass\":\"R\"",
	 "report line 2: hazard: Object item not found: class"},
	{"\"found\":0", "\"found\":0,\"new\":1",
	 "report line 2: hazard: 1 object item(s) left unpacked: new"},
	{"\"count\":3", "\"count\":\"3\"", "report line 2: hazard: Expected integer, got string"},
	{"\"count\":3", "\"count\":0", "report line 2: hazard: a number is out of range"},
	{"\"colour\":6", "\"colour\":-6", "report line 2: hazard: a number is out of range"},
	{"\"found\":0", "\"found\":256", "report line 2: hazard: a number is out of range"},
	{"\"target\",\"silent", "\"all\",\"silent",
	 "report line 2: hazard: expected the bucket target or audit"},
	{"\"R\"", "\"Q\"", "report line 2: hazard: unknown class \"Q\""},
	{"0x101a4", "101a4", "report line 2: expected an address \"0x...\""},
	{"0x101a4", "0x101g4", "report line 2: expected an address \"0x...\""},
	{"0x10200 0x10300", "0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9",
	 "report line 2: expected at most 8 callers"},
	{"\"laps\":20,", "", "report line 3: coverage: expected \"laps\" to be a number"},
	{"\"window\":\"ring\",\"targets", "\"targets",
	 "report line 3: coverage: expected \"window\" to be a string"},
	{"\"laps\":20", "\"laps\":20,\"x\":[1]",
	 "report line 3: expected only strings, numbers and booleans"},
	{"\"laps\":20", "\"laps\":20,\"laps\":21",
	 "report line 3: duplicate object key near '\"laps\"'"},
	{END, "{\"type\":\"error\",\"reason\":\"pc\\u0007 wrong\"}\n" END,
	 "report line 4: the model gave up: pc\\x07 wrong"},
	{END, "{\"type\":\"dropped\",\"window\":\"\"}\n" END,
	 "report line 4: dropped: expected \"count\" to be a positive number"},
	{END, "{\"type\":\"window\",\"edge\":\"x\",\"name\":\"\"}\n" END,
	 "report line 4: window: expected \"name\" and \"edge\": begin or end"},
};

static void test_spoilt(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(spoilt); i++) {
		g_autofree char *text =
			replaced(START HAZARD COVERAGE END, spoilt[i].from, spoilt[i].to);
		g_autoptr(VfEvidence) e = parse(text);

		g_assert_cmpstr(e->model_error, ==, spoilt[i].error);
		g_assert_false(e->model);
	}
}

static void test_long(void)
{
	g_autofree char *x = g_strnfill(4097, 'x');
	g_autofree char *blank = g_strnfill(VF_HAZARDS_LINE_MAX, ' ');
	g_autofree char *text =
		g_strdup_printf("%s{\"type\":\"model\",\"arch\":\"%s\"}\n", START, x);
	g_autofree char *line = g_strdup_printf("%s%s%s", START, blank, END);
	g_autoptr(VfEvidence) string = parse(text);
	g_autoptr(VfEvidence) whole = parse(line);

	g_assert_cmpstr(string->model_error, ==, "report line 2: a string of more than 4096 bytes");
	g_assert_cmpstr(whole->model_error, ==, "report line 2: longer than 65536 bytes");
}

static void test_no_record(void)
{
	static const char *const lines[] = {"[]\n", "{}\n", "{\"type\":1}\n"};

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *text = g_strconcat(START, lines[i], END, NULL);
		g_autoptr(VfEvidence) e = parse(text);

		g_assert_cmpstr(e->model_error, ==,
				"report line 2: expected a JSON object with \"type\"");
	}
}

static void test_silent(void)
{
	g_autofree char *text = replaced(START HAZARD END, "\"silent\":false", "\"silent\":true");
	g_autoptr(VfEvidence) e = parse(text);

	g_assert_true(e->model);
	g_assert_cmpuint(e->hazards->len, ==, 0);
}

static guint64 counted(const VfEvidence *e, const char *class)
{
	guint64 n = 0;

	for (guint i = 0; i < e->hazards->len; i++) {
		const VfHazard *h = e->hazards->pdata[i];

		if (g_str_equal(h->class, class))
			n += h->count;
	}
	return n;
}

/* Many of one kind leave room for the others. */
static void test_many(void)
{
	g_autofree char *audit = replaced(HAZARD, "\"target\"", "\"audit\"");
	g_autofree char *armed = replaced(HAZARD, "\"R\"", "\"P-armed\"");
	g_autoptr(GString) text = g_string_new(START);
	g_autoptr(VfEvidence) e = NULL;
	const VfHazard *last;

	for (guint i = 0; i < VF_HAZARDS_MAX + 7; i++)
		g_string_append_printf(text, "%s%s", audit, armed);
	g_string_append(text, HAZARD END);
	e = parse(text->str);
	g_assert_true(e->model);
	g_assert_cmpuint(e->hazards->len, ==, 2 * (VF_HAZARDS_MAX + 1) + 1);
	g_assert_cmpuint(counted(e, "P-armed"), ==, 3 * (VF_HAZARDS_MAX + 7));
	last = e->hazards->pdata[e->hazards->len - 1];
	g_assert_cmpstr(last->class, ==, "R");
	g_assert_cmpstr(last->bucket, ==, "target");
}

/* Those that happened most are kept, wherever they stand. */
static void test_most(void)
{
	g_autoptr(GString) text = g_string_new(START);
	g_autoptr(VfEvidence) e = NULL;
	guint64 most = 0;

	for (guint i = 1; i <= 2 * VF_HAZARDS_MAX; i++) {
		g_autofree char *count = g_strdup_printf("\"count\":%u", i);
		g_autofree char *hazard = replaced(HAZARD, "\"count\":3", count);

		g_string_append(text, hazard);
	}
	g_string_append(text, END);
	e = parse(text->str);
	g_assert_cmpuint(e->hazards->len, ==, VF_HAZARDS_MAX + 1);
	g_assert_cmpuint(counted(e, "R"), ==, VF_HAZARDS_MAX * (2 * VF_HAZARDS_MAX + 1));
	for (guint i = 0; i < e->hazards->len; i++) {
		const VfHazard *h = e->hazards->pdata[i];

		if (h->pc)
			g_assert_cmpuint(h->count, >, VF_HAZARDS_MAX);
		most = MAX(most, h->pc ? h->count : 0);
	}
	g_assert_cmpuint(most, ==, 2 * VF_HAZARDS_MAX);
}

static void test_many_windows(void)
{
	g_autoptr(GString) text = g_string_new(START);
	g_autoptr(VfEvidence) e = NULL;

	for (guint i = 0; i <= VF_HAZARDS_LIST_MAX; i++)
		g_string_append(text, COVERAGE);
	e = parse(text->str);
	g_assert_cmpstr(e->model_error, ==, "report line 1002: more than 1000 records of a kind");
}

static void test_files(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfEvidence) missing = vf_evidence_new();
	g_autoptr(VfEvidence) empty = vf_evidence_new();
	g_autoptr(VfEvidence) good = vf_evidence_new();

	g_assert_nonnull(scratch);
	vf_hazards_read("nosuch", missing);
	g_assert_cmpstr(missing->model_error, ==, "QEMU left no report of the model");
	scratch_write("empty", "");
	vf_hazards_read("empty", empty);
	g_assert_cmpstr(empty->model_error, ==,
			"report line 0: the report ends without its end record");
	scratch_write("good", START END);
	vf_hazards_read("good", good);
	g_assert_true(good->model);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hazards/good", test_good);
	g_test_add_func("/hazards/spoilt", test_spoilt);
	g_test_add_func("/hazards/long", test_long);
	g_test_add_func("/hazards/no-record", test_no_record);
	g_test_add_func("/hazards/silent", test_silent);
	g_test_add_func("/hazards/many", test_many);
	g_test_add_func("/hazards/most", test_most);
	g_test_add_func("/hazards/many-windows", test_many_windows);
	g_test_add_func("/hazards/files", test_files);
	return g_test_run();
}
