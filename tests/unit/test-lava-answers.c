// SPDX-License-Identifier: GPL-2.0-or-later
/* What a LAVA 2023.01 was seen to answer, and what it must not be able to do to us. */
#include <string.h>

#include "base/error.h"
#include "guest/lava/answers.h"
#include "guest/lava/yaml.h"

static const char job_text[] =
	"{\"id\":10,\"description\":\"farm smoke\",\"actual_device\":\"qemu-01\","
	"\"submit_time\":\"2026-11-22T07:24:58.209986Z\",\"start_time\":"
	"\"2026-11-22T07:24:58.452703Z\",\"end_time\":\"2026-11-22T07:25:13.462546Z\","
	"\"state\":\"Finished\",\"health\":\"Complete\",\"priority\":50,"
	"\"original_definition\":\"job_name: a\\n\",\"token\":\"secret\",\"new_member\":[1]}";

static void test_job(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaJob) job = vf_lava_job_parse(job_text, strlen(job_text), &error);

	g_assert_no_error(error);
	g_assert_cmpstr(job->id, ==, "10");
	g_assert_cmpstr(job->name, ==, "farm smoke");
	g_assert_cmpstr(job->device, ==, "qemu-01");
	g_assert_cmpstr(job->definition, ==, "job_name: a\n");
	g_assert_cmpint(job->state, ==, VF_LAVA_FINISHED);
	g_assert_cmpint(job->health, ==, VF_LAVA_COMPLETE);
	g_assert_cmpint(job->started - job->submitted, ==, 242717);
	g_assert_cmpint(job->ended - job->started, ==, 15009843);
}

static const struct {
	const char *text, *id, *problem;
	VfLavaState state;
	VfLavaHealth health;
} jobs[] = {
	{"{\"id\":\"12.0\",\"state\":\"Scheduling\",\"health\":null}", "12.0", NULL,
	 VF_LAVA_SUBMITTED, VF_LAVA_UNKNOWN},
	{"{\"id\":\"7\",\"state\":\"Canceling\",\"actual_device\":null,\"end_time\":null}", "7",
	 NULL, VF_LAVA_RUNNING, VF_LAVA_UNKNOWN},
	{"{\"id\":7,\"state\":\"Finished\",\"health\":\"Canceled\",\"start_time\":\"None\"}", "7",
	 NULL, VF_LAVA_FINISHED, VF_LAVA_CANCELED},
	{"{\"id\":7,\"state\":\"Finished\",\"health\":\"Splendid\"}", "7", NULL, VF_LAVA_FINISHED,
	 VF_LAVA_UNKNOWN},
	{"{\"id\":7,\"state\":\"Re\\u001bady\"}", NULL, "job 7 has an unknown state: Re\\x1bady", 0,
	 0},
	{"{\"id\":7}", NULL, "job 7 has an unknown state: ?", 0, 0},
	{"{\"id\":\"../../x\",\"state\":\"Running\"}", NULL, "a job without id", 0, 0},
	{"{\"id\":-1,\"state\":\"Running\"}", NULL, "a job without id", 0, 0},
	{"[]", NULL, "a job without id", 0, 0},
	{"<html>", NULL, "line 1, column 1: no JSON", 0, 0},
	{"", NULL, "line 1, column 0: no JSON", 0, 0},
};

static void test_jobs(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(jobs); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfLavaJob) job =
			vf_lava_job_parse(jobs[i].text, strlen(jobs[i].text), &error);

		if (jobs[i].problem) {
			g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
			g_assert_cmpstr(error->message, ==, jobs[i].problem);
			continue;
		}
		g_assert_no_error(error);
		g_assert_cmpstr(job->id, ==, jobs[i].id);
		g_assert_cmpint(job->state, ==, jobs[i].state);
		g_assert_cmpint(job->health, ==, jobs[i].health);
	}
}

static void test_ids(void)
{
	static const char text[] = "{\"message\":\"job(s) successfully submitted\","
				   "\"job_ids\":[\"12.0\", 13]}";
	static const char *const bad[] = {"{}", "{\"job_ids\":[]}", "{\"job_ids\":[\"a\"]}",
					  "{\"job_ids\":{\"a\":1}}", "no"};
	g_auto(GStrv) ids = vf_lava_ids_parse(text, strlen(text), NULL);

	g_assert_cmpuint(g_strv_length(ids), ==, 2);
	g_assert_cmpstr(ids[0], ==, "12.0");
	g_assert_cmpstr(ids[1], ==, "13");
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_lava_ids_parse(bad[i], strlen(bad[i]), &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
	}
}

static void test_page(void)
{
	static const char text[] =
		"{\"count\":3,\"next\":\"http://h/x?offset=2\",\"previous\":null,"
		"\"results\":[{\"a\":1},{}]}";
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaPage) page = vf_lava_page_parse(text, strlen(text), &error);

	g_assert_no_error(error);
	g_assert_cmpuint(json_array_size(page->results), ==, 2);
	g_assert_cmpstr(page->next, ==, "http://h/x?offset=2");
	g_assert_null(vf_lava_page_parse("{\"results\":[1]}", 15, &error));
	g_assert_cmpstr(error->message, ==, "results.0: no object");
	g_clear_error(&error);
	g_assert_null(vf_lava_page_parse("{}", 2, &error));
	g_assert_cmpstr(error->message, ==, "a page without results");
}

/* The three shapes of a refusal, and what is none. */
static const struct {
	const char *text, *why;
} refusals[] = {
	{"{\"definition\":[\"This field is required.\"]}", "definition: This field is required."},
	{"{\"detail\":\"JSON parse error\"}", "JSON parse error"},
	{"{\"message\":\"Problem with submitted job data:\\nrequired key not provided @ "
	 "data['timeouts']\"}",
	 "Problem with submitted job data:\\x0arequired key not provided @ data['timeouts']"},
	{"{\"message\":\"a\",\"detail\":\"b\"}", "a"},
	{"{}", "{}"},
	{"oh \x1b no", "oh \\x1b no"},
	{"", "no reason given"},
};

static void test_refusals(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
		g_autofree char *why = vf_lava_refusal(refusals[i].text, strlen(refusals[i].text));

		g_assert_cmpstr(why, ==, refusals[i].why);
	}
}

static void on_line(const char *level, const char *text, gsize length, gpointer data)
{
	g_autofree char *copy = g_strndup(text, length);

	g_string_append_printf(data, "%s|%s\n", level, copy);
}

static void test_log(void)
{
	static const char text[] =
		"- {\"dt\": \"2026-11-22T07:24:59\", \"lvl\": \"info\", \"msg\": \"hello\"}\n"
		"- {\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"[    1.0] say "
		"\\\\\\\"hi\\\\\\\"\"}\n"
		"- {\"dt\": \"x\", \"lvl\": \"results\", \"msg\": {\"case\": \"a\", \"m\": ! "
		"\"7\"}}\n"
		"- {\"dt\": \"x\", \"lvl\": \"target\"\n"
		"\n"
		"- {\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"end\"}";
	g_autoptr(GString) seen = g_string_new(NULL);

	g_assert_cmpuint(vf_lava_log_parse(text, strlen(text), on_line, seen), ==, 6);
	g_assert_cmpstr(seen->str, ==,
			"info|hello\n"
			"target|[    1.0] say \\\"hi\\\"\n"
			"results|{\"case\":\"a\",\"m\":\"7\"}\n"
			"raw|- {\"dt\": \"x\", \"lvl\": \"target\"\n"
			"raw|\n"
			"target|end\n");
	g_assert_cmpuint(vf_lava_log_parse("", 0, on_line, seen), ==, 0);
}

static void test_failure(void)
{
	g_autofree char *type = NULL, *message = NULL, *other = NULL, *none = NULL;

	vf_lava_failure("case: job\nerror_msg: 'lava-test-monitor timed out\n  after 120'\n"
			"error_type: Test\n",
			&type, &message);
	g_assert_cmpstr(type, ==, "Test");
	g_assert_cmpstr(message, ==, "lava-test-monitor timed out after 120");
	vf_lava_failure("error_type: [a", &other, &none);
	g_assert_null(other);
	g_assert_null(none);
	vf_lava_failure(NULL, &other, &none);
	g_assert_null(other);
}

static const struct {
	const char *text, *problem;
} yamls[] = {
	{"a: &x [1]\nb: 2", "line 1, column 4: anchors are not expected here"},
	{"a: *x", "line 1, column 4: aliases are not expected here"},
	{"a: 1\n---\nb: 2\n", "line 2, column 1: more than one document"},
	{"? [a]\n: b\n", "line 2, column 3: expected a word as key"},
	{"", "line 1, column 1: empty"},
};

static void test_yaml(void)
{
	g_autofree char *deep = g_strnfill(VF_YAML_DEPTH_MAX + 1, '[');
	g_autoptr(GError) error = NULL;
	json_auto_t *value = vf_yaml_read("a: 1\nb: [x, ~, 'y']\n", 19, &error);
	g_autofree char *text = NULL;

	g_assert_no_error(error);
	text = vf_yaml_write(value);
	g_assert_cmpstr(text, ==, "a: \"1\"\nb:\n- \"x\"\n- null\n- \"y\"\n");
	for (gsize i = 0; i < G_N_ELEMENTS(yamls); i++) {
		g_autoptr(GError) why = NULL;

		g_assert_null(vf_yaml_read(yamls[i].text, strlen(yamls[i].text), &why));
		g_assert_error(why, VF_ERROR, VF_ERROR_PROTOCOL);
		g_assert_cmpstr(why->message, ==, yamls[i].problem);
	}
	g_assert_null(vf_yaml_read(deep, strlen(deep), &error));
	g_assert_nonnull(strstr(error->message, "too deep"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-answers/job", test_job);
	g_test_add_func("/lava-answers/jobs", test_jobs);
	g_test_add_func("/lava-answers/ids", test_ids);
	g_test_add_func("/lava-answers/page", test_page);
	g_test_add_func("/lava-answers/refusals", test_refusals);
	g_test_add_func("/lava-answers/log", test_log);
	g_test_add_func("/lava-answers/failure", test_failure);
	g_test_add_func("/lava-answers/yaml", test_yaml);
	return g_test_run();
}
