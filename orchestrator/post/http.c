// SPDX-License-Identifier: GPL-2.0-or-later
#include "post/http.h"

#include <curl/curl.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define CONNECT_SECONDS 10
#define DAY_SECONDS	86400

typedef struct curl_slist Headers;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURL, curl_easy_cleanup)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Headers, curl_slist_free_all)

void vf_http_answer_free(VfHttpAnswer *answer)
{
	if (!answer)
		return;
	g_free(answer->content_type);
	g_free(answer->location);
	g_string_free(answer->body, TRUE);
	g_free(answer);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	VfHttpAnswer *answer = data;

	/* returning less than was given makes curl give up */
	if (answer->body->len + size * count > VF_HTTP_ANSWER_MAX)
		return 0;
	g_string_append_len(answer->body, bytes, (gssize)(size * count));
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
	VfHttpAnswer *answer = data;
	g_autofree char *line = g_strndup(bytes, size * count);

	if (!g_ascii_strncasecmp(line, retry, strlen(retry)))
		answer->retry_after = vf_http_retry_after(g_strstrip(line + strlen(retry)));
	return size * count;
}

static CURL *handle_new(const VfHttpRequest *request, Headers *headers, VfHttpAnswer *answer,
			char *problem)
{
	CURL *curl = curl_easy_init();

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)request->timeout);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "vifarm/" VIFARM_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)strlen(request->body));
	}
	return curl;
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

VfHttpAnswer *vf_http(const VfHttpRequest *request, GError **error)
{
	char problem[CURL_ERROR_SIZE] = "";
	g_autoptr(VfHttpAnswer) answer = g_new0(VfHttpAnswer, 1);
	g_autoptr(Headers) headers = headers_new(request);
	g_autoptr(CURL) curl = NULL;
	g_autofree char *url = shown_url(request->url), *why = NULL;
	CURLcode code;

	answer->body = g_string_new(NULL);
	curl = handle_new(request, headers, answer, problem);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK) {
		read_result(curl, answer);
		return g_steal_pointer(&answer);
	}
	why = vf_text_escape(*problem ? problem : curl_easy_strerror(code), -1, 200);
	if (code == CURLE_WRITE_ERROR)
		return vf_throw_null(error, VF_ERROR_HARNESS,
				     "%s: the answer is larger than %d bytes", url,
				     VF_HTTP_ANSWER_MAX);
	return vf_throw_null(error, VF_ERROR_HARNESS, "%s: %s", url, why);
}
