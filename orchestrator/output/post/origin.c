// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/origin.h"

#include <curl/curl.h>
#include <string.h>

#include "base/text.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURLU, curl_url_cleanup)

void vf_origin_clear(VfOrigin *origin)
{
	g_clear_pointer(&origin->scheme, g_free);
	g_clear_pointer(&origin->host, g_free);
}

/* In lower case; NULL when @url has no such part. Caller frees. */
static char *part(CURLU *url, CURLUPart what)
{
	char *text = NULL, *lower;

	if (curl_url_get(url, what, &text, CURLU_DEFAULT_PORT))
		return NULL;
	lower = g_ascii_strdown(text, -1);
	curl_free(text);
	return lower;
}

gboolean vf_origin_parse(const char *url, VfOrigin *origin)
{
	g_autoptr(CURLU) parsed = curl_url();
	g_autofree char *port = NULL, *user = NULL, *password = NULL;

	*origin = (VfOrigin){0};
	if (curl_url_set(parsed, CURLUPART_URL, url, 0))
		return FALSE;
	origin->scheme = part(parsed, CURLUPART_SCHEME);
	origin->host = part(parsed, CURLUPART_HOST);
	port = part(parsed, CURLUPART_PORT);
	user = part(parsed, CURLUPART_USER);
	password = part(parsed, CURLUPART_PASSWORD);
	origin->port = port ? (guint)g_ascii_strtoull(port, NULL, 10) : 0;
	origin->user = user || password;
	if (origin->scheme && origin->host && *origin->host)
		return TRUE;
	vf_origin_clear(origin);
	return FALSE;
}

gboolean vf_origin_same(const char *a, const char *b)
{
	g_auto(VfOrigin) one = {0}, other = {0};

	return vf_origin_parse(a, &one) && vf_origin_parse(b, &other) &&
	       !strcmp(one.scheme, other.scheme) && !strcmp(one.host, other.host) &&
	       one.port == other.port;
}

gboolean vf_origin_is_local(const VfOrigin *origin)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]", NULL};

	return origin->host && g_strv_contains(names, origin->host);
}

gboolean vf_origin_url_is_local(const char *url)
{
	g_auto(VfOrigin) origin = {0};

	return vf_origin_parse(url, &origin) && vf_origin_is_local(&origin);
}

char *vf_origin_show(const char *url)
{
	g_auto(VfOrigin) origin = {0};
	g_autofree char *text = NULL;

	if (vf_origin_parse(url, &origin))
		text = g_strdup_printf("%s://%s:%u", origin.scheme, origin.host, origin.port);
	return vf_text_escape(text ?: "(not a URL)", -1, 200);
}
