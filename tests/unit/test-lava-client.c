// SPDX-License-Identifier: GPL-2.0-or-later
/* The client against a server with all bad habits that were seen, and worse. */
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "lava-server.h"
#include "guest/lava/follow.h"
#include "guest/lava/submit.h"

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED TRUE
#else
#define SANITIZED FALSE
#endif

#define TOKEN "t0ken-of-the-test"

typedef struct Fixture {
	LavaServer *server;
	VfLab *lab;
	VfLava *lava;
	GMainLoop *loop;
	GAsyncResult *result;
} Fixture;

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	f->server = lava_server_new(NULL);
	text = g_strdup_printf(
		"{\"url\": \"http://127.0.0.1:%d/\", \"token\": {\"environment\": \"LAVA_T\"},"
		" \"timeout\": 1, \"patience\": 20,"
		" \"artefacts\": {\"method\": \"put\", \"url\": \"http://127.0.0.1:%d/files\"},"
		" \"devices\": {\"hppa\": {\"kind\": \"qemu\", \"device_type\": \"qemu\"}}}",
		f->server->port, f->server->port);
	g_setenv("LAVA_T", TOKEN, TRUE);
	f->lab = vf_lab_parse(text, strlen(text), "lab.json", &error);
	g_assert_no_error(error);
	f->lava = vf_lava_new(f->lab, &error);
	g_assert_no_error(error);
	f->loop = g_main_loop_new(NULL, FALSE);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_assert_cmpint(f->server->state->bad_tokens, ==, 0);
	vf_lava_free(f->lava);
	vf_lab_free(f->lab);
	g_main_loop_unref(f->loop);
	lava_server_free(f->server);
}

static void on_done(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Fixture *f = data;

	f->result = g_object_ref(result);
	g_main_loop_quit(f->loop);
}

/* Waits for the call that was just begun; the result is the caller's. */
static GAsyncResult *result_of(Fixture *f)
{
	g_main_loop_run(f->loop);
	return g_steal_pointer(&f->result);
}

static VfHttpAnswer *get(Fixture *f, const char *path, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;

	vf_lava_get_async(f->lava, path, 0, NULL, on_done, f);
	result = result_of(f);
	return vf_lava_get_finish(result, error);
}

/* These pass; the question is asked again. */
static const LavaAct passing[] = {LAVA_500,   LAVA_429,	    LAVA_HTML, LAVA_CUT,
				  LAVA_RESET, LAVA_GARBAGE, LAVA_HANG};

static void test_get_again(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	for (gsize i = 0; i < G_N_ELEMENTS(passing); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfHttpAnswer) answer = NULL;
		int before = f->server->state->requests;

		lava_misbehave(f->server, "system", passing[i], 1);
		answer = get(f, "system/whoami/", &error);
		g_assert_no_error(error);
		g_assert_cmpuint(answer->status, ==, 200);
		g_assert_cmpint(f->server->state->requests, ==, before + 2);
	}
}

static const struct {
	LavaAct act;
	int code;
	const char *problem;
} finals[] = {
	{LAVA_403, VF_ERROR_HARNESS,
	 "does not accept the lab's token: Invalid token. (status 403)"},
	{LAVA_400_FIELD, VF_ERROR_HARNESS, "status 400: definition: This field is required."},
	{LAVA_REDIRECT, VF_ERROR_HARNESS, "redirects to http://127.0.0.1:1/again"},
	{LAVA_HUGE, VF_ERROR_PROTOCOL, "larger than 1048576 bytes"},
};

/* These do not; the server is asked once. */
static void test_get_final(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	for (gsize i = 0; i < G_N_ELEMENTS(finals); i++) {
		g_autoptr(GError) error = NULL;
		int before = f->server->state->requests;

		lava_misbehave(f->server, "system", finals[i].act, 1);
		g_assert_null(get(f, "system/whoami/", &error));
		g_assert_error(error, VF_ERROR, finals[i].code);
		g_assert_nonnull(strstr(error->message, finals[i].problem));
		g_assert_null(strstr(error->message, TOKEN));
		g_assert_null(strchr(error->message, '\n'));
		g_assert_cmpint(f->server->state->requests, ==, before + 1);
	}
}

static void test_patience(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	f->lab->patience = 1;
	lava_misbehave(f->server, "system", LAVA_500, 1000);
	g_assert_null(get(f, "system/whoami/", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_nonnull(strstr(error->message, "status 500: oh \\x1b[31m no"));
	g_assert_nonnull(strstr(error->message, "tries in 1 s"));
	g_assert_cmpint(f->server->state->requests, >=, 3);
	g_assert_cmpint(f->server->state->requests, <, 20);
}

static void test_backoff(void)
{
	for (guint tries = 1; tries < 100; tries++) {
		guint full = MIN(500u << MIN(tries - 1, 10), 30000u),
		      pause = vf_lava_backoff(tries);

		g_assert_cmpuint(pause, >=, full / 2);
		g_assert_cmpuint(pause, <=, full);
	}
}

static char *submit_named(Fixture *f, const char *name, GError **error)
{
	g_autofree char *definition = g_strdup_printf("job_name: \"%s\"\n", name);
	g_autoptr(GAsyncResult) result = NULL;

	vf_lava_submit_async(f->lava, name, definition, NULL, on_done, f);
	result = result_of(f);
	return vf_lava_submit_finish(result, error);
}

static void test_list(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GAsyncResult) result = NULL, other = NULL;
	json_auto_t *members = NULL;

	for (int i = 0; i < 5; i++) {
		g_autofree char *name = g_strdup_printf("job %d", i);
		g_autofree char *id = submit_named(f, name, &error);

		g_assert_no_error(error);
	}
	vf_lava_list_async(f->lava, "jobs/?limit=1", NULL, on_done, f);
	result = result_of(f);
	members = vf_lava_list_finish(result, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(json_array_size(members), ==, 5);
	/* the token must not go to whom the server names */
	lava_misbehave(f->server, "jobs", LAVA_ELSEWHERE, 1);
	vf_lava_list_async(f->lava, "jobs/", NULL, on_done, f);
	other = result_of(f);
	g_assert_null(vf_lava_list_finish(other, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
	g_assert_nonnull(strstr(error->message, "the next page is elsewhere: http://example.org"));
}

/* Whatever happens to the answer: there is one job in the end, and its id is known. */
static const LavaAct lost[] = {
	0,
	LAVA_500,
	LAVA_429,
	LAVA_HTML,
	LAVA_CUT,
	LAVA_RESET,
	LAVA_GARBAGE,
	LAVA_HANG,
	LAVA_NO_JSON,
	LAVA_TAKE_500,
	LAVA_TAKE_RESET,
	LAVA_TAKE_CUT,
	LAVA_TAKE_HANG,
};

static void test_submit_once(Fixture *f, gconstpointer data)
{
	LavaAct act = lost[GPOINTER_TO_UINT(data)];
	g_autoptr(GError) error = NULL;
	g_autofree char *id = NULL;

	if (act)
		lava_misbehave(f->server, "POST", act, 1);
	id = submit_named(f, "the one", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(id, ==, "1");
	g_assert_cmpint(f->server->state->jobs, ==, 1);
}

static const struct {
	LavaAct act;
	const char *problem;
} refused[] = {
	{LAVA_403, "does not accept the lab's token"},
	{LAVA_400_FIELD, "definition: This field is required."},
	{LAVA_400_DETAIL, "JSON parse error"},
	{LAVA_400_MESSAGE, "Devices unavailable:\\x0anosuch"},
	{LAVA_REDIRECT, "redirects"},
};

static void test_submit_refused(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autoptr(GError) error = NULL;
		int before = f->server->state->posts;

		lava_misbehave(f->server, "POST", refused[i].act, 1);
		g_assert_null(submit_named(f, "a", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
		g_assert_nonnull(strstr(error->message, refused[i].problem));
		g_assert_cmpint(f->server->state->posts, ==, before + 1);
	}
	g_assert_cmpint(f->server->state->jobs, ==, 0);
}

typedef struct Heard {
	GString *states, *lines;
	guint count;
} Heard;

static void on_state(const VfLavaJob *job, gpointer data)
{
	g_string_append_printf(((Heard *)data)->states, "%s ", job->word);
}

static void on_line(G_GNUC_UNUSED const char *level, const char *text, gsize length, gpointer data)
{
	Heard *heard = data;

	heard->count++;
	if (heard->lines)
		g_string_append_printf(heard->lines, "%.*s,", (int)MIN(length, 20), text);
}

static VfLavaOutcome *follow(Fixture *f, const VfLavaFollow *calls, GError **error)
{
	g_autofree char *id = submit_named(f, "followed", error);
	g_autoptr(GAsyncResult) result = NULL;

	vf_lava_follow_async(f->lava, id, calls, NULL, on_done, f);
	result = result_of(f);
	return vf_lava_follow_finish(result, error);
}

static void test_follow(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GString) states = g_string_new(NULL), lines = g_string_new(NULL);
	Heard heard = {states, lines, 0};
	const VfLavaFollow calls = {.state = on_state, .line = on_line, .data = &heard};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaOutcome) outcome = NULL;

	f->server->state->queued = 1;
	f->server->state->runs = 2;
	f->server->state->lines = 6;
	f->server->state->health = "Incomplete";
	f->server->state->failure = "error_type: Infrastructure\nerror_msg: Connection closed\n";
	lava_misbehave(f->server, "logs", LAVA_500, 1);
	lava_misbehave(f->server, "tests", LAVA_CUT, 1);
	outcome = follow(f, &calls, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(states->str, ==, "Submitted Running Finished ");
	g_assert_cmpstr(lines->str, ==, "line 1,line 2,line 3,line 4,line 5,line 6,");
	g_assert_cmpint(outcome->job->health, ==, VF_LAVA_INCOMPLETE);
	g_assert_cmpstr(outcome->error_type, ==, "Infrastructure");
	g_assert_cmpstr(outcome->error_message, ==, "Connection closed");
	g_assert_cmpuint(outcome->passed, ==, 1);
	g_assert_cmpuint(outcome->other, ==, 1);
	g_assert_cmpuint(outcome->lost, ==, 0);
}

/* A line that no answer can hold is passed over, and told. */
static void test_huge_line(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GString) lines = g_string_new(NULL), states = g_string_new(NULL);
	Heard heard = {states, lines, 0};
	const VfLavaFollow calls = {.line = on_line, .data = &heard};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaOutcome) outcome = NULL;

	f->server->state->huge_line = 3;
	outcome = follow(f, &calls, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(outcome->lost, ==, 1);
	g_assert_cmpstr(lines->str, ==, "line 1,line 2,line 4,line 5,");
}

static void test_silent(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	const VfLavaFollow calls = {.silence = 1};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaOutcome) outcome = NULL;

	/* a line soon, and the next one in an hour */
	f->server->state->runs = 3600 * 1000;
	f->server->state->lines = 1000;
	f->server->state->queued = -3600 * 1.5;
	outcome = follow(f, &calls, &error);
	g_assert_no_error(error);
	g_assert_true(outcome->silent);
	g_assert_cmpint(outcome->job->health, ==, VF_LAVA_CANCELED);
	g_assert_cmpint(f->server->state->cancels, ==, 1);
}

/* A server that lets a job run for ever, and the log grow, does not keep the run from its end. */
static void test_endless(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	const VfLavaFollow calls = {.silence = 60, .limit = 2};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaOutcome) outcome = NULL;

	f->server->state->runs = 3600 * 1000;
	f->server->state->lines = 3600 * 100;
	outcome = follow(f, &calls, &error);
	g_assert_null(outcome);
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_nonnull(strstr(error->message, "has not ended within 2 s"));
	g_assert_cmpint(f->server->state->cancels, ==, 1);
}

static void test_follow_nobody(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	const VfLavaFollow calls = {NULL};
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;

	vf_lava_follow_async(f->lava, "99", &calls, NULL, on_done, f);
	result = result_of(f);
	g_assert_null(vf_lava_follow_finish(result, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_nonnull(strstr(error->message, "no job 99"));
}

static gboolean cancel(Fixture *f, const char *id, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;

	vf_lava_cancel_async(f->lava, id, on_done, f);
	result = result_of(f);
	return vf_lava_cancel_finish(result, error);
}

static void test_cancel(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = NULL;

	f->server->state->runs = 1000;
	id = submit_named(f, "to be cancelled", &error);
	lava_misbehave(f->server, "jobs/1/ ", LAVA_RESET, 1);
	g_assert_true(cancel(f, id, &error));
	g_assert_no_error(error);
	g_assert_cmpint(f->server->state->cancels, ==, 1);
	lava_misbehave(f->server, "cancel", LAVA_403, 1);
	g_assert_false(cancel(f, id, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
}

typedef struct Crowd {
	Fixture *f;
	guint left, lines;
} Crowd;

static void on_crowd_line(G_GNUC_UNUSED const char *level, G_GNUC_UNUSED const char *text,
			  G_GNUC_UNUSED gsize length, gpointer data)
{
	((Crowd *)data)->lines++;
}

static void on_crowd_done(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Crowd *crowd = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaOutcome) outcome = vf_lava_follow_finish(result, &error);

	g_assert_no_error(error);
	if (!--crowd->left)
		g_main_loop_quit(crowd->f->loop);
}

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static guint64 peak_kib(void)
{
	g_autofree char *text = NULL, *value = NULL;

	g_file_get_contents("/proc/self/status", &text, NULL, NULL);
	value = lava_part(text, "VmHWM:", "k");
	return g_ascii_strtoull(g_strstrip(value), NULL, 10);
}

/* 200 jobs at once cost at most 64 MiB and a tenth of a core. */
static void test_crowd(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	enum { JOBS = 200, LINES = 100 };
	Crowd crowd = {f, JOBS, 0};
	const VfLavaFollow calls = {.line = on_crowd_line, .data = &crowd};
	gint64 began;
	double cpu, wall;

	f->lab->timeout = 60;
	f->server->state->queued = 2;
	f->server->state->runs = 6;
	f->server->state->lines = LINES;
	for (int i = 0; i < JOBS; i++)
		g_snprintf(f->server->state->job[i].name, 256, "job %d", i);
	began = g_get_monotonic_time();
	for (int i = 0; i < JOBS; i++)
		f->server->state->job[i].submitted = began;
	f->server->state->jobs = JOBS;
	cpu = cpu_seconds();
	for (int i = 1; i <= JOBS; i++) {
		g_autofree char *id = g_strdup_printf("%d", i);

		vf_lava_follow_async(f->lava, id, &calls, NULL, on_crowd_done, &crowd);
	}
	g_main_loop_run(f->loop);
	wall = (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC;
	cpu = cpu_seconds() - cpu;
	g_test_message(
		"%d jobs: %.2f s of CPU in %.1f s (%.1f %%), %d requests, peak %" G_GUINT64_FORMAT
		" KiB",
		JOBS, cpu, wall, 100 * cpu / wall, f->server->state->requests, peak_kib());
	g_assert_cmpuint(crowd.lines, ==, JOBS * LINES);
	if (SANITIZED)
		return;
	g_assert_cmpfloat(cpu / wall, <=, 0.10);
	g_assert_cmpuint(peak_kib(), <=, 64 * 1024);
}

#define ADD(name, test) g_test_add("/lava-client/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-client/backoff", test_backoff);
	ADD("get-again", test_get_again);
	ADD("get-final", test_get_final);
	ADD("patience", test_patience);
	ADD("list", test_list);
	ADD("submit-refused", test_submit_refused);
	for (guint i = 0; i < G_N_ELEMENTS(lost); i++) {
		g_autofree char *name = g_strdup_printf("/lava-client/submit-once/%u", lost[i]);

		g_test_add(name, Fixture, GUINT_TO_POINTER(i), set_up, test_submit_once, tear_down);
	}
	ADD("follow", test_follow);
	ADD("huge-line", test_huge_line);
	ADD("silent", test_silent);
	ADD("endless", test_endless);
	ADD("follow-nobody", test_follow_nobody);
	ADD("cancel", test_cancel);
	ADD("crowd", test_crowd);
	return g_test_run();
}
