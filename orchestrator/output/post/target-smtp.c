// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mail, to the one server that passes it on. What was handed over and never acknowledged may have
 * arrived: it is not sent again.
 */
#include <curl/curl.h>
#include <string.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "output/post/origin.h"
#include "output/post/targets.h"

#define CONNECT_SECONDS 20

typedef struct curl_slist List;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURL, curl_easy_cleanup)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(List, curl_slist_free_all)

typedef struct Upload {
	const char *at;	   /* what is left to send */
	gboolean started;  /* a byte of the message was asked for */
	gboolean finished; /* all of it was */
} Upload;

static size_t on_read(char *buffer, size_t size, size_t count, void *data)
{
	Upload *upload = data;
	size_t length = MIN(size * count, strlen(upload->at));

	memcpy(buffer, upload->at, length);
	upload->at += length;
	upload->started = TRUE;
	upload->finished = !*upload->at;
	return length;
}

/* Lines end with CRLF on the wire. Caller frees. */
static char *wire_text(const char *text)
{
	g_autoptr(GString) out = g_string_sized_new(strlen(text) + 1024);

	for (; *text; text++) {
		if (*text == '\n')
			g_string_append_c(out, '\r');
		if (*text != '\r')
			g_string_append_c(out, *text);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void set_up(CURL *curl, const VfTarget *target, const VfLetter *letter, List *recipients,
		   Upload *upload, char *problem)
{
	gboolean local = vf_origin_url_is_local(target->url);

	curl_easy_setopt(curl, CURLOPT_URL, target->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)target->timeout);
	/* nothing but a loopback is spoken to in clear text */
	curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(local ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	if (local)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	if (target->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, target->ca_file);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, letter->envelope[0]);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
	/* one address that is gone must not keep the mail from all others */
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(curl, CURLOPT_READDATA, upload);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
}

/* What @code and the server's last reply say about the letter. */
static VfDelivery judge(CURLcode code, long reply, const Upload *upload, const char *problem,
			char **why)
{
	g_autofree char *said =
		vf_text_escape(*problem ? problem : curl_easy_strerror(code), -1, 200);

	if (code == CURLE_OK) {
		*why = g_strdup_printf("reply %ld", reply);
		return VF_DELIVERY_DONE;
	}
	*why = g_strdup_printf("reply %ld: %s", reply, said);
	if (reply / 100 == 4)
		return VF_DELIVERY_LATER;
	if (reply / 100 == 5)
		return VF_DELIVERY_NEVER;
	if (!upload->finished)
		return VF_DELIVERY_LATER;
	g_free(*why);
	*why = g_strdup_printf("no answer to the whole mail, which may have arrived: %s", said);
	return VF_DELIVERY_NEVER;
}

static VfDelivery deliver(const VfTarget *target, const VfLetter *letter, char **why)
{
	char problem[CURL_ERROR_SIZE] = "";
	g_autofree char *password = NULL, *text = wire_text(letter->body);
	g_autoptr(CURL) curl = NULL;
	g_autoptr(List) recipients = NULL;
	Upload upload = {.at = text};
	long reply = 0;
	CURLcode code;

	if (!letter->envelope || !letter->envelope[0] || !letter->envelope[1]) {
		*why = g_strdup("it has no recipient");
		return VF_DELIVERY_NEVER;
	}
	if (target->token_file) {
		g_autoptr(GError) error = NULL;

		password = vf_secret_read(target->token_file, &error);
		if (!password) {
			*why = g_strdup_printf("token_file: %s", error->message);
			return VF_DELIVERY_LATER;
		}
	}
	for (char **word = letter->envelope + 1; *word; word++)
		recipients = curl_slist_append(recipients, *word);
	curl = curl_easy_init();
	set_up(curl, target, letter, recipients, &upload, problem);
	if (password) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, target->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
	}
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
	return judge(code, reply, &upload, problem, why);
}

/* A run is no mail. */
static gboolean write_letters(G_GNUC_UNUSED const VfTarget *target,
			      G_GNUC_UNUSED const json_t *results,
			      G_GNUC_UNUSED const VfPostOptions *options,
			      G_GNUC_UNUSED GPtrArray *letters, G_GNUC_UNUSED GError **error)
{
	return TRUE;
}

const VfTargetType vf_target_smtp = {
	.name = "smtp",
	.write = write_letters,
	.deliver = deliver,
};
