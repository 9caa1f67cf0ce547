// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "mail/imap-answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_url(const char *url)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *examine = NULL, *server = NULL;

	if (!vf_imap_check_url(url, &error)) {
		g_assert_true(g_utf8_validate(error->message, -1, NULL));
		return;
	}
	examine = vf_imap_examine(url);
	server = vf_imap_server(url);
	g_assert_null(strpbrk(examine, "\r\n"));
	g_assert_true(g_str_has_suffix(server, "/"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup(data ? (const char *)data : "", size);
	g_autoptr(GArray) uids = vf_imap_uids(text, 5);
	guint32 last = 5;

	g_assert_cmpint(vf_imap_validity(text), >=, 0);
	for (guint i = 0; i < uids->len; i++) {
		g_assert_cmpuint(g_array_index(uids, guint32, i), >, last);
		last = g_array_index(uids, guint32, i);
	}
	check_url(text);
	return 0;
}
