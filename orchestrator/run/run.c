// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/dirs.h"
#include "base/hash.h"
#include "run/retry.h"

/* Kernels are built one after the other: more images at once are only more lines on the screen. */
enum { IMAGES_AT_ONCE = 8 };

typedef struct Run Run;

/* What the tasks of one architecture boot. */
typedef struct Image {
	Run *run;
	const VfArch *arch;
	const VfVariant *variant;
	const VfTask *task; /* one of those that boot it */
	struct Image *base; /* of the variant that this is a mutant of, NULL: none */
	char *item;	    /* for the display */
	GPtrArray *waiting; /* of TaskRun, not owned */
	VfKernel *kernel;
	VfInitramfs *initramfs;
	GError *error;
	char *kernel_sha256, *initramfs_sha256;
	guint pending;
	gint64 started; /* 0: not yet */
	gboolean done;
} Image;

typedef struct TaskRun {
	Run *run;
	const VfTask *task;
	Image *image;
	GPtrArray *evidence; /* of VfEvidence */
	GPtrArray *attempts; /* of VfAttemptRecord */
	VfGuestSpec spec;
	VfAttempt guests[VF_RETRY_MAX]; /* as many as @attempts, and then the one that runs */
	char *directory;		/* of the attempt that runs */
	gint64 started, attempt_started;
} TaskRun;

struct Run {
	const VfPlan *plan;
	const VfRunOptions *options;
	VfBuilder *builder;
	VfDb *db;
	VfDisplay *display;
	VfRunResult *result;
	GCancellable *cancellable;
	GMainLoop *loop;
	GPtrArray *images; /* of Image */
	GPtrArray *tasks;  /* of TaskRun */
	json_t *before;	   /* what a run that is taken up again has, or NULL */
	GQueue ready;	   /* of TaskRun */
	guint active, left, building;
	GError *error;
};

void vf_run_result_free(VfRunResult *result)
{
	if (!result)
		return;
	g_free(result->id);
	g_free(result);
}

static void image_free(gpointer data)
{
	Image *image = data;

	g_free(image->item);
	g_ptr_array_unref(image->waiting);
	vf_kernel_free(image->kernel);
	vf_initramfs_free(image->initramfs);
	g_clear_error(&image->error);
	g_free(image->kernel_sha256);
	g_free(image->initramfs_sha256);
	g_free(image);
}

static void attempt_free(gpointer data)
{
	VfAttemptRecord *attempt = data;

	g_free(attempt->reason);
	g_free(attempt->excerpt);
	g_free(attempt->directory);
	g_free(attempt->reproducer);
	g_free(attempt);
}

static void task_run_free(gpointer data)
{
	TaskRun *task = data;

	g_ptr_array_unref(task->attempts);
	g_ptr_array_unref(task->evidence);
	g_free(task->directory);
	g_free(task);
}

static gboolean stopping(const Run *run)
{
	return run->error || run->result->interrupted;
}

static void quit_when_done(Run *run)
{
	if (run->active || run->building)
		return;
	if (!run->left || stopping(run))
		g_main_loop_quit(run->loop);
}

/* The first error ends the run; what is under way is stopped. */
static void fail(Run *run, GError *error)
{
	if (!run->error)
		run->error = error;
	else
		g_error_free(error);
	g_cancellable_cancel(run->cancellable);
}

static const char *hash_once(char **hash, const char *path)
{
	if (!*hash && path)
		*hash = vf_hash_of_file(path, NULL);
	return *hash;
}

static void hash_image(Image *image)
{
	if (image->kernel)
		hash_once(&image->kernel_sha256, image->kernel->image);
	if (image->initramfs)
		hash_once(&image->initramfs_sha256, image->initramfs->path);
}

static char *emulator_of(const TaskRun *task)
{
	for (guint i = task->evidence->len; i-- > 0;) {
		const VfEvidence *evidence = task->evidence->pdata[i];

		if (evidence->emulator)
			return evidence->emulator;
	}
	return NULL;
}

static void store(TaskRun *task, VfStatus status, const char *reason, gboolean flaky)
{
	Run *run = task->run;
	GError *error = NULL;
	VfTaskRecord record = {
		.task = task->task,
		.status = status,
		.reason = (char *)reason,
		.flaky = flaky,
		.started = task->started,
		.seconds = (double)(g_get_real_time() - task->started) / G_USEC_PER_SEC,
		.attempts = task->attempts,
		.qemu_version = emulator_of(task),
	};

	if (task->image) {
		hash_image(task->image);
		record.kernel = task->image->kernel;
		record.kernel_sha256 = task->image->kernel_sha256;
		record.initramfs = task->image->initramfs;
		record.initramfs_sha256 = task->image->initramfs_sha256;
	}
	if (!vf_db_task(run->db, run->result->id, &record, &error)) {
		fail(run, error);
		return;
	}
	run->left--;
	run->result->counts[status]++;
	vf_display_done(run->display, task->task->name, status, reason, record.seconds, TRUE);
}

/* For tasks that never got a guest. */
static void store_without_guest(TaskRun *task, const GError *error)
{
	g_autoptr(VfVerdict) verdict = vf_verdict_from_error(error);

	store(task, verdict->status, verdict->reason, FALSE);
}

static void start_guest(TaskRun *task);

/* The first that would not have to wait for its host. */
static TaskRun *next_ready(Run *run)
{
	const VfGuestBackend *backend = run->options->backend;

	for (GList *link = run->ready.head; link; link = link->next) {
		TaskRun *task = link->data;

		if (backend->has_room && !backend->has_room(backend, task->task))
			continue;
		g_queue_delete_link(&run->ready, link);
		return task;
	}
	return NULL;
}

static void pump(Run *run)
{
	while (!stopping(run) && run->active < run->options->jobs) {
		TaskRun *task = next_ready(run);

		if (!task)
			break;
		start_guest(task);
	}
	quit_when_done(run);
}

static void on_stage(VfGuestStage stage, const char *detail, gpointer data)
{
	static const char *const words[] = {
		[VF_GUEST_STARTED] = "starting",
		[VF_GUEST_BOOTING] = "booting",
		[VF_GUEST_TESTING] = "testing",
		[VF_GUEST_ENDING] = "powering off",
	};
	TaskRun *task = data;

	vf_display_progress(task->run->display, task->task->name, words[stage], detail, -1);
	if (stage == VF_GUEST_BOOTING) /* while the guest needs nothing from us */
		hash_image(task->image);
}

static void finish_task(TaskRun *task)
{
	guint n = task->attempts->len;
	VfRetryOutcome outcome = vf_retry_outcome(task->guests, n);
	VfAttemptRecord *decisive;
	g_autofree char *reason = NULL;

	decisive = task->attempts->pdata[outcome.decided_by];
	reason = outcome.flaky ? g_strdup_printf("%s (flaky: %s and %s)", decisive->reason,
						 vf_status_name(task->guests[0].status),
						 vf_status_name(task->guests[n - 1].status))
			       : g_strdup(decisive->reason);
	store(task, outcome.status, reason, outcome.flaky);
	g_ptr_array_set_size(task->evidence, 0);
}

/* FALSE: the task is finished. */
static gboolean next_guest(TaskRun *task)
{
	const VfJob *job = task->task->job;
	guint layouts = job->model.present ? job->model.layouts->len : 0;
	guint n = task->attempts->len;

	return vf_retry_next(task->guests, n, layouts,
			     vf_job_first_layout(job, task->task->arch->name), &task->guests[n]);
}

static void no_evidence(TaskRun *task, GError *error)
{
	Run *run = task->run;
	gboolean given_away =
		run->options->detach && g_error_matches(error, VF_ERROR, VF_ERROR_CANCELLED);

	if (!given_away && !stopping(run))
		return fail(run, error);
	if (given_away) {
		run->left--;
		vf_display_note(run->display, "%s: %s", task->task->name, error->message);
	}
	g_error_free(error);
}

static void on_guest(GObject *source, GAsyncResult *result, gpointer data)
{
	static const char *const again_words[] = {
		[VF_AGAIN_SAME] = "rerunning in a fresh guest",
		[VF_AGAIN_CURVE] = "rerunning with caches of real sizes simulated in parallel",
		[VF_AGAIN_LAYOUT] = "rerunning with other addresses",
	};
	TaskRun *task = data;
	VfAttempt *guest = &task->guests[task->attempts->len];
	Run *run = task->run;
	VfAttemptRecord *attempt;
	g_autoptr(VfVerdict) verdict = NULL;
	VfEvidence *evidence;
	GError *error = NULL;

	(void)source;
	run->active--;
	evidence = run->options->backend->run_finish(result, &error);
	if (!evidence) {
		no_evidence(task, error);
		return pump(run);
	}
	attempt = g_new0(VfAttemptRecord, 1);
	verdict = vf_verdict_new(evidence, task->task->job);
	g_ptr_array_add(task->evidence, evidence);
	*attempt = (VfAttemptRecord){
		.number = task->attempts->len + 1,
		.status = verdict->status,
		.reason = g_strdup(verdict->reason),
		.excerpt = g_strdup(verdict->excerpt),
		.started = task->attempt_started,
		.seconds = evidence->seconds,
		.directory = g_strdup(task->directory + strlen(vf_dirs_state()) + 1),
		.reproducer = run->options->backend->reproducer(&task->spec),
		.evidence = evidence,
	};
	g_ptr_array_add(task->attempts, attempt);
	guest->status = verdict->status;
	guest->again = verdict->again;
	if (!stopping(run) && !(task->task->wants_fail && guest->status == VF_STATUS_FAIL) &&
	    next_guest(task)) {
		vf_display_note(run->display, "%s: %s, %s; %s", task->task->name,
				vf_status_name(verdict->status), verdict->reason,
				again_words[verdict->again]);
		g_queue_push_head(&run->ready, task);
	} else if (!stopping(run)) {
		finish_task(task);
	}
	pump(run);
}

static gboolean make_directory(TaskRun *task, GError **error)
{
	g_autofree char *flat = g_strdelimit(g_strdup(task->task->name), "/", '.');

	g_free(task->directory);
	task->directory = g_strdup_printf("%s/runs/%s/%s/%u", vf_dirs_state(),
					  task->run->result->id, flat, task->attempts->len + 1);
	return vf_dirs_make(task->directory, error);
}

static const VfLayout *layout_of(const TaskRun *task)
{
	guint n = task->guests[task->attempts->len].layout;

	return n ? task->task->job->model.layouts->pdata[n - 1] : NULL;
}

static void start_guest(TaskRun *task)
{
	Run *run = task->run;
	GError *error = NULL;

	if (!make_directory(task, &error)) {
		fail(run, error);
		return;
	}
	task->attempt_started = g_get_real_time();
	if (!task->attempts->len)
		task->started =
			task->attempt_started; /* not when it began to wait for its kernel */
	task->spec = (VfGuestSpec){
		.task = task->task,
		.kernel = task->image->kernel,
		.initramfs = task->image->initramfs,
		.plugin = run->options->plugin,
		.directory = task->directory,
		.run_id = run->result->id,
		.append = run->options->append,
		.inject = run->options->inject,
		.layout = layout_of(task),
		.curve = task->guests[task->attempts->len].curve,
		.attempt = task->attempts->len + 1,
		.timeout = run->options->timeout,
	};
	run->active++;
	run->options->backend->run_async(run->options->backend, &task->spec, run->cancellable,
					 on_stage, task, on_guest, task);
}

/* Why a guest of @image could only do what a guest of its base does; NULL: it could. Caller frees.
 */
static char *same_as_base(Image *image)
{
	Image *base = image->base;
	const char *ours, *theirs;

	if (!base || image->error || !base->kernel)
		return NULL;
	if (image->kernel->like)
		return g_strdup_printf("as %s: its kernel is built from no file that differs",
				       base->variant->name);
	ours = hash_once(&image->kernel_sha256, image->kernel->image);
	theirs = hash_once(&base->kernel_sha256, base->kernel->image);
	if (!ours || g_strcmp0(ours, theirs))
		return NULL;
	return g_strdup_printf("as %s: its kernel is the same, byte for byte", base->variant->name);
}

static void store_as_base(TaskRun *task, const char *reason)
{
	task->started = g_get_real_time(); /* not when it began to wait for its kernel */
	store(task, VF_STATUS_SKIP, reason, FALSE);
}

static void start_images(Run *run);

static void image_ready(Image *image)
{
	Run *run = image->run;
	g_autofree char *same = NULL;

	if (image->pending)
		return;
	run->building--;
	image->done = TRUE;
	same = stopping(run) ? NULL : same_as_base(image);
	vf_display_drop(run->display, image->item);
	for (guint i = 0; i < image->waiting->len && !stopping(run); i++) {
		TaskRun *task = image->waiting->pdata[i];

		if (image->error)
			store_without_guest(task, image->error);
		else if (same)
			store_as_base(task, same);
		else
			g_queue_push_tail(&run->ready, task);
	}
	start_images(run);
	pump(run);
}

static void image_failed(Image *image, GError *error)
{
	if (!image->error)
		image->error = error;
	else
		g_error_free(error);
}

/* Member @list of the run that is taken up again: the entry whose members are as given, or NULL. */
static const json_t *before(const Run *run, const char *list, const char *key, const char *value,
			    const char *other_key, const char *other_value)
{
	const json_t *entry;
	gsize i;

	json_array_foreach (json_object_get(run->before, list), i, entry) {
		const char *text = json_string_value(json_object_get(entry, key));
		const char *other = json_string_value(json_object_get(entry, other_key));

		if (!g_strcmp0(text, value) && !g_strcmp0(other, other_value))
			return entry;
	}
	return NULL;
}

static gboolean is_built(const Run *run, const Image *image)
{
	return before(run, "builds", "arch", image->arch->name, "variant", image->variant->name) !=
	       NULL;
}

static void on_kernel(GObject *source, GAsyncResult *result, gpointer data)
{
	Image *image = data;
	Run *run = image->run;
	g_autofree char *log = NULL;
	GError *error = NULL, *db_error = NULL;
	double seconds = (double)(g_get_monotonic_time() - image->started) / G_USEC_PER_SEC;

	(void)source;
	image->pending--;
	image->kernel = vf_builder_kernel_finish(run->builder, result, &log, &error);
	if (stopping(run)) {
		g_clear_error(&error);
	} else {
		if (!is_built(run, image) && !vf_db_build(run->db, run->result->id, image->task,
							  image->kernel, error, log, &db_error))
			fail(run, db_error);
		if (error) {
			g_autoptr(VfVerdict) verdict = vf_verdict_from_error(error);

			vf_display_done(run->display, image->item, verdict->status, verdict->reason,
					seconds, FALSE);
			image_failed(image, error);
		} else if (!image->kernel->cached) {
			vf_display_done(run->display, image->item, VF_STATUS_PASS, "kernel built",
					seconds, FALSE);
		}
		if (image->kernel && image->kernel->stack)
			vf_display_note(run->display, "%s: takes the patches for %s", image->item,
					image->kernel->stack);
		for (char **name = image->kernel ? image->kernel->skipped : NULL; name && *name;
		     name++)
			vf_display_note(run->display, "%s: %s is in the source already, skipped",
					image->item, *name);
	}
	image_ready(image);
}

static void on_initramfs(GObject *source, GAsyncResult *result, gpointer data)
{
	Image *image = data;
	GError *error = NULL;

	(void)source;
	image->pending--;
	image->initramfs = vf_builder_initramfs_finish(image->run->builder, result, &error);
	if (error)
		image_failed(image, error);
	image_ready(image);
}

static void on_build_progress(const char *what, double fraction, gpointer data)
{
	Image *image = data;

	vf_display_progress(image->run->display, image->item, what, NULL, fraction);
}

static void image_start(Image *image)
{
	Run *run = image->run;

	run->building++;
	image->pending = 2;
	image->started = g_get_monotonic_time();
	vf_builder_initramfs_async(run->builder, image->arch, run->cancellable, on_initramfs,
				   image);
	vf_builder_kernel_async(run->builder, image->arch, image->variant, run->options->mutant,
				image->base ? image->base->kernel : NULL, run->cancellable,
				on_build_progress, image, on_kernel, image);
}

/* What a mutant is compared with must be there first. */
static void start_images(Run *run)
{
	for (guint i = 0; i < run->images->len; i++) {
		Image *image = run->images->pdata[i];

		if (run->building >= IMAGES_AT_ONCE || stopping(run))
			return;
		if (!image->started && (!image->base || image->base->done))
			image_start(image);
	}
}

/* The task of the plan that boots the kernel which @task's is a mutant of; NULL: no mutant. */
static const VfTask *base_of(const Run *run, const VfTask *task)
{
	for (guint i = 0; task->variant->base && i < run->plan->tasks->len; i++) {
		const VfTask *other = run->plan->tasks->pdata[i];

		if (other->arch == task->arch && other->variant == task->variant->base)
			return other;
	}
	return NULL;
}

static Image *image_for(Run *run, const VfTask *task)
{
	const VfTask *base = base_of(run, task);
	Image *image;

	for (guint i = 0; i < run->images->len; i++) {
		image = run->images->pdata[i];
		if (image->arch == task->arch && image->variant == task->variant)
			return image;
	}
	image = g_new0(Image, 1);
	image->run = run;
	image->task = task;
	image->base = base ? image_for(run, base) : NULL;
	image->arch = task->arch;
	image->variant = task->variant;
	image->item = g_strdup_printf("%s (%s)", task->arch->name, task->variant->name);
	image->waiting = g_ptr_array_new();
	g_ptr_array_add(run->images, image);
	return image;
}

/* Sorts each task into: skipped, impossible on this host, or waiting for its image. */
static void admit(Run *run, TaskRun *task)
{
	g_autoptr(GError) error = NULL;

	if (task->task->skip) {
		store(task, VF_STATUS_SKIP, task->task->skip, FALSE);
		return;
	}
	if (!run->options->backend->check(run->options->backend, task->task, &error) ||
	    !vf_builder_check_tools(run->builder, task->task->arch, &error)) {
		store_without_guest(task, error);
		return;
	}
	next_guest(task);
	task->image = image_for(run, task->task);
	g_ptr_array_add(task->image->waiting, task);
}

static gboolean on_signal(gpointer data)
{
	Run *run = data;

	if (run->result->interrupted)
		return G_SOURCE_CONTINUE;
	run->result->interrupted = TRUE;
	vf_display_note(run->display,
			"interrupted: stopping the guests, finished results are kept");
	g_cancellable_cancel(run->cancellable);
	quit_when_done(run);
	return G_SOURCE_CONTINUE;
}

char *vf_run_new_id(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S");

	return g_strdup_printf("%s-%04x", time, g_random_int() & 0xffff);
}

/* What makes its results say something else than the kernel is right or wrong. Caller frees. */
static char *altered_by(const VfRunOptions *options)
{
	g_autoptr(GString) text = g_string_new(options->altered);

	if (options->mutant) {
		g_autofree char *file = g_path_get_basename(options->mutant);

		g_string_append_printf(text, "--mutant %s ", file);
	}
	for (char **word = options->append; word && *word; word++)
		g_string_append_printf(text, "--append %s ", *word);
	for (char **fault = options->inject; fault && *fault; fault++)
		g_string_append_printf(text, "--inject %s ", *fault);
	g_strchomp(text->str);
	return *text->str ? g_strdup(text->str) : NULL;
}

static gboolean begin(Run *run, GError **error)
{
	struct utsname host;
	g_autofree char *hostline = NULL, *altered = altered_by(run->options);
	VfRunRecord record = {
		.id = run->result->id,
		.command = (char *)run->options->command,
		.source = (char *)vf_builder_source_name(run->builder),
		.started = g_get_real_time(),
		.version = (char *)VIFARM_VERSION,
		.altered = altered,
		.message_id = (char *)run->options->message_id,
	};

	uname(&host);
	hostline = g_strdup_printf("%s %s %s, %u cores", host.nodename, host.sysname, host.release,
				   g_get_num_processors());
	record.host = hostline;
	record.variant = ((VfVariant *)run->plan->variants->pdata[0])->name;
	return vf_db_run_begin(run->db, &record, error) &&
	       (!run->options->begun ||
		run->options->begun(run->result->id, run->options->begun_data, error));
}

/* Of a run that is taken up again. */
static gboolean is_finished(Run *run, const TaskRun *task)
{
	const json_t *test = before(run, "tests", "name", task->task->name, "variant",
				    task->task->variant->name);
	VfStatus status;

	if (!test || !vf_status_parse(json_string_value(json_object_get(test, "status")), &status))
		return FALSE;
	run->left--;
	run->result->counts[status]++;
	vf_display_count(run->display);
	return TRUE;
}

static gboolean start(gpointer data)
{
	Run *run = data;

	for (guint i = 0; i < run->plan->tasks->len && !stopping(run); i++) {
		TaskRun *task = g_new0(TaskRun, 1);

		task->run = run;
		task->task = run->plan->tasks->pdata[i];
		task->started = g_get_real_time();
		task->attempts = g_ptr_array_new_with_free_func(attempt_free);
		task->evidence = g_ptr_array_new_with_free_func((GDestroyNotify)vf_evidence_free);
		g_ptr_array_add(run->tasks, task);
		if (!is_finished(run, task))
			admit(run, task);
	}
	start_images(run);
	quit_when_done(run);
	return G_SOURCE_REMOVE;
}

VfRunResult *vf_run(const VfPlan *plan, VfBuilder *builder, VfDb *db, VfDisplay *display,
		    const VfRunOptions *options, GError **error)
{
	g_autoptr(VfRunResult) result = g_new0(VfRunResult, 1);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(image_free);
	g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func(task_run_free);
	json_auto_t *earlier = NULL;
	guint interrupt, terminate;
	Run run = {
		.plan = plan,
		.options = options,
		.builder = builder,
		.db = db,
		.display = display,
		.result = result,
		.cancellable = cancellable,
		.loop = loop,
		.images = images,
		.tasks = tasks,
		.ready = G_QUEUE_INIT,
		.left = plan->tasks->len,
	};

	result->id = options->resume ? g_strdup(options->resume) : vf_run_new_id();
	if (options->resume)
		earlier = vf_db_run_resume(db, options->resume, error)
				  ? vf_db_run_json(db, options->resume, error)
				  : NULL;
	if (options->resume ? !earlier : !begin(&run, error))
		return NULL;
	run.before = earlier;
	interrupt = g_unix_signal_add(SIGINT, on_signal, &run);
	terminate = g_unix_signal_add(SIGTERM, on_signal, &run);
	g_idle_add(start, &run);
	g_main_loop_run(loop);
	g_source_remove(interrupt);
	g_source_remove(terminate);
	g_queue_clear(&run.ready);
	if (run.error) {
		g_propagate_error(error, run.error);
		return NULL;
	}
	if (options->detach)
		return g_steal_pointer(&result);
	if (!vf_db_run_end(db, result->id, g_get_real_time(), error))
		return NULL;
	return g_steal_pointer(&result);
}
