// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A real LAVA on the loopback interface, tests/lava-lab: the verdicts of the same tasks by QEMU and
 * by the lab are equal, good ones, bad ones and those of the model. Needs root.
 */
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "output/post/http.h"
#include "paths.h"

#define LAB    VIFARM_SOURCE_DIR "/tests/lab.json"
#define SCRIPT VIFARM_SOURCE_DIR "/tests/lava-lab"

static int lab(const char *verb)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, &error, SCRIPT, verb, NULL);

	g_assert_no_error(error);
	g_subprocess_wait(process, NULL, NULL);
	return g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const json_t *last_attempt(const json_t *test)
{
	const json_t *attempts = json_object_get(test, "attempts");

	return json_array_get(attempts, json_array_size(attempts) - 1);
}

/* What the guest itself has reported. */
static void compare_cases(const json_t *qemu, const json_t *lava)
{
	const json_t *a = json_object_get(last_attempt(qemu), "cases");
	const json_t *b = json_object_get(last_attempt(lava), "cases"), *c;
	gsize i;

	g_assert_cmpuint(json_array_size(a), ==, json_array_size(b));
	json_array_foreach (a, i, c) {
		g_assert_cmpstr(text_of(c, "name"), ==, text_of(json_array_get(b, i), "name"));
		g_assert_cmpstr(text_of(c, "status"), ==, text_of(json_array_get(b, i), "status"));
	}
}

static void compare(json_t *qemu, json_t *lava)
{
	json_t *tests = json_object_get(qemu, "tests"), *test;
	gsize i;

	g_assert_cmpuint(json_array_size(tests), >, 0);
	g_assert_cmpuint(json_array_size(tests), ==,
			 json_array_size(json_object_get(lava, "tests")));
	json_array_foreach (tests, i, test) {
		json_t *other = results_test(lava, text_of(test, "name"));

		g_test_message("%s: QEMU %s, LAVA %s: %s; %s", text_of(test, "name"),
			       text_of(test, "status"), text_of(other, "status"),
			       text_of(other, "reason"),
			       text_of(json_object_get(last_attempt(other), "info"), "lava.times"));
		g_assert_cmpstr(text_of(test, "status"), ==, text_of(other, "status"));
		g_assert_cmpstr(text_of(test, "reason"), ==, text_of(other, "reason"));
		compare_cases(test, other);
	}
}

typedef struct Tasks {
	const char *archs, *jobs, *append, *status;
} Tasks;

static const Tasks good = {"all", "boot", "", "PASS"};
static const Tasks panic = {"hppa", "boot", "rdinit=/nonexistent", "FAIL"};
static const Tasks model = {"hppa", "vflush", "", "PASS"};

static void test_equal(gconstpointer data)
{
	const Tasks *tasks = data;
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) by_qemu =
		farm_call(farm, "run", "--arch", tasks->archs, "--board", "default", "--job",
			  tasks->jobs, "--append", tasks->append, "--format", "json", NULL);
	g_autoptr(Outcome) by_lava =
		farm_call(farm, "run", "--arch", tasks->archs, "--board", "default", "--job",
			  tasks->jobs, "--append", tasks->append, "--on", LAB, "--format", "json",
			  NULL);
	json_auto_t *qemu = outcome_json(by_qemu), *lava = outcome_json(by_lava);
	const json_t *test;
	gsize i;

	g_assert_cmpint(by_qemu->status, ==, by_lava->status);
	compare(qemu, lava);
	json_array_foreach (json_object_get(lava, "tests"), i, test)
		g_assert_cmpstr(text_of(test, "status"), ==, tasks->status);
}

static void validate(const char *definition)
{
	json_auto_t *body = json_pack("{s:s, s:b}", "definition", definition, "strict", TRUE);
	g_autofree char *text = json_dumps(body, 0);
	const VfHttpRequest request = {
		.method = "POST",
		.url = "http://127.0.0.1:8090/api/v0.2/jobs/validate/",
		.content_type = "application/json",
		.body = text,
		.timeout = 60,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_http(&request, &error);

	g_assert_no_error(error);
	assert_contains(answer->body->str, "Job valid.");
}

/* LAVA's own schema takes every definition, those for hardware as well. */
static void test_valid(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) rendered =
		farm_call(farm, "lava", "render", "--lab", LAB, "--arch", "all", "--board",
			  "default", "--job", "boot,vflush", NULL);
	g_auto(GStrv) documents = g_strsplit(rendered->out, "---\n", -1);
	g_autoptr(GDir) goldens = g_dir_open(VIFARM_SOURCE_DIR "/tests/golden/lava", 0, NULL);
	const char *name;
	guint n = 0;

	g_assert_cmpint(rendered->status, ==, 0);
	for (char **document = documents; *document; document++)
		if (strstr(*document, "job_name")) {
			validate(*document);
			n++;
		}
	g_assert_cmpuint(n, >=, 8);
	while ((name = g_dir_read_name(goldens))) {
		g_autofree char *path =
			g_build_filename(VIFARM_SOURCE_DIR "/tests/golden/lava", name, NULL);
		g_autofree char *text = NULL;

		g_file_get_contents(path, &text, NULL, NULL);
		validate(text);
	}
}

/* LAVA cannot find an artefact: the lab's fault, not the kernel's. */
static void test_missing_artefact(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *path = g_build_filename(farm->state, "lab.json", NULL);
	g_autofree char *text = g_strdup_printf(
		"{\"url\": \"http://127.0.0.1:8090/\","
		" \"token\": {\"file\": \"/var/tmp/vifarm-lab/token\"},"
		" \"artefacts\": {\"method\": \"directory\", \"path\": \"%s/www\","
		" \"url\": \"file:///nonexistent\"},"
		" \"devices\": {\"hppa\": {\"kind\": \"qemu\", \"device_type\": \"vifarm-qemu\"}}}",
		farm->state);
	g_autoptr(Outcome) outcome = NULL;
	json_auto_t *results = NULL;

	g_file_set_contents(path, text, -1, NULL);
	outcome = farm_call(farm, "run", "--arch", "hppa", "--board", "default", "--job", "boot",
			    "--on", path, "--format", "json", NULL);
	results = outcome_json(outcome);
	g_assert_cmpstr(results_status(results, "hppa/default/boot/full"), ==, "MISS");
	assert_contains(results_reason(results, "hppa/default/boot/full"), "the guest was lost");
	g_assert_cmpint(outcome->status, ==, 2);
}

int main(int argc, char **argv)
{
	gboolean mine;
	int status;

	g_test_init(&argc, &argv, NULL);
	if (geteuid()) {
		g_printerr("e2e-lab: needs root\n");
		return 77;
	}
	mine = lab("status") != 0;
	g_assert_cmpint(lab("up"), ==, 0);
	g_test_add_data_func("/lab/boot", &good, test_equal);
	g_test_add_data_func("/lab/panic", &panic, test_equal);
	g_test_add_data_func("/lab/model", &model, test_equal);
	g_test_add_func("/lab/valid", test_valid);
	g_test_add_func("/lab/missing-artefact", test_missing_artefact);
	status = g_test_run();
	if (mine)
		g_assert_cmpint(lab("down"), ==, 0);
	return status;
}
