// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/http.h"

#include "output/post/http-transfer.h"

VfHttpAnswer *vf_http(const VfHttpRequest *request, GError **error)
{
	g_autoptr(VfHttpTransfer) transfer = vf_http_transfer_new(request, error);

	if (!transfer)
		return NULL;
	return vf_http_transfer_end(transfer, curl_easy_perform(vf_http_transfer_curl(transfer)),
				    error);
}
