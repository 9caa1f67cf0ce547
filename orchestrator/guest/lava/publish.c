// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "guest/lava/token.h"

enum { FILES = 3, UPLOAD_S = 600, TRIES_MAX = 5 };

typedef struct Publish {
	VfLava *lava;
	const VfLavaFile *files[FILES];
	guint at, tries;
	char *authorization; /* header, or NULL */
} Publish;

static void publish_free(gpointer data)
{
	Publish *p = data;

	g_free(p->authorization);
	g_free(p);
}

static gboolean copy_bytes(int from, int to)
{
	char block[65536];
	gssize n;

	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (gsize)n) != n)
			return FALSE;
	return n == 0;
}

/* A copy that appears whole or not at all. */
static gboolean copy_file(const char *from, const char *to, GError **error)
{
	g_autofree char *new = g_strdup_printf("%s.%d", to, getpid());
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	gboolean ok = out >= 0 && copy_bytes(in, out) && fchmod(out, 0644) == 0;

	ok = ok && rename(new, to) == 0;
	if (!ok)
		vf_throw_errno(error, "%s: cannot copy %s", to, from);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (!ok)
		unlink(new);
	return ok;
}

static gboolean same_size(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_size == other.st_size;
}

static gboolean put_into_directory(const VfLab *lab, const VfLavaFile *file, GError **error)
{
	g_autofree char *to = g_build_filename(lab->artefacts.path, file->name, NULL);

	if (same_size(file->path, to))
		return TRUE;
	return copy_file(file->path, to, error);
}

static void fill_directory(GTask *task, const VfLab *lab)
{
	const Publish *p = g_task_get_task_data(task);
	GError *error = NULL;

	if (!vf_dirs_make(lab->artefacts.path, &error)) {
		g_task_return_error(task, error);
		return;
	}
	for (guint i = 0; i < FILES; i++)
		if (p->files[i]->path && !put_into_directory(lab, p->files[i], &error)) {
			g_task_return_error(task, error);
			return;
		}
	g_task_return_boolean(task, TRUE);
}

static void request(GTask *task, const char *method, GAsyncReadyCallback done)
{
	const Publish *p = g_task_get_task_data(task);
	const VfLab *lab = vf_lava_lab(p->lava);
	const VfLavaFile *file = p->files[p->at];
	gboolean put = !strcmp(method, "PUT");
	const char *headers[] = {p->authorization, NULL};
	const VfHttpRequest http = {
		.method = method,
		.url = file->url,
		.content_type = put ? "application/octet-stream" : NULL,
		.headers = headers,
		.timeout = put ? UPLOAD_S : (guint)lab->timeout,
		.upload = put ? file->path : NULL,
		.ca = lab->ca,
		.unverified = !lab->verify,
	};

	vf_http_async(vf_lava_loop(p->lava), &http, g_task_get_cancellable(task), done, task);
}

static void ask_head(GTask *task);

static void next_file(GTask *task)
{
	Publish *p = g_task_get_task_data(task);

	p->tries = 0;
	while (p->at < FILES && !p->files[p->at]->path)
		p->at++;
	if (p->at < FILES)
		return ask_head(task);
	g_task_return_boolean(task, TRUE);
	g_object_unref(task);
}

static gboolean on_pause(gpointer task)
{
	if (g_task_return_error_if_cancelled(task))
		g_object_unref(task);
	else
		ask_head(task);
	return G_SOURCE_REMOVE;
}

/* A PUT may be repeated: it says the same again. Takes @error. */
static void try_again(GTask *task, GError *error)
{
	Publish *p = g_task_get_task_data(task);

	if (++p->tries < TRIES_MAX && g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS)) {
		g_error_free(error);
		g_timeout_add(vf_lava_backoff(p->tries), on_pause, task);
		return;
	}
	g_task_return_error(task, error);
	g_object_unref(task);
}

static void on_put(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Publish *p = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_http_finish(result, NULL, &error);

	if (!answer)
		return try_again(task, error);
	if (answer->status / 100 == 2) {
		p->at++;
		return next_file(task);
	}
	error = g_error_new(VF_ERROR, VF_ERROR_HARNESS, "%s: PUT: status %u",
			    vf_lava_lab(p->lava)->artefacts.url, answer->status);
	if (vf_lava_passing(answer))
		return try_again(task, error);
	g_task_return_error(task, error);
	g_object_unref(task);
}

static void on_head(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Publish *p = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_http_finish(result, NULL, &error);

	if (!answer)
		return try_again(task, error);
	if (answer->status == 200) {
		p->at++;
		return next_file(task);
	}
	request(task, "PUT", on_put);
}

static void ask_head(GTask *task)
{
	request(task, "HEAD", on_head);
}

void vf_lava_publish_async(VfLava *lava, const VfLavaFiles *files, GCancellable *cancellable,
			   GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	const VfLab *lab = vf_lava_lab(lava);
	g_autofree char *token = NULL;
	Publish *p = g_new0(Publish, 1);
	GError *error = NULL;

	g_task_set_check_cancellable(task, FALSE);
	g_task_set_task_data(task, p, publish_free);
	p->lava = lava;
	p->files[0] = &files->kernel;
	p->files[1] = &files->ramdisk;
	p->files[2] = &files->plugin;
	if (!lab->artefacts.put) {
		fill_directory(task, lab);
		g_object_unref(task);
		return;
	}
	token = vf_lab_token(lab, &lab->artefacts.token, "artefacts.token", &error);
	if (error) {
		g_task_return_error(task, error);
		g_object_unref(task);
		return;
	}
	p->authorization = token ? g_strdup_printf("Authorization: Bearer %s", token) : NULL;
	next_file(task);
}

gboolean vf_lava_publish_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
