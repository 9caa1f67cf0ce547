// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The origin of a URL: scheme, host and port. URLs are parsed by curl, which sends the requests, so
 * that a check and the request that follows it cannot differ.
 */
#pragma once

#include <glib.h>

typedef struct VfOrigin {
	char *scheme, *host; /* in lower case */
	guint port;	     /* the scheme's own where the URL names none */
	gboolean user;	     /* the URL holds a user or password */
} VfOrigin;

void vf_origin_clear(VfOrigin *origin);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfOrigin, vf_origin_clear)

/* FALSE, with an empty @origin, when @url has no scheme or host that curl knows. */
gboolean vf_origin_parse(const char *url, VfOrigin *origin);

/* FALSE also when one of them is not a URL. */
gboolean vf_origin_same(const char *a, const char *b);

/* The host is this machine's loopback: nothing crosses a network. */
gboolean vf_origin_is_local(const VfOrigin *origin);
gboolean vf_origin_url_is_local(const char *url);

/* "https://host:port", or "(not a URL)"; caller frees. Escaped, fit to be shown. */
char *vf_origin_show(const char *url);
