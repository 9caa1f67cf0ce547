// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/follow.h"

#include <string.h>

#include "base/error.h"

enum {
	PIECE_LINES = 1000, /* of a log, in one answer */
	PAUSE_FIRST_MS = 500,
	PAUSE_QUEUED_MS = 10000, /* longest, for a job that waits */
	PAUSE_RUNNING_MS = 3000, /* and for one that runs */
	PAUSE_A_JOB_MS = 10,	 /* for each that is followed: at most so many questions a second */
};

typedef struct Follow {
	VfLava *lava;
	char *id;
	VfLavaFollow calls;
	VfLavaOutcome *outcome;
	GHashTable *suites; /* id (gint64) to name */
	guint next;	    /* line of the log */
	guint piece;	    /* lines in the next answer */
	guint pause;	    /* milliseconds */
	guint timer;
	GSource *cancel;
	gint64 begun;	/* monotonic time */
	gint64 heard;	/* the last line from the device */
	gboolean grew;	/* the log had something new when it was last asked for */
	gboolean stale; /* it was asked for without looking at the state before */
	gboolean cancelling;
} Follow;

void vf_lava_outcome_free(VfLavaOutcome *outcome)
{
	if (!outcome)
		return;
	vf_lava_job_free(outcome->job);
	g_free(outcome->error_type);
	g_free(outcome->error_message);
	g_free(outcome);
}

static void follow_free(gpointer data)
{
	Follow *f = data;

	--*vf_lava_followed(f->lava);
	g_free(f->id);
	g_clear_pointer(&f->suites, g_hash_table_unref);
	vf_lava_outcome_free(f->outcome);
	g_free(f);
}

static void fail(GTask *task, GError *error)
{
	g_task_return_error(task, error);
	g_object_unref(task);
}

static void ask_state(GTask *task);
static void ask_log(GTask *task);

static void end_pause(Follow *f)
{
	g_clear_handle_id(&f->timer, g_source_remove);
	if (f->cancel) {
		g_source_destroy(f->cancel);
		g_source_unref(f->cancel);
		f->cancel = NULL;
	}
}

static gboolean on_pause(gpointer task)
{
	Follow *f = g_task_get_task_data(task);

	f->timer = 0;
	end_pause(f);
	f->stale = f->grew;
	if (f->grew)
		ask_log(task);
	else
		ask_state(task);
	return G_SOURCE_REMOVE;
}

static gboolean on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer task)
{
	end_pause(g_task_get_task_data(task));
	fail(task, g_error_new(VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user"));
	return G_SOURCE_REMOVE;
}

/* A job that says something is asked again soon, one that waits ever more seldom. */
static void wait_and_ask(GTask *task)
{
	Follow *f = g_task_get_task_data(task);
	guint longest =
		f->outcome->job->state == VF_LAVA_SUBMITTED ? PAUSE_QUEUED_MS : PAUSE_RUNNING_MS;
	GCancellable *cancellable = g_task_get_cancellable(task);
	guint shortest = PAUSE_A_JOB_MS * *vf_lava_followed(f->lava);

	f->pause = MAX(MIN(f->pause, longest), shortest);
	f->timer =
		g_timeout_add(f->pause * 7 / 8 + (guint)g_random_int_range(0, (gint32)f->pause / 4),
			      on_pause, task);
	f->pause = f->pause * 3 / 2;
	if (!cancellable)
		return;
	f->cancel = g_cancellable_source_new(cancellable);
	g_source_set_callback(f->cancel, G_SOURCE_FUNC(on_cancelled), task, NULL);
	g_source_attach(f->cancel, NULL);
}

static GHashTable *suites_of(const json_t *list)
{
	GHashTable *suites = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	const json_t *suite;
	gsize i;

	json_array_foreach (list, i, suite) {
		gint64 id = json_integer_value(json_object_get(suite, "id"));
		const char *name = json_string_value(json_object_get(suite, "name"));

		if (name)
			g_hash_table_insert(suites, g_memdup2(&id, sizeof(id)), g_strdup(name));
	}
	return suites;
}

static void take_test(Follow *f, const json_t *test)
{
	gint64 id = json_integer_value(json_object_get(test, "suite"));
	const char *suite = g_hash_table_lookup(f->suites, &id);
	const char *name = json_string_value(json_object_get(test, "name"));
	const char *result = json_string_value(json_object_get(test, "result"));
	const char *metadata = json_string_value(json_object_get(test, "metadata"));

	if (!suite || !name || !result)
		return;
	if (strcmp(suite, "lava")) {
		if (!strcmp(result, "pass"))
			f->outcome->passed++;
		else
			f->outcome->other++;
	} else if (!strcmp(name, "job") && !f->outcome->error_type) {
		g_free(f->outcome->error_message);
		vf_lava_failure(metadata, &f->outcome->error_type, &f->outcome->error_message);
	}
}

static void on_tests(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Follow *f = g_task_get_task_data(task);
	GError *error = NULL;
	json_auto_t *tests = vf_lava_list_finish(result, &error);
	const json_t *test;
	gsize i;

	if (!tests)
		return fail(task, error);
	json_array_foreach (tests, i, test)
		take_test(f, test);
	g_task_return_pointer(task, g_steal_pointer(&f->outcome),
			      (GDestroyNotify)vf_lava_outcome_free);
	g_object_unref(task);
}

static void on_suites(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Follow *f = g_task_get_task_data(task);
	g_autofree char *path = g_strdup_printf("jobs/%s/tests/?limit=100", f->id);
	GError *error = NULL;
	json_auto_t *list = vf_lava_list_finish(result, &error);

	if (!list)
		return fail(task, error);
	f->suites = suites_of(list);
	vf_lava_list_async(f->lava, path, g_task_get_cancellable(task), on_tests, task);
}

static void ask_results(GTask *task)
{
	Follow *f = g_task_get_task_data(task);
	g_autofree char *path = g_strdup_printf("jobs/%s/suites/?limit=100", f->id);

	vf_lava_list_async(f->lava, path, g_task_get_cancellable(task), on_suites, task);
}

static void on_silence_cancelled(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer task)
{
	g_autoptr(GError) error = NULL;

	/* a job that cannot be cancelled ends by its own time limit */
	vf_lava_cancel_finish(result, &error);
	ask_state(task);
}

/* The whole log as far as there is one has been read. */
static void log_is_read(GTask *task)
{
	Follow *f = g_task_get_task_data(task);
	gint64 quiet = g_get_monotonic_time() - f->heard;

	if (f->outcome->job->state == VF_LAVA_FINISHED)
		return ask_results(task);
	if (f->calls.silence && f->heard && !f->cancelling &&
	    quiet > (gint64)f->calls.silence * G_USEC_PER_SEC) {
		f->cancelling = TRUE;
		f->outcome->silent = TRUE;
		vf_lava_cancel_async(f->lava, f->id, on_silence_cancelled, task);
		return;
	}
	wait_and_ask(task);
}

static void on_line(const char *level, const char *text, gsize length, gpointer data)
{
	Follow *f = data;

	if (!strcmp(level, "target"))
		f->heard = g_get_monotonic_time();
	if (f->calls.line)
		f->calls.line(level, text, length, f->calls.data);
}

static void on_overdue_cancelled(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer task)
{
	const Follow *f = g_task_get_task_data(task);

	vf_lava_cancel_finish(result, NULL);
	fail(task, g_error_new(VF_ERROR, VF_ERROR_HARNESS,
			       "%s: job %s has not ended within %u s, in spite of its time limits",
			       vf_lava_lab(f->lava)->url, f->id, f->calls.limit));
}

/* Whether the server has had enough time; the job is cancelled then, and the task ends. */
static gboolean overdue(GTask *task)
{
	const Follow *f = g_task_get_task_data(task);
	gint64 passed = g_get_monotonic_time() - f->begun;

	if (!f->calls.limit || passed < (gint64)f->calls.limit * G_USEC_PER_SEC)
		return FALSE;
	vf_lava_cancel_async(f->lava, f->id, on_overdue_cancelled, task);
	return TRUE;
}

static void on_log(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Follow *f = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_lava_get_finish(result, &error);
	guint n;

	if (g_error_matches(error, VF_ERROR, VF_ERROR_PROTOCOL)) {
		/* too large: fewer lines at once, and one that is too large alone is passed over */
		g_error_free(error);
		if (f->piece == 1) {
			f->outcome->lost++;
			f->next++;
		}
		f->piece = MAX(f->piece / 4, 1);
		return ask_log(task);
	}
	if (!answer)
		return fail(task, error);
	/* 404: not begun, or nothing new */
	n = answer->status == 404
		    ? 0
		    : vf_lava_log_parse(answer->body->str, answer->body->len, on_line, f);
	f->next += n;
	f->grew = n > 0;
	if (n)
		f->pause = PAUSE_FIRST_MS;
	if (n >= f->piece)
		return ask_log(task);
	f->piece = PIECE_LINES;
	if (f->stale && !n)
		ask_state(task);
	else
		log_is_read(task);
}

static void ask_log(GTask *task)
{
	Follow *f = g_task_get_task_data(task);
	g_autofree char *path = g_strdup_printf("jobs/%s/logs/?start=%u&end=%u", f->id, f->next,
						f->next + f->piece);

	if (overdue(task))
		return;
	vf_lava_get_async(f->lava, path, VF_LAVA_LOG_MAX, g_task_get_cancellable(task), on_log,
			  task);
}

static void take_job(GTask *task, VfLavaJob *job)
{
	Follow *f = g_task_get_task_data(task);
	const VfLavaJob *before = f->outcome->job;
	gboolean changed = !before || strcmp(before->word, job->word);
	gboolean stale = f->stale;

	if (changed)
		f->pause = PAUSE_FIRST_MS;
	g_clear_pointer(&f->outcome->job, vf_lava_job_free);
	f->outcome->job = job;
	if (changed && f->calls.state)
		f->calls.state(job, f->calls.data);
	if (job->state == VF_LAVA_FINISHED) {
		f->outcome->noticed = g_get_monotonic_time();
		f->outcome->ended_by_device = f->heard;
	}
	f->stale = FALSE;
	if (job->state == VF_LAVA_SUBMITTED)
		wait_and_ask(task);
	else if (job->state == VF_LAVA_RUNNING && stale)
		log_is_read(task); /* there was nothing new in it */
	else
		ask_log(task);
}

static void on_job(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Follow *f = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_lava_get_finish(result, &error);
	VfLavaJob *job;

	if (answer && answer->status == 404)
		error = g_error_new(VF_ERROR, VF_ERROR_HARNESS, "%s: no job %s",
				    vf_lava_lab(f->lava)->url, f->id);
	if (error)
		return fail(task, error);
	job = vf_lava_job_parse(answer->body->str, answer->body->len, &error);
	if (job)
		return take_job(task, job);
	vf_prefix(&error, "%s", vf_lava_lab(f->lava)->url);
	fail(task, error);
}

static void ask_state(GTask *task)
{
	Follow *f = g_task_get_task_data(task);
	g_autofree char *path = g_strdup_printf("jobs/%s/", f->id);

	if (overdue(task))
		return;
	vf_lava_get_async(f->lava, path, 0, g_task_get_cancellable(task), on_job, task);
}

void vf_lava_follow_async(VfLava *lava, const char *id, const VfLavaFollow *follow,
			  GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Follow *f = g_new0(Follow, 1);

	g_task_set_check_cancellable(task, FALSE);
	f->lava = lava;
	f->id = g_strdup(id);
	f->calls = *follow;
	f->outcome = g_new0(VfLavaOutcome, 1);
	f->piece = PIECE_LINES;
	f->pause = PAUSE_FIRST_MS;
	f->begun = g_get_monotonic_time();
	++*vf_lava_followed(lava);
	g_task_set_task_data(task, f, follow_free);
	ask_state(task);
}

VfLavaOutcome *vf_lava_follow_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
