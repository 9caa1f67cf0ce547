// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every fault of the emulated chip turns the capture jobs red, and the reason
 * says where. With VIFARM_FAULTS=all the jobs as they are, on every board; else
 * shorter ones, the stream on hppa and the pictures on x86_64.
 */
#include "harness.h"

#include <string.h>

#define TS    "hppa/default/capture-ts/full"
#define VIDEO "x86_64/default/capture-video/full"

typedef struct Fault {
	const char *ts, *ts_reason;	  /* --inject, part of the reason */
	const char *video, *video_reason; /* NULL: any reason */
} Fault;

static const Fault faults[] = {
	{"corrupt=1000", "packet 999 (sequence 999), byte 100: 0xbb, sent was 0xba", "corrupt=4",
	 ", byte 7: 0x"},
	{"drop=1000", "packet 999: sequence 1000 where 999 was due", "drop=4", " was due"},
	{"duplicate=1000", "packet 1000: sequence 999 where 1000 was due", "duplicate=4",
	 " was due"},
	{"reorder=1000", "packet 998: sequence 999 where 998 was due", "reorder=4", " was due"},
	{"prot=1", ": 0xee, sent was 0x", "prot=1", ": 0xee, sent was 0x"},
	{"page=500", "packet ", "page=100", ", byte "},
	{"late=60", " was due", "late=40", "frame "},
	{"i2c=5", "frontend0: No such file", "i2c=250", "the driver waited for it in vain"},
};

/* The job with few cases, little to capture and no model, which would only slow it down. */
static void shorten(const Farm *farm, const char *job, const char *cases, const char *key,
		    const char *value)
{
	g_autofree char *name = g_strconcat(job, ".json", NULL);
	g_autofree char *path = g_build_filename(farm->data, "jobs", name, NULL);
	g_auto(GStrv) list = g_strsplit(cases, ",", -1);
	json_t *file = json_load_file(path, 0, NULL), *required = json_array();
	json_t *environment = json_object_get(file, "environment");

	g_assert_nonnull(file);
	for (char **c = list; *c; c++)
		json_array_append_new(required, json_string(*c));
	json_object_set_new(file, "cases", required);
	json_object_set_new(file, "model", json_null());
	json_object_set_new(environment, "only", json_string(cases));
	json_object_set_new(environment, key, json_string(value));
	g_assert_cmpint(json_dump_file(file, path, 0), ==, 0);
	json_decref(file);
}

static Farm *short_farm(void)
{
	Farm *farm = farm_new();

	farm_copy_data(farm);
	shorten(farm, "capture-ts", "lock,multiplex", "packets", "3000");
	shorten(farm, "capture-video", "mmap_packed", "frames", "10");
	return farm;
}

static GSubprocess *start(Farm *farm, const char *arch, const char *job, const char *fault)
{
	return farm_start(farm, "run", "--arch", arch, "--board", "default", "--job", job,
			  "--format", "json", fault ? "--inject" : NULL, fault, NULL);
}

/* The fault stands in the record of the run, and in the command line that repeats it. */
static void assert_recorded(Farm *farm, json_t *results, const char *name, const char *fault)
{
	json_t *run = json_object_get(results, "run");
	const char *altered = json_string_value(json_object_get(run, "altered"));
	g_autofree char *what = g_strdup_printf("--inject %s", fault);
	g_autofree char *property = g_strdup_printf(",%s", fault);
	g_autoptr(Outcome) repro = farm_call(farm, "repro", name, NULL);

	assert_contains(altered, what);
	g_assert_cmpint(repro->status, ==, 0);
	assert_contains(repro->out, property);
}

static void expect_fail(Farm *farm, GSubprocess *process, const char *name, const char *fault,
			const char *reason)
{
	g_autoptr(Outcome) outcome = farm_wait(process);
	json_t *results = outcome_json(outcome);

	g_assert_cmpstr(results_status(results, name), ==, "FAIL");
	g_assert_cmpint(outcome->status, ==, 1);
	assert_contains(results_reason(results, name), reason);
	assert_recorded(farm, results, name, fault);
	json_decref(results);
}

static void test_fault(gconstpointer data)
{
	const Fault *fault = data;
	g_autoptr(Farm) first = short_farm();
	g_autoptr(Farm) second = short_farm();
	g_autoptr(GSubprocess) ts = start(first, "hppa", "capture-ts", fault->ts);
	g_autoptr(GSubprocess) video = start(second, "x86_64", "capture-video", fault->video);

	expect_fail(first, ts, TS, fault->ts, fault->ts_reason);
	expect_fail(second, video, VIDEO, fault->video, fault->video_reason);
}

/* Without a fault the same jobs are green. */
static void test_none(void)
{
	g_autoptr(Farm) farm = short_farm();
	g_autoptr(GSubprocess) ts = start(farm, "hppa", "capture-ts", NULL);
	g_autoptr(GSubprocess) video = start(farm, "x86_64", "capture-video", NULL);
	g_autoptr(Outcome) one = farm_wait(ts);
	g_autoptr(Outcome) two = farm_wait(video);

	g_assert_cmpint(one->status, ==, 0);
	g_assert_cmpint(two->status, ==, 0);
}

static void everywhere(const char *job, const char *fault)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = farm_call(farm, "run", "--arch", "all", "--job", job,
					       "--inject", fault, "--format", "json", NULL);
	json_t *results = outcome_json(outcome), *test;
	gsize i;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		const char *name = json_string_value(json_object_get(test, "name"));
		const char *status = json_string_value(json_object_get(test, "status"));
		const char *reason = json_string_value(json_object_get(test, "reason"));

		g_test_message("%s %s: %s: %s", fault, name, status, reason);
		g_assert_cmpstr(status, ==, "FAIL");
	}
	g_assert_cmpuint(i, >, 0);
	json_decref(results);
}

static void test_fault_everywhere(gconstpointer data)
{
	const Fault *fault = data;

	everywhere("capture-ts", fault->ts);
	everywhere("capture-video", fault->video);
}

int main(int argc, char **argv)
{
	gboolean all = g_strcmp0(g_getenv("VIFARM_FAULTS"), "all") == 0;

	g_test_init(&argc, &argv, NULL);
	if (!all)
		g_test_add_func("/inject/none", test_none);
	for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autofree char *path = g_strdup_printf("/inject/%s", faults[i].ts);

		g_test_add_data_func(path, &faults[i], all ? test_fault_everywhere : test_fault);
	}
	return g_test_run();
}
