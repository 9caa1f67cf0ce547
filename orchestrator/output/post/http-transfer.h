// SPDX-License-Identifier: GPL-2.0-or-later
/* One curl handle set up for one request: what the blocking and the asynchronous call share. */
#pragma once

#include <curl/curl.h>

#include "output/post/http.h"

typedef struct VfHttpTransfer VfHttpTransfer;

/* Copies what it needs of @request. VF_ERROR_IO when the file to upload cannot be opened. */
VfHttpTransfer *vf_http_transfer_new(const VfHttpRequest *request, GError **error);
void vf_http_transfer_free(VfHttpTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfHttpTransfer, vf_http_transfer_free)

CURL *vf_http_transfer_curl(VfHttpTransfer *transfer); /* owned by @transfer */

/* What came of it after curl ended it with @code: as vf_http(). Once. */
VfHttpAnswer *vf_http_transfer_end(VfHttpTransfer *transfer, CURLcode code, GError **error);

/* Bytes of the request may have reached the server. */
gboolean vf_http_transfer_sent(const VfHttpTransfer *transfer);
