// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/job.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/json-reader.h"
#include "plan/facts.h"
#include "plan/names.h"

#define LIST(strv) ((const char *const *)(strv))

static const char *const tracks[] = {"dma", "all", NULL};
static const char *const arms[] = {"window", "dma", "start", NULL};

/* A day; keeps milliseconds within 32 bits. */
#define TIMEOUT_MAX 86400

#define WINDOW_MAX 63

/* The layout of jobs that name none; a few MiB move everything. */
#define LAYOUT_MIB     16
#define LAYOUT_MIB_MAX 4096

/* These belong to the orchestrator and the guest's init. */
static const char *const taken[] = {"job", "result", "timeout", NULL};

typedef struct Reading {
	VfJob *job;
	const char *data;
	const char *name; /* of the file, without .json */
} Reading;

static void layout_free(gpointer data)
{
	VfLayout *layout = data;

	g_strfreev(layout->devices);
	g_clear_pointer(&layout->environment, g_hash_table_unref);
	g_strfreev(layout->first);
	g_free(layout);
}

void vf_job_free(VfJob *job)
{
	if (!job)
		return;
	g_free(job->name);
	g_free(job->title);
	g_free(job->program);
	g_clear_pointer(&job->environment, g_hash_table_unref);
	g_strfreev(job->boards);
	g_strfreev(job->needs);
	g_strfreev(job->devices);
	g_free(job->model.track);
	g_free(job->model.arm);
	g_strfreev(job->model.windows);
	g_strfreev(job->model.only);
	g_clear_pointer(&job->model.layouts, g_ptr_array_unref);
	g_free(job->append);
	g_free(job->control);
	g_strfreev(job->cases);
	g_free(job);
}

/* As the control port collects them, docs/control-port.md. */
static gboolean is_window(const char *name)
{
	gsize length = strlen(name);

	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isalnum(name[i]) && !strchr("-_.:/+", name[i]))
			return FALSE;
	return length && length <= WINDOW_MAX;
}

static gboolean check_archs(VfJson *json, const char *data, const char *key, const GStrv names,
			    GError **error)
{
	for (guint i = 0; names[i]; i++) {
		g_autofree char *place = g_strdup_printf("%s[%u]", key, i);
		g_autofree char *path =
			g_build_filename(data, "kernels", names[i], "arch.json", NULL);

		if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
			return vf_names_refuse(json, place, "an architecture below kernels/",
					       names[i], error);
	}
	return TRUE;
}

static gboolean check_model(VfJson *json, const Reading *reading, GError **error)
{
	const VfJob *job = reading->job;

	if (!job->model.present)
		return TRUE;
	if (!vf_names_check(json, "model.only", LIST(job->model.only), error) ||
	    !vf_names_check_each(json, "model.windows", LIST(job->model.windows), is_window,
				 "a window of A-Z, a-z, 0-9 and -_.:/+", error))
		return FALSE;
	if (!check_archs(json, reading->data, "model.only", job->model.only, error))
		return FALSE;
	for (guint i = 0; i < job->model.layouts->len; i++) {
		const VfLayout *layout = job->model.layouts->pdata[i];
		g_autofree char *place = g_strdup_printf("model.layouts[%u].first", i);

		if (!check_archs(json, reading->data, place, layout->first, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean is_case(const char *name)
{
	gboolean printable = *name && *name != '/' && !g_str_has_suffix(name, "/");

	for (; *name; name++)
		printable = printable && g_ascii_isprint(*name);
	return printable;
}

static gboolean check_lists(VfJson *json, const VfJob *job, GError **error)
{
	if (!job->boards[0])
		return vf_json_throw(json, error, "boards",
				     "expected at least one board, found none");
	return vf_names_check(json, "boards", LIST(job->boards), error) &&
	       vf_names_check(json, "needs", LIST(job->needs), error) &&
	       vf_names_check_words(json, "devices", LIST(job->devices), "{bus}", error) &&
	       vf_names_check_each(json, "cases", LIST(job->cases), is_case,
				   "the name of a KTAP case", error);
}

static gboolean check_environment(VfJson *json, const char *key, GHashTable *environment,
				  GError **error)
{
	g_autoptr(GList) keys = NULL;

	if (!vf_names_check_map(json, key, environment, taken, error))
		return FALSE;
	keys = g_list_sort(g_hash_table_get_keys(environment), (GCompareFunc)strcmp);
	for (const GList *k = keys; k; k = k->next) {
		const char *value = g_hash_table_lookup(environment, k->data);
		g_autofree char *place = NULL, *known = NULL, *expected = NULL;

		if (vf_fact_valid(value))
			continue;
		place = g_strdup_printf("%s.%s", key, (const char *)k->data);
		known = vf_fact_list();
		expected = g_strdup_printf("a word without braces, or one of %s", known);
		return vf_names_refuse(json, place, expected, value, error);
	}
	return TRUE;
}

static gboolean check_job(VfJson *json, const Reading *reading, GError **error)
{
	const VfJob *job = reading->job;

	if (!vf_names_check_own(json, job->name, reading->name, error))
		return FALSE;
	if (!vf_name_valid(job->program))
		return vf_names_refuse(json, "program", "a name of a-z, 0-9, - and _", job->program,
				       error);
	if (job->timeout > TIMEOUT_MAX)
		return vf_json_throw(json, error, "timeout",
				     "expected at most %d seconds, found %" G_GUINT64_FORMAT,
				     TIMEOUT_MAX, job->timeout);
	if (job->silence > job->timeout)
		return vf_json_throw(json, error, "silence",
				     "expected at most the timeout, %" G_GUINT64_FORMAT
				     ", found %" G_GUINT64_FORMAT,
				     job->timeout, job->silence);
	return check_environment(json, "environment", job->environment, error) &&
	       check_lists(json, job, error) && check_model(json, reading, error) &&
	       vf_names_check_line(json, "append", job->append, error);
}

static gboolean read_layout(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			    GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("memory_mib", NATURAL, VfLayout, memory_mib),
		VF_JSON_MEMBER("devices", STRINGS, VfLayout, devices),
		VF_JSON_MEMBER("environment", MAP, VfLayout, environment),
		VF_JSON_MEMBER("first", STRINGS, VfLayout, first),
		{NULL},
	};
	VfJob *job = target;
	VfLayout *layout = g_new0(VfLayout, 1);

	g_ptr_array_add(job->model.layouts, layout);
	if (!vf_json_read(json, members, layout, error))
		return FALSE;
	if (layout->memory_mib > LAYOUT_MIB_MAX)
		return vf_json_throw(json, error, "memory_mib",
				     "expected at most %d, found %" G_GUINT64_FORMAT,
				     LAYOUT_MIB_MAX, layout->memory_mib);
	return vf_names_check_words(json, "devices", LIST(layout->devices), "{bus}", error) &&
	       check_environment(json, "environment", layout->environment, error) &&
	       vf_names_check(json, "first", LIST(layout->first), error);
}

static void add_default_layout(VfJob *job)
{
	VfLayout *layout = g_new0(VfLayout, 1);

	layout->memory_mib = LAYOUT_MIB;
	layout->devices = g_new0(char *, 1);
	layout->first = g_new0(char *, 1);
	g_ptr_array_add(job->model.layouts, layout);
}

static gboolean read_model(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			   GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("track", STRING, VfJob, model.track, .words = tracks),
		VF_JSON_MEMBER("arm", STRING, VfJob, model.arm, .words = arms),
		VF_JSON_MEMBER("windows", STRINGS, VfJob, model.windows),
		VF_JSON_MEMBER("only", STRINGS, VfJob, model.only),
		{"layouts", VF_JSON_OBJECTS, VF_JSON_OPTIONAL, .read = read_layout},
		{NULL},
	};
	VfJob *job = target;

	job->model.present = TRUE;
	job->model.layouts = g_ptr_array_new_with_free_func(layout_free);
	if (!vf_json_read(json, members, job, error))
		return FALSE;
	if (!job->model.layouts->len)
		add_default_layout(job);
	return TRUE;
}

static gboolean read_job(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			 GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("name", STRING, VfJob, name),
		VF_JSON_MEMBER("title", STRING, VfJob, title),
		VF_JSON_MEMBER("program", STRING, VfJob, program),
		VF_JSON_MEMBER("environment", MAP, VfJob, environment),
		VF_JSON_MEMBER("timeout", POSITIVE, VfJob, timeout),
		VF_JSON_MEMBER("silence", POSITIVE, VfJob, silence),
		VF_JSON_MEMBER("boards", STRINGS, VfJob, boards),
		VF_JSON_MEMBER("needs", STRINGS, VfJob, needs),
		VF_JSON_MEMBER("devices", STRINGS, VfJob, devices),
		{"model", VF_JSON_OBJECT, VF_JSON_OPTIONAL, .read = read_model},
		VF_JSON_MEMBER("append", TEXT, VfJob, append),
		VF_JSON_MEMBER("control", STRING, VfJob, control),
		VF_JSON_MEMBER("cases", STRINGS, VfJob, cases),
		{NULL},
	};
	const Reading *reading = target;

	return vf_json_read(json, members, reading->job, error) && check_job(json, reading, error);
}

static char *file_of(const char *data, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".json", NULL);

	return g_build_filename(data, "jobs", file, NULL);
}

VfJob *vf_job_parse(const char *text, gsize length, const char *data, const char *name,
		    GError **error)
{
	g_autofree char *path = file_of(data, name);
	g_autoptr(VfJob) job = g_new0(VfJob, 1);
	Reading reading = {job, data, name};

	if (!vf_json_parse(text, length, vf_dirs_shown(path), read_job, &reading, error))
		return NULL;
	return g_steal_pointer(&job);
}

VfJob *vf_job_load(const char *data, const char *name, GError **error)
{
	g_autofree char *path = file_of(data, name);
	gsize length;
	g_autofree char *text = vf_json_load(path, &length, error);

	return text ? vf_job_parse(text, length, data, name, error) : NULL;
}

guint vf_job_first_layout(const VfJob *job, const char *arch)
{
	for (guint i = 0; job->model.present && i < job->model.layouts->len; i++) {
		const VfLayout *layout = job->model.layouts->pdata[i];

		if (g_strv_contains(LIST(layout->first), arch))
			return i + 1;
	}
	return 0;
}

GStrv vf_job_names(const char *data, GError **error)
{
	g_autofree char *directory = g_build_filename(data, "jobs", NULL);

	return vf_names_in(directory, ".json", error);
}
