// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A folder on an IMAP server, by libcurl. The cursor is the folder's UIDVALIDITY and the last UID;
 * a folder whose UIDVALIDITY has changed is read again. The folder is the bot's own: its mails
 * become "seen".
 */
#include "mail/source-impl.h"

#include <curl/curl.h>
#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "mail/imap-answer.h"
#include "mail/message.h"
#include "output/post/origin.h"

#define CONNECT_SECONDS	 20
#define TRANSFER_SECONDS 120
/* The answer to a search over a whole folder: a million UIDs. */
#define ANSWER_MAX (16 * 1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURL, curl_easy_cleanup)

typedef struct Imap {
	VfMailSource *source;
	const VfMailSink *sink;
	CURL *curl;
	char *folder; /* URL of the folder without a slash at its end */
	char problem[CURL_ERROR_SIZE];
	GString *answer;
	gsize limit;
	guint64 bytes; /* that came, also beyond the limit */
} Imap;

static size_t on_bytes(char *bytes, size_t size, size_t count, void *data)
{
	Imap *imap = data;
	gsize length = size * count;

	imap->bytes += length;
	/* returning less than was given makes curl give up */
	if (imap->bytes > imap->limit)
		return 0;
	g_string_append_len(imap->answer, bytes, (gssize)length);
	return length;
}

static char *shown(const Imap *imap)
{
	return vf_text_escape(imap->source->config->url, -1, 200);
}

/* One request; @command NULL: what the URL says. The answer is in imap->answer. */
static gboolean ask(Imap *imap, const char *url, const char *command, gsize limit, GError **error)
{
	g_autofree char *where = NULL;
	CURLcode code;

	imap->limit = limit;
	imap->bytes = 0;
	imap->problem[0] = '\0';
	g_string_truncate(imap->answer, 0);
	curl_easy_setopt(imap->curl, CURLOPT_URL, url);
	curl_easy_setopt(imap->curl, CURLOPT_CUSTOMREQUEST, command);
	code = curl_easy_perform(imap->curl);
	if (code == CURLE_OK)
		return TRUE;
	where = shown(imap);
	if (code == CURLE_LOGIN_DENIED)
		return vf_throw(error, VF_ERROR_HARNESS,
				"%s: the server refuses user and password (%s)", where,
				imap->source->config->password_file);
	return vf_throw(error, VF_ERROR_HARNESS, "%s: %s", where,
			*imap->problem ? imap->problem : curl_easy_strerror(code));
}

static gboolean connect_imap(Imap *imap, GError **error)
{
	const VfMailSourceConfig *config = imap->source->config;
	g_autofree char *password = vf_secret_read(config->password_file, error);
	CURL *curl = imap->curl;

	if (!password)
		return vf_prefix(error, "password_file");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(curl, CURLOPT_USERNAME, config->user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TRANSFER_SECONDS);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, imap->problem);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, imap);
	/* a password is not sent in clear text to another machine */
	if (vf_origin_url_is_local(config->url))
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	else
		curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	return TRUE;
}

/* Sets the cursor back when the server has numbered the mails anew. */
static gboolean check_validity(Imap *imap, GError **error)
{
	g_autofree char *where = NULL;
	g_autofree char *command = vf_imap_examine(imap->source->config->url);
	g_autofree char *server = vf_imap_server(imap->source->config->url);
	gint64 validity;

	if (!ask(imap, server, command, ANSWER_MAX, error))
		return FALSE;
	validity = vf_imap_validity(imap->answer->str);
	where = shown(imap);
	if (!validity)
		return vf_throw(error, VF_ERROR_PROTOCOL, "%s: the server named no UIDVALIDITY",
				where);
	if (validity != vf_mail_cursor_number(imap->source, "validity"))
		vf_mail_cursor_set_number(imap->source, "uid", 0);
	vf_mail_cursor_set_number(imap->source, "validity", validity);
	return TRUE;
}

/* UIDs behind the cursor's, ascending; of guint32. */
static GArray *search(Imap *imap, GError **error)
{
	gint64 last = vf_mail_cursor_number(imap->source, "uid");
	guint64 days = imap->source->config->days;
	g_autofree char *command = vf_imap_search((guint32)last, last ? 0 : days);

	if (!ask(imap, imap->folder, command, ANSWER_MAX, error))
		return NULL;
	return vf_imap_uids(imap->answer->str, (guint32)last);
}

/* A mail over the limit is cut off and passed over. */
static gboolean fetch(Imap *imap, guint32 uid, GError **error)
{
	g_autofree char *url = g_strdup_printf("%s/;UID=%u", imap->folder, uid);
	g_autofree char *name = shown(imap);
	g_autofree char *where = g_strdup_printf("%s: UID %u", name, uid);
	g_autoptr(GError) local = NULL;
	gboolean ok = ask(imap, url, NULL, VF_MESSAGE_BYTES_MAX, &local);

	if (!ok && imap->bytes <= VF_MESSAGE_BYTES_MAX) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	vf_mail_cursor_set_number(imap->source, "uid", uid);
	if (imap->bytes > VF_MESSAGE_BYTES_MAX) {
		vf_mail_skip_large(imap->sink, where, imap->bytes);
		return TRUE;
	}
	return imap->sink->take(imap->source, imap->answer->str, imap->answer->len, where,
				imap->sink->data, error);
}

static gboolean read_folder(Imap *imap, GError **error)
{
	g_autoptr(GArray) uids = NULL;

	if (!connect_imap(imap, error) || !check_validity(imap, error))
		return FALSE;
	uids = search(imap, error);
	for (guint i = 0; uids && i < uids->len; i++)
		if (!fetch(imap, g_array_index(uids, guint32, i), error))
			return FALSE;
	return uids != NULL;
}

static gboolean read_imap(VfMailSource *source, const VfMailSink *sink, GError **error)
{
	g_autoptr(CURL) curl = curl_easy_init();
	g_autoptr(GString) answer = g_string_new(NULL);
	g_autofree char *folder = g_strdup(source->config->url);
	Imap imap = {.source = source, .sink = sink, .curl = curl, .answer = answer};

	if (!vf_imap_check_url(folder, error))
		return FALSE;
	imap.folder = folder;
	return read_folder(&imap, error);
}

const VfMailSourceType vf_mail_source_imap = {
	.name = "imap",
	.url = TRUE,
	.read = read_imap,
};
