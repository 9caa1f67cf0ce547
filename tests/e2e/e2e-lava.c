// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run --on against a LAVA server that misbehaves, above all one that kills the orchestrator between
 * the steps of a submission: whatever happens, a task is one job, and a run that is taken up again
 * has its results.
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>

#include "../unit/lava-server.h"
#include "harness.h"
#include "plan/job.h"
#include "rootfs/channel.h"
#include "paths.h"

#define TOKEN "t0ken-of-the-test"
#define TASK  "hppa/default/boot/full"

typedef struct Fixture {
	Farm *farm;
	LavaServer *server;
	char *lab; /* path of the lab file */
} Fixture;

static void add_line(GString *log, const char *text)
{
	g_autofree char *escaped = g_strescape(text, NULL);

	g_string_append_printf(log, "- {\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"%s\"}\n",
			       escaped);
}

static void add_record(GString *log, guint64 *seq, char type, const char *payload)
{
	char record[CHANNEL_RECORD];
	bool cut = false;
	gsize n = channel_encode(record, (*seq)++, type, payload, strlen(payload), &cut);
	g_autofree char *line = g_strdup_printf("[    1.0] %.*s", (int)n - 1, record);

	add_line(log, line);
}

/* What LAVA logs of a guest that passes the job "boot". Caller frees. */
static char *passing_log(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfJob) job = vf_job_load(VIFARM_SOURCE_DIR, "boot", &error);
	guint n = job ? g_strv_length(job->cases) : 0;
	g_autofree char *plan = g_strdup_printf("1..%u", n);
	GString *log = g_string_new(NULL);
	g_autofree char *count = NULL;
	guint64 seq = 0;

	g_assert_no_error(error);
	add_line(log, "[    0.000000] Linux version 6.12.0");
	add_record(log, &seq, 'I', "kernel=6.12.0");
	add_record(log, &seq, 'K', "KTAP version 1");
	add_record(log, &seq, 'K', plan);
	for (guint i = 0; i < n; i++) {
		g_autofree char *line = g_strdup_printf("ok %u %s", i + 1, job->cases[i]);

		add_record(log, &seq, 'K', line);
	}
	add_record(log, &seq, 'I', "exit=0");
	count = g_strdup_printf("%" G_GUINT64_FORMAT, seq);
	add_record(log, &seq, 'E', count);
	add_line(log, "[    1.1] vifarm: end");
	return g_string_free(log, FALSE);
}

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *log = passing_log(), *text = NULL;
	g_autoptr(GError) error = NULL;

	f->farm = farm_new();
	f->server = lava_server_new(log);
	f->lab = g_build_filename(f->farm->state, "lab.json", NULL);
	text = g_strdup_printf(
		"{\"url\": \"http://127.0.0.1:%d/\", \"token\": {\"environment\": \"LAVA_T\"},"
		" \"timeout\": 5, \"patience\": 20,"
		" \"artefacts\": {\"method\": \"put\", \"url\": \"http://127.0.0.1:%d/files\"},"
		" \"devices\": {\"hppa\": {\"kind\": \"qemu\", \"device_type\": \"qemu\"}}}",
		f->server->port, f->server->port);
	g_file_set_contents(f->lab, text, -1, &error);
	g_assert_no_error(error);
	g_setenv("LAVA_T", TOKEN, TRUE);
}

/* Calls @found for every file below @path. */
static void look_for_token(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	g_autofree char *bytes = NULL;
	const char *name;
	gsize length;

	if (!directory) {
		if (g_file_get_contents(path, &bytes, &length, NULL))
			g_assert_null(memmem(bytes, length, TOKEN, strlen(TOKEN)));
		return;
	}
	while ((name = g_dir_read_name(directory))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		look_for_token(inner);
	}
}

/* After every test: the token was used, and is nowhere. */
static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_assert_cmpint(f->server->state->requests, >, 0);
	g_assert_cmpint(f->server->state->bad_tokens, ==, 0);
	look_for_token(f->farm->state);
	lava_server_free(f->server);
	farm_free(f->farm);
	g_free(f->lab);
}

static void check_quiet(const Outcome *outcome)
{
	g_assert_null(strstr(outcome->out ?: "", TOKEN));
	g_assert_null(strstr(outcome->err ?: "", TOKEN));
}

static Outcome *run(Fixture *f)
{
	return farm_call(f->farm, "run", "--on", f->lab, "--arch", "hppa", "--board", "default",
			 "--job", "boot", "--format", "json", NULL);
}

static void check_status(const Outcome *outcome, const char *status, const char *reason)
{
	json_t *results = outcome_json(outcome);

	check_quiet(outcome);
	g_assert_cmpstr(results_status(results, TASK), ==, status);
	assert_contains(results_reason(results, TASK), reason);
	json_decref(results);
}

static void test_pass(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Outcome) outcome = run(f);

	check_status(outcome, "PASS", "cases passed");
	g_assert_cmpint(outcome->status, ==, 0);
	g_assert_cmpint(f->server->state->puts, ==, 2);
	g_assert_cmpint(f->server->state->jobs, ==, 1);
}

static const struct {
	const char *name, *request;
	LavaAct act;
} deaths[] = {
	{"publishing", "PUT", LAVA_KILL},      {"submitting", "POST", LAVA_KILL},
	{"submitted", "POST", LAVA_TAKE_KILL}, {"following", "GET /api/v0.2/jobs/1/", LAVA_KILL},
	{"reading", "logs", LAVA_KILL},	       {"importing", "tests", LAVA_KILL},
};

/* kill -9 at each step of the way; then the run is taken up again. */
static void test_killed(Fixture *f, gconstpointer data)
{
	gsize i = GPOINTER_TO_SIZE(data);
	g_autoptr(GSubprocess) process = NULL;
	g_autoptr(Outcome) killed = NULL, resumed = NULL, again = NULL;

	lava_misbehave(f->server, deaths[i].request, deaths[i].act, 1);
	process = farm_start(f->farm, "run", "--on", f->lab, "--arch", "hppa", "--board", "default",
			     "--job", "boot", NULL);
	f->server->state->victim = atoi(g_subprocess_get_identifier(process));
	killed = farm_wait(process);
	g_assert_cmpint(killed->status, ==, 128 + SIGKILL);
	resumed = farm_call(f->farm, "run", "--resume", "LAST", "--format", "json", NULL);
	check_status(resumed, "PASS", "cases passed");
	g_assert_cmpint(resumed->status, ==, 0);
	g_assert_cmpint(f->server->state->jobs, ==, 1);
	again = farm_call(f->farm, "run", "--resume", "LAST", NULL);
	g_assert_cmpint(again->status, ==, 64);
	assert_contains(again->err, "is finished");
}

/* What is taken up again has to be what was submitted. */
static void test_changed(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GSubprocess) process = NULL;
	g_autoptr(Outcome) killed = NULL, resumed = NULL;
	g_autofree char *text = NULL, *other = NULL;

	lava_misbehave(f->server, "logs", LAVA_KILL, 1);
	process = farm_start(f->farm, "run", "--on", f->lab, "--arch", "hppa", "--board", "default",
			     "--job", "boot", NULL);
	f->server->state->victim = atoi(g_subprocess_get_identifier(process));
	killed = farm_wait(process);
	g_assert_cmpint(killed->status, ==, 128 + SIGKILL);
	g_file_get_contents(f->lab, &text, NULL, NULL);
	other = g_strconcat("{\"priority\": \"low\",", text + 1, NULL);
	g_file_set_contents(f->lab, other, -1, NULL);
	resumed = farm_call(f->farm, "run", "--resume", "LAST", NULL);
	g_assert_cmpint(resumed->status, ==, 64);
	assert_contains(resumed->err, "have changed since it was submitted as job 1");
	g_assert_cmpint(f->server->state->jobs, ==, 1);
}

static void test_interrupted(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GSubprocess) process = NULL;
	g_autoptr(Outcome) outcome = NULL;

	f->server->state->runs = 1000;
	process = farm_start(f->farm, "run", "--on", f->lab, "--arch", "hppa", "--board", "default",
			     "--job", "boot", NULL);
	for (int i = 0; i < 600 && !f->server->state->jobs; i++)
		g_usleep(50000);
	g_assert_cmpint(f->server->state->jobs, ==, 1);
	g_subprocess_send_signal(process, SIGINT);
	outcome = farm_wait(process);
	g_assert_cmpint(outcome->status, ==, 130);
	g_assert_cmpint(f->server->state->cancels, ==, 1);
	g_assert_true(f->server->state->job[0].cancelled);
}

static void test_detached(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Outcome) submitted =
		farm_call(f->farm, "lava", "submit", "--lab", f->lab, "--arch", "hppa", "--board",
			  "default", "--job", "boot", NULL);
	g_autoptr(Outcome) watched = NULL, imported = NULL;

	g_assert_cmpint(submitted->status, ==, 0);
	assert_contains(submitted->err, "submitted as job 1");
	g_assert_cmpint(f->server->state->jobs, ==, 1);
	watched = farm_call(f->farm, "lava", "watch", "LAST", "--format", "json", NULL);
	check_status(watched, "PASS", "cases passed");
	imported = farm_call(f->farm, "lava", "import", "--lab", f->lab, "1", "--format", "json",
			     NULL);
	check_status(imported, "PASS", "cases passed");
	g_assert_cmpint(f->server->state->jobs, ==, 1);
}

static const struct {
	const char *request, *reason;
	LavaAct act;
} misses[] = {
	{"POST", "status 400: Devices unavailable:\\x0anosuch", LAVA_400_MESSAGE},
	{"PUT", "PUT: status 403", LAVA_403},
	{"logs", "status 400: JSON parse error", LAVA_400_DETAIL},
};

/* A lab that fails is a MISS, after a second try. */
static void test_miss(Fixture *f, gconstpointer data)
{
	gsize i = GPOINTER_TO_SIZE(data);
	g_autoptr(Outcome) outcome = NULL;

	lava_misbehave(f->server, misses[i].request, misses[i].act, 1000);
	outcome = run(f);
	check_status(outcome, "MISS", misses[i].reason);
	g_assert_cmpint(outcome->status, ==, 2);
}

/* Complete means nothing: a log without records is no pass. */
static void test_lost_records(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Outcome) outcome = NULL;

	lava_server_free(f->server);
	f->server = lava_server_new("- {\"lvl\": \"target\", \"msg\": \"Linux version 6.12\"}\n");
	{
		g_autofree char *text = g_strdup_printf("{\"url\": \"http://127.0.0.1:%d/\", "
							"\"token\": {\"environment\": \"LAVA_T\"},"
							" \"artefacts\": {\"method\": \"put\", "
							"\"url\": \"http://127.0.0.1:%d/files\"},"
							" \"devices\": {\"hppa\": {\"kind\": "
							"\"qemu\", \"device_type\": \"qemu\"}}}",
							f->server->port, f->server->port);

		g_file_set_contents(f->lab, text, -1, NULL);
	}
	outcome = run(f);
	check_status(outcome, "ERROR", "without end marker");
	g_assert_cmpint(outcome->status, ==, 2);
}

/* A wrong token is one line, before anything is built or stored. */
static void test_wrong_token(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Outcome) outcome = NULL;
	g_autofree char *runs = g_build_filename(f->farm->state, "vifarm", "runs", NULL);

	lava_misbehave(f->server, "system", LAVA_403, 1);
	outcome = farm_call(f->farm, "run", "--on", f->lab, "--arch", "hppa", NULL);
	check_quiet(outcome);
	g_assert_cmpint(outcome->status, ==, 2);
	assert_contains(outcome->err, "does not accept the lab's token: Invalid token.");
	g_assert_false(g_file_test(runs, G_FILE_TEST_EXISTS));
}

#define ADD(name, number, test) \
	g_test_add("/e2e-lava/" name, Fixture, GSIZE_TO_POINTER(number), set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("pass", 0, test_pass);
	for (gsize i = 0; i < G_N_ELEMENTS(deaths); i++) {
		g_autofree char *name = g_strconcat("/e2e-lava/killed/", deaths[i].name, NULL);

		g_test_add(name, Fixture, GSIZE_TO_POINTER(i), set_up, test_killed, tear_down);
	}
	ADD("changed", 0, test_changed);
	ADD("interrupted", 0, test_interrupted);
	ADD("detached", 0, test_detached);
	ADD("miss/submit", 0, test_miss);
	ADD("miss/publish", 1, test_miss);
	ADD("miss/follow", 2, test_miss);
	ADD("lost-records", 0, test_lost_records);
	ADD("wrong-token", 0, test_wrong_token);
	return g_test_run();
}
