// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "mail/charset.h"
#include "mail/subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *bytes = g_strndup(data ? (const char *)data : "", size);
	g_autofree char *line = vf_charset_line(bytes, 2000);
	g_auto(VfSubject) subject = {0};

	g_assert_true(g_utf8_validate(line, -1, NULL));
	vf_subject_parse(line, &subject);
	g_assert_nonnull(subject.title);
	g_assert_true(g_str_has_suffix(line, subject.title));
	g_assert_cmpuint(subject.total, >=, MAX(subject.number, 1));
	g_assert_cmpuint(subject.total, <=, 9999);
	g_assert_cmpuint(subject.version, >=, 1);
	for (guint i = 0; subject.prefixes[i]; i++)
		g_assert_true(*subject.prefixes[i]);
	return 0;
}
