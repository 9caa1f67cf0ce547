// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/source-debian.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <jansson.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/text.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/debian-mirror.h"
#include "kernel/steps.h"

#define PREFIX	      "debian/"
#define LATEST	      "@latest"
#define FRESH_SECONDS (12 * 3600)
#define PROGRESS_MS   500

/* An index of packages has 60 MB unpacked, a source 170 MB. */
static const VfLimits limits = {.seconds = 1800, .file_size = G_GUINT64_CONSTANT(1) << 30};

typedef struct Fetch {
	VfSteps steps;
	VfDebian *debian;
	VfBuildProgress progress;
	gpointer progress_data;
	VfLock *lock;
	VfChildEnd end;
	char *directory; /* debian/<suite> */
	char *apt;	 /* apt's own directory in it */
	char *temporary; /* the package while it comes in */
	char *package, *version;
	guint64 size; /* of the package */
	guint timer;
} Fetch;

void vf_debian_free(VfDebian *debian)
{
	if (!debian)
		return;
	g_free(debian->suite);
	g_free(debian->package);
	g_free(debian->version);
	g_free(debian->tarball);
	g_free(debian);
}

static void fetch_free(gpointer data)
{
	Fetch *job = data;

	g_clear_handle_id(&job->timer, g_source_remove);
	vf_lock_free(job->lock);
	vf_child_end_clear(&job->end);
	g_free(job->directory);
	g_free(job->apt);
	g_free(job->temporary);
	g_free(job->package);
	g_free(job->version);
	g_free(job);
}

static void replace(char **slot, const char *text)
{
	g_free(*slot);
	*slot = g_strdup(text);
}

/* Reads what the last call left. */
static void recall(VfDebian *debian)
{
	g_autofree char *path = vf_cache_path("debian", debian->suite, "newest.json", NULL);
	const char *package, *version, *file;
	json_t *json = vf_cache_read(path);
	json_int_t asked;

	if (!json_unpack(json, "{s:s, s:s, s:s, s:I}", "package", &package, "version", &version,
			 "file", &file, "asked", &asked) &&
	    !strchr(file, '/')) {
		g_autofree char *tarball = vf_cache_path("debian", debian->suite, file, NULL);

		if (g_file_test(tarball, G_FILE_TEST_IS_REGULAR)) {
			replace(&debian->package, package);
			replace(&debian->version, version);
			replace(&debian->tarball, tarball);
			debian->asked = asked;
		}
	}
	json_decref(json);
}

static gboolean is_suite(const char *name)
{
	return g_regex_match_simple("^[a-z][a-z0-9-]{0,40}$", name, G_REGEX_DOLLAR_ENDONLY, 0);
}

VfDebian *vf_debian_new(const char *linux_source, GError **error)
{
	g_autoptr(VfDebian) debian = NULL;
	g_autofree char *name = NULL;
	gboolean latest;

	if (!linux_source || !g_str_has_prefix(linux_source, PREFIX) ||
	    strchr(linux_source + strlen(PREFIX), '/'))
		return NULL;
	name = g_strdup(linux_source + strlen(PREFIX));
	latest = g_str_has_suffix(name, LATEST);
	if (latest)
		name[strlen(name) - strlen(LATEST)] = '\0';
	if (!is_suite(name))
		return vf_throw_null(
			error, VF_ERROR_USAGE,
			"%s: expected debian/SUITE, as in debian/unstable; a directory "
			"of that name is ./%s",
			linux_source, linux_source);
	debian = g_new0(VfDebian, 1);
	debian->suite = g_steal_pointer(&name);
	debian->latest = latest;
	recall(debian);
	return g_steal_pointer(&debian);
}

gboolean vf_debian_is_fresh(const VfDebian *debian)
{
	gint64 age = g_get_real_time() / G_USEC_PER_SEC - debian->asked;

	return debian->tarball && !debian->latest && age >= 0 && age < FRESH_SECONDS;
}

static void tell(Fetch *job, const char *what, double fraction)
{
	if (job->progress)
		job->progress(what, fraction, job->progress_data);
}

static VfStepResult end(GTask *task, Fetch *job)
{
	job->debian->latest = FALSE;
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static void on_waiting(gpointer data)
{
	tell(g_task_get_task_data(data), "waiting for another run to fetch the source", -1);
}

static void on_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Fetch *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->lock = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult lock(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	g_autofree char *path = vf_cache_lock(error, "debian-%s", job->debian->suite);

	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), on_waiting, on_lock,
		      task);
	return VF_STEP_WAIT;
}

/* The mirror cannot be asked: what is there will do, unless the latest is wanted. */
static VfStepResult take_older(GTask *task, Fetch *job, GError *why, GError **error)
{
	VfDebian *debian = job->debian;
	g_autofree char *kept = NULL;

	if (!debian->tarball || debian->latest) {
		g_propagate_prefixed_error(error, why, "debian/%s: ", debian->suite);
		return VF_STEP_FAILED;
	}
	kept = g_strdup_printf("taking %s of before (%s)", debian->version, why->message);
	tell(job, kept, -1);
	g_error_free(why);
	return end(task, job);
}

/* Whom we waited for may have fetched it. */
static VfStepResult configure(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	GError *why = NULL;

	recall(job->debian);
	if (vf_debian_is_fresh(job->debian))
		return end(task, job);
	tell(job, "asking Debian's mirror", -1);
	if (!vf_dirs_remove(job->temporary, error) || !vf_dirs_make(job->temporary, error))
		return VF_STEP_FAILED;
	return vf_debian_configure(job->apt, job->debian->suite, &why)
		       ? VF_STEP_NEXT
		       : take_older(task, job, why, error);
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Fetch *job = g_task_get_task_data(data);
	GError *error = NULL;

	g_clear_handle_id(&job->timer, g_source_remove);
	vf_child_end_clear(&job->end);
	vf_child_finish(result, &job->end, &error);
	vf_steps_continue(data, error);
}

static VfStepResult start(GTask *task, Fetch *job, char **argv)
{
	g_autofree char *word = g_strdup_printf("APT_CONFIG=%s/apt.conf", job->apt);
	g_auto(GStrv) env = vf_child_env(word, NULL);

	vf_child_async(&(VfChild){.argv = argv,
				  .env = env,
				  .directory = job->temporary,
				  .limits = &limits,
				  .keep = 1 << 16},
		       g_task_get_cancellable(task), on_child, task);
	return VF_STEP_WAIT;
}

static VfStepResult update(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	char *argv[] = {"apt-get", "-q", "update", "--error-on=any", NULL};

	return start(task, data, argv);
}

/* apt's first error says which address, its last one that there was an error. */
static gboolean apt_check(const Fetch *job, GError **error)
{
	const char *first = job->end.output ? strstr(job->end.output, "E: ") : NULL;
	g_autofree char *line = NULL;

	if (!job->end.status || !first)
		return vf_child_check(&job->end, VF_ERROR_HARNESS, error, "apt");
	line = vf_text_escape(first, (gssize)strcspn(first, "\n"), 400);
	return vf_throw(error, VF_ERROR_HARNESS, "apt: %s", line);
}

static VfStepResult take_update(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	GError *why = NULL;

	return apt_check(job, &why) ? VF_STEP_NEXT : take_older(task, job, why, error);
}

static VfStepResult search(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	char *argv[] = {"apt-cache", "search", "--names-only", "^linux-source-[0-9.]+$", NULL};

	return start(task, data, argv);
}

/* The package with the highest version of Linux in its name. */
static char *newest_of(const char *output)
{
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	guint64 best = 0;
	char *name = NULL;

	for (char **line = lines; *line; line++) {
		guint major, minor;
		guint64 value;

		if (sscanf(*line, "linux-source-%u.%u ", &major, &minor) != 2)
			continue;
		value = ((guint64)major << 32) + minor + 1;
		if (value <= best)
			continue;
		best = value;
		(*line)[strcspn(*line, " ")] = '\0';
		replace(&name, *line);
	}
	return name;
}

static VfStepResult take_search(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	char *argv[] = {"apt-cache", "show", "--no-all-versions", NULL, NULL};

	if (!apt_check(job, error)) {
		vf_prefix(error, "debian/%s", job->debian->suite);
		return VF_STEP_FAILED;
	}
	job->package = newest_of(job->end.output);
	if (!job->package) {
		vf_throw(error, VF_ERROR_HARNESS, "debian/%s has no package linux-source-*",
			 job->debian->suite);
		return VF_STEP_FAILED;
	}
	argv[3] = job->package;
	return start(task, job, argv);
}

static char *value_of(const char *stanza, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(stanza, "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, name))
			return g_strdup(*line + strlen(name));
	return NULL;
}

static gboolean is_version(const char *version)
{
	return version &&
	       g_regex_match_simple("^[A-Za-z0-9.+:~-]{1,80}$", version, G_REGEX_DOLLAR_ENDONLY, 0);
}

static gboolean remember(Fetch *job, const char *file, GError **error)
{
	VfDebian *debian = job->debian;
	g_autofree char *path = g_build_filename(job->directory, "newest.json", NULL);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	if (!vf_cache_write(path,
			    json_pack("{s:s, s:s, s:s, s:I}", "package", job->package, "version",
				      job->version, "file", file, "asked", (json_int_t)now),
			    error))
		return FALSE;
	recall(debian);
	return TRUE;
}

static VfStepResult take_show(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	VfDebian *debian = job->debian;
	g_autofree char *size = NULL, *file = NULL;

	if (!apt_check(job, error)) {
		vf_prefix(error, "debian/%s", job->debian->suite);
		return VF_STEP_FAILED;
	}
	size = value_of(job->end.output, "Size: ");
	job->version = value_of(job->end.output, "Version: ");
	if (!is_version(job->version)) {
		vf_throw(error, VF_ERROR_PROTOCOL, "debian/%s: %s has no version", debian->suite,
			 job->package);
		return VF_STEP_FAILED;
	}
	job->size = size ? g_ascii_strtoull(size, NULL, 10) : 0;
	if (g_strcmp0(debian->package, job->package) || g_strcmp0(debian->version, job->version))
		return VF_STEP_NEXT;
	file = g_path_get_basename(debian->tarball);
	return remember(job, file, error) ? end(task, job) : VF_STEP_FAILED;
}

/* apt writes beside, or in partial/. */
static guint64 bytes_in(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	guint64 bytes = 0;

	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		GStatBuf st;

		if (g_lstat(file, &st) == 0 && S_ISREG(st.st_mode))
			bytes += (guint64)st.st_size;
	}
	return bytes;
}

static gboolean on_tick(gpointer data)
{
	Fetch *job = data;
	g_autofree char *partial = g_build_filename(job->temporary, "partial", NULL);
	g_autofree char *what = g_strdup_printf("fetching %s %s", job->package, job->version);
	guint64 bytes = bytes_in(job->temporary) + bytes_in(partial);

	tell(job, what, job->size ? MIN((double)bytes / (double)job->size, 1) : -1);
	return G_SOURCE_CONTINUE;
}

static VfStepResult download(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Fetch *job = data;
	g_autofree char *what = g_strdup_printf("%s=%s", job->package, job->version);
	char *argv[] = {"apt-get", "-q", "download", what, NULL};

	on_tick(job);
	job->timer = g_timeout_add(PROGRESS_MS, on_tick, job);
	return start(task, job, argv);
}

/* The only file in @path whose name ends with @suffix. Caller frees. */
static char *only_file(const char *path, const char *suffix)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	g_autofree char *found = NULL;
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		if (!g_str_has_suffix(name, suffix))
			continue;
		if (found)
			return NULL;
		found = g_build_filename(path, name, NULL);
	}
	return g_steal_pointer(&found);
}

static VfStepResult extract(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	g_autofree char *package = NULL;
	char *argv[] = {"dpkg-deb", "--extract", NULL, "content", NULL};

	if (!apt_check(job, error)) {
		vf_prefix(error, "debian/%s", job->debian->suite);
		return VF_STEP_FAILED;
	}
	package = only_file(job->temporary, ".deb");
	if (!package) {
		vf_throw(error, VF_ERROR_HARNESS, "debian/%s: apt left no package in %s",
			 job->debian->suite, job->temporary);
		return VF_STEP_FAILED;
	}
	argv[2] = package;
	tell(job, "taking the source out of its package", -1);
	return start(task, job, argv);
}

/* The tarball of an earlier version serves nobody: what was unpacked of it stays. */
static void remove_older(const Fetch *job, const char *file)
{
	g_autoptr(GDir) directory = g_dir_open(job->directory, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *path = g_build_filename(job->directory, name, NULL);

		if (strstr(name, ".tar.") && strcmp(name, file))
			unlink(path);
	}
}

static VfStepResult finish(GTask *task, gpointer data, GError **error)
{
	Fetch *job = data;
	g_autofree char *inside = g_build_filename(job->temporary, "content", "usr", "src", NULL);
	g_autofree char *tarball = NULL;
	g_autofree char *file = g_strdup_printf("%s_%s.tar.xz", job->package, job->version);
	g_autofree char *path = g_build_filename(job->directory, file, NULL);

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot unpack %s", job->package))
		return VF_STEP_FAILED;
	tarball = only_file(inside, ".tar.xz");
	if (!tarball || !g_file_test(tarball, G_FILE_TEST_IS_REGULAR) ||
	    g_file_test(tarball, G_FILE_TEST_IS_SYMLINK)) {
		vf_throw(error, VF_ERROR_HARNESS, "%s %s holds no tarball in /usr/src",
			 job->package, job->version);
		return VF_STEP_FAILED;
	}
	if (g_rename(tarball, path) < 0) {
		vf_throw_errno(error, "cannot write %s", path);
		return VF_STEP_FAILED;
	}
	if (!remember(job, file, error) || !vf_dirs_remove(job->temporary, error))
		return VF_STEP_FAILED;
	remove_older(job, file);
	return end(task, job);
}

static const VfStep fetch_steps[] = {
	lock,	   configure, update,  take_update, search, take_search,
	take_show, download,  extract, finish,	    NULL,
};

void vf_debian_fetch_async(VfDebian *debian, GCancellable *cancellable, VfBuildProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Fetch *job = g_new0(Fetch, 1);

	job->debian = debian;
	job->progress = progress;
	job->progress_data = progress_data;
	job->directory = vf_cache_path("debian", debian->suite, NULL);
	job->apt = g_build_filename(job->directory, "apt", NULL);
	job->temporary = g_build_filename(job->directory, "tmp", NULL);
	g_task_set_task_data(task, job, fetch_free);
	if (vf_debian_is_fresh(debian)) {
		g_task_return_boolean(task, TRUE);
		g_object_unref(task);
		return;
	}
	vf_steps_run(task, fetch_steps);
}

gboolean vf_debian_fetch_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
