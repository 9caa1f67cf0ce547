// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "evidence/ktap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *newline = memchr(at, '\n', (gsize)(end - at));
		gsize n = (gsize)((newline ? newline : end) - at);

		vf_ktap_line(ktap, at, n);
		at += n + 1;
	}
	vf_ktap_finish(ktap);
	for (guint i = 0; i < vf_ktap_cases(ktap)->len; i++) {
		const VfCase *c = vf_ktap_cases(ktap)->pdata[i];

		g_assert_true(g_utf8_validate(c->name, -1, NULL));
		g_assert_true(!c->detail || g_utf8_validate(c->detail, -1, NULL));
	}
	g_assert_true(vf_ktap_error(ktap) || vf_ktap_lines(ktap) >= 2);
	return 0;
}
