// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "mail/source.h"

typedef struct Load {
	VfMailParser *parser;
	VfAssembler *assembler;
	void (*log)(const char *line, gpointer data);
	gpointer data;
	guint mails;
} Load;

static void skip(const char *why, gpointer data)
{
	const Load *load = data;

	if (load->log)
		load->log(why, load->data);
}

/* Whether the header block of the mail has a Message-ID. */
static gboolean has_id(const char *bytes, gsize length)
{
	static const char name[] = "message-id:";
	const char *line = bytes, *end = bytes + length;

	while (line < end && *line != '\n' && *line != '\r') {
		const char *next = memchr(line, '\n', (gsize)(end - line));

		if ((gsize)(end - line) >= strlen(name) &&
		    !g_ascii_strncasecmp(line, name, strlen(name)))
			return TRUE;
		if (!next)
			return FALSE;
		line = next + 1;
	}
	return FALSE;
}

/* `git format-patch` without --thread writes no Message-ID: the content is one. */
static GString *with_id(const char *bytes, gsize length)
{
	g_autofree char *sum =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
	GString *mail = g_string_new(NULL);

	g_string_append_printf(mail, "Message-ID: <%.32s@files>\n", sum);
	return g_string_append_len(mail, bytes, (gssize)length);
}

static gboolean take(G_GNUC_UNUSED VfMailSource *source, const char *bytes, gsize length,
		     const char *where, gpointer data, GError **error)
{
	Load *load = data;
	g_autoptr(GString) given = has_id(bytes, length) ? NULL : with_id(bytes, length);
	g_autoptr(GError) local = NULL;
	VfMessage *message = vf_mail_parser_parse(load->parser, given ? given->str : bytes,
						  given ? given->len : length, where, NULL, &local);

	if (!message && !g_error_matches(local, VF_ERROR, VF_ERROR_DATA)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!message) {
		skip(local->message, load);
		return TRUE;
	}
	load->mails++;
	if (!vf_assembler_wants(message)) {
		vf_message_unref(message);
		return TRUE;
	}
	/* files have no time of arrival; the order in which they are read stands for it */
	vf_assembler_add(load->assembler, message, load->mails, 0);
	return TRUE;
}

static gboolean read_source(Load *load, const char *type, const char *path, GError **error)
{
	const VfMailSourceConfig config = {.type = (char *)type,
					   .path = (char *)path,
					   .name = (char *)path};
	g_autoptr(VfMailSource) source = vf_mail_source_new(&config, error);

	return source && vf_mail_source_read(source, NULL, take, skip, load, error);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* *.patch, in the order of their names. */
static gboolean read_patches(Load *load, const char *path, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".patch"))
			g_ptr_array_add(names, g_build_filename(path, name, NULL));
	if (!dir)
		return FALSE;
	if (!names->len)
		return vf_throw(error, VF_ERROR_DATA,
				"%s: neither a Maildir nor a directory with *.patch files", path);
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++)
		if (!read_source(load, "mbox", names->pdata[i], error))
			return FALSE;
	return TRUE;
}

static gboolean copy_input(int to, const char *path, GError **error)
{
	char buffer[65536];
	gsize total = 0;
	gssize got;

	while ((got = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0) {
		total += (gsize)got;
		if (total > VF_SERIES_INPUT_MAX)
			return vf_throw(error, VF_ERROR_DATA,
					"standard input: more than %u MiB, a series is smaller",
					VF_SERIES_INPUT_MAX >> 20);
		if (write(to, buffer, (gsize)got) != got)
			return vf_throw_errno(error, "cannot write %s", path);
	}
	return got == 0 || vf_throw_errno(error, "cannot read standard input");
}

static gboolean read_input(Load *load, GError **error)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("vifarm-series-XXXXXX", &path, error);
	gboolean ok;

	if (fd < 0)
		return FALSE;
	ok = copy_input(fd, path, error);
	close(fd);
	ok = ok && read_source(load, "mbox", path, error);
	unlink(path);
	return ok;
}

static gboolean read_path(Load *load, const char *path, GError **error)
{
	g_autofree char *cur = g_build_filename(path, "cur", NULL);

	if (!strcmp(path, "-"))
		return read_input(load, error);
	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return read_source(load, "mbox", path, error);
	if (g_file_test(cur, G_FILE_TEST_IS_DIR))
		return read_source(load, "maildir", path, error);
	return read_patches(load, path, error);
}

/* "TITLE (v2, 3 patches), <ID>: complete; ...", the first few. */
static char *describe(const GPtrArray *all, gboolean complete)
{
	g_autoptr(GString) list = g_string_new(NULL);
	guint shown = 0;

	for (guint i = 0; i < all->len && shown < 5; i++) {
		const VfSeries *series = all->pdata[i];
		g_autofree char *title = vf_text_escape(series->title, -1, 60);
		g_autofree char *id = vf_text_escape(series->id, -1, 80);

		if (complete && series->state != VF_SERIES_COMPLETE)
			continue;
		g_string_append_printf(list, "%s\"%s\" (v%u, %u patches), <%s>: %s",
				       shown++ ? "; " : "", title, series->version, series->total,
				       id, series->problem ?: vf_series_state_name(series->state));
	}
	return g_string_free(g_steal_pointer(&list), FALSE);
}

static void refuse(const GPtrArray *all, guint complete, const char *path, const char *id,
		   GError **error)
{
	g_autofree char *list = describe(all, complete > 0);

	if (!all->len)
		vf_throw(error, VF_ERROR_DATA,
			 "%s: no mail in it has a patch's subject: [PATCH ...]", path);
	else if (complete)
		vf_throw(error, VF_ERROR_DATA,
			 "%s: holds %u series, choose one with --message-id: %s", path, complete,
			 list);
	else
		vf_throw(error, VF_ERROR_DATA, "%s: no complete series%s: %s", path,
			 id ? " with that Message-ID" : "", list);
}

VfSeries *vf_series_load(const char *path, const char *id, VfMailParser *parser,
			 void (*log)(const char *line, gpointer data), gpointer data,
			 GError **error)
{
	g_autoptr(VfAssembler) assembler = vf_assembler_new();
	g_autoptr(GPtrArray) all = NULL;
	Load load = {parser, assembler, log, data, 0};
	VfSeries *found = NULL;
	guint complete = 0;

	if (!read_path(&load, path, error))
		return NULL;
	all = vf_assembler_finish(assembler, G_MAXINT64, 0);
	for (guint i = 0; i < all->len; i++) {
		VfSeries *series = all->pdata[i];

		if (series->state != VF_SERIES_COMPLETE || (id && !vf_series_has(series, id)))
			continue;
		complete++;
		found = series;
	}
	if (complete == 1)
		return vf_series_ref(found);
	refuse(all, complete, path, id, error);
	return NULL;
}
