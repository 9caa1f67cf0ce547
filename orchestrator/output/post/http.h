// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One HTTP request, bounded in time and size. Redirects are never followed: a POST that was
 * redirected has lost its body.
 */
#pragma once

#include <glib.h>

/* Larger answers are cut off and count as failed. */
#define VF_HTTP_ANSWER_MAX (1024 * 1024)

typedef struct VfHttpRequest {
	const char *method;	    /* "POST", "GET" */
	const char *url;	    /* http:// or https:// */
	const char *content_type;   /* of @body, or NULL */
	const char *body;	    /* or NULL */
	const char *const *headers; /* "Name: value", NULL-terminated, or NULL */
	guint timeout;		    /* seconds for all of it; connecting may take 10 */
	gsize max;		    /* bytes of the answer; 0: VF_HTTP_ANSWER_MAX */
	const char *upload;	    /* path of a file that is the body of a PUT, or NULL */
	const char *ca;		    /* path of certificates to trust instead, or NULL */
	gboolean unverified;	    /* the server's certificate is not looked at */
} VfHttpRequest;

typedef struct VfHttpAnswer {
	guint status;	    /* 200, 404, ... */
	char *content_type; /* in lower case without parameters; "" when the server named none */
	char *location;	    /* of a redirect, or NULL */
	guint retry_after;  /* seconds; 0: the server did not say */
	GString *body;	    /* hostile bytes, with a NUL behind them */
} VfHttpAnswer;

void vf_http_answer_free(VfHttpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfHttpAnswer, vf_http_answer_free)

/*
 * Blocks. An answer is any complete HTTP answer, whatever its status; NULL with VF_ERROR_HARNESS
 * (the URL without credentials in the message) when none came: no connection, time-out, reset or
 * cut body; VF_ERROR_PROTOCOL: an oversized one; VF_ERROR_IO: the file to upload. Whether the
 * server has acted on the request is then unknown.
 */
VfHttpAnswer *vf_http(const VfHttpRequest *request, GError **error);

/* The value of a Retry-After header: seconds, or 0 for what is no plain number up to a day. */
guint vf_http_retry_after(const char *value);
