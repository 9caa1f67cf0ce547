// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/http-transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "output/post/origin.h"

#define CONNECT_SECONDS 10
#define DAY_SECONDS	86400

typedef struct curl_slist Headers;

struct VfHttpTransfer {
	CURL *curl;
	Headers *headers;
	VfHttpAnswer *answer;
	FILE *upload;
	gsize max;
	char *url; /* fit to be shown */
	char problem[CURL_ERROR_SIZE];
};

void vf_http_answer_free(VfHttpAnswer *answer)
{
	if (!answer)
		return;
	g_free(answer->content_type);
	g_free(answer->location);
	g_string_free(answer->body, TRUE);
	g_free(answer);
}

void vf_http_transfer_free(VfHttpTransfer *t)
{
	if (!t)
		return;
	g_clear_pointer(&t->curl, curl_easy_cleanup);
	curl_slist_free_all(t->headers);
	vf_http_answer_free(t->answer);
	if (t->upload)
		fclose(t->upload);
	g_free(t->url);
	g_free(t);
}

CURL *vf_http_transfer_curl(VfHttpTransfer *transfer)
{
	return transfer->curl;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	VfHttpTransfer *t = data;

	/* returning less than was given makes curl give up */
	if (t->answer->body->len + size * count > t->max)
		return 0;
	g_string_append_len(t->answer->body, bytes, (gssize)(size * count));
	return size * count;
}

guint vf_http_retry_after(const char *value)
{
	guint64 seconds;

	if (!g_ascii_string_to_unsigned(value, 10, 0, DAY_SECONDS, &seconds, NULL))
		return 0;
	return (guint)seconds;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data)
{
	static const char retry[] = "retry-after:";
	VfHttpTransfer *t = data;
	g_autofree char *line = g_strndup(bytes, size * count);

	if (!g_ascii_strncasecmp(line, retry, strlen(retry)))
		t->answer->retry_after = vf_http_retry_after(g_strstrip(line + strlen(retry)));
	return size * count;
}

/* A file goes up with PUT; its length is announced. */
static gboolean set_upload(VfHttpTransfer *t, const char *path, GError **error)
{
	struct stat status;

	t->upload = fopen(path, "re");
	if (!t->upload || fstat(fileno(t->upload), &status) < 0)
		return vf_throw_errno(error, "%s", path);
	curl_easy_setopt(t->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(t->curl, CURLOPT_READDATA, t->upload);
	curl_easy_setopt(t->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)status.st_size);
	return TRUE;
}

static void set_body(VfHttpTransfer *t, const VfHttpRequest *request)
{
	if (!strcmp(request->method, "HEAD"))
		curl_easy_setopt(t->curl, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, request->method);
	if (!request->body)
		return;
	curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
	curl_easy_setopt(t->curl, CURLOPT_COPYPOSTFIELDS, request->body);
}

static void set_tls(VfHttpTransfer *t, const VfHttpRequest *request)
{
	if (request->unverified) {
		curl_easy_setopt(t->curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(t->curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (request->ca)
		curl_easy_setopt(t->curl, CURLOPT_CAINFO, request->ca);
}

static void set_options(VfHttpTransfer *t, const VfHttpRequest *request)
{
	CURL *curl = t->curl;

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	/* a proxy of the environment would see in clear text what is for this machine */
	if (vf_origin_url_is_local(request->url))
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)request->timeout);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "vifarm/" VIFARM_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->problem);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	set_tls(t, request);
	set_body(t, request);
}

static Headers *headers_new(const VfHttpRequest *request)
{
	/* without "Expect:", curl asks first and some servers never answer that */
	Headers *headers = curl_slist_append(NULL, "Expect:");
	g_autofree char *type = g_strdup_printf("Content-Type: %s", request->content_type);

	if (request->content_type)
		headers = curl_slist_append(headers, type);
	for (const char *const *line = request->headers; line && *line; line++)
		headers = curl_slist_append(headers, *line);
	return headers;
}

static void read_result(CURL *curl, VfHttpAnswer *answer)
{
	const char *type = NULL, *location = NULL;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
	answer->status = (guint)status;
	answer->content_type = g_ascii_strdown(type ?: "", (gssize)strcspn(type ?: "", "; "));
	answer->location = g_strdup(location);
}

/* @url without the user and password that it may hold; caller frees */
static char *shown_url(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	g_autofree char *text =
		uri ? g_uri_to_string_partial(uri, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY) : NULL;

	return vf_text_escape(text ?: "(not a URL)", -1, 200);
}

VfHttpTransfer *vf_http_transfer_new(const VfHttpRequest *request, GError **error)
{
	g_autoptr(VfHttpTransfer) t = g_new0(VfHttpTransfer, 1);

	t->curl = curl_easy_init();
	t->headers = headers_new(request);
	t->answer = g_new0(VfHttpAnswer, 1);
	t->answer->body = g_string_new(NULL);
	t->max = request->max ? request->max : VF_HTTP_ANSWER_MAX;
	t->url = shown_url(request->url);
	set_options(t, request);
	if (request->upload && !set_upload(t, request->upload, error))
		return NULL;
	return g_steal_pointer(&t);
}

VfHttpAnswer *vf_http_transfer_end(VfHttpTransfer *t, CURLcode code, GError **error)
{
	g_autofree char *why = NULL;

	if (code == CURLE_OK) {
		read_result(t->curl, t->answer);
		return g_steal_pointer(&t->answer);
	}
	why = vf_text_escape(*t->problem ? t->problem : curl_easy_strerror(code), -1, 200);
	if (code == CURLE_WRITE_ERROR)
		return vf_throw_null(error, VF_ERROR_PROTOCOL,
				     "%s: the answer is larger than %zu bytes", t->url, t->max);
	return vf_throw_null(error, VF_ERROR_HARNESS, "%s: %s", t->url, why);
}

gboolean vf_http_transfer_sent(const VfHttpTransfer *t)
{
	long bytes = 0;

	curl_easy_getinfo(t->curl, CURLINFO_REQUEST_SIZE, &bytes);
	return bytes > 0;
}
