// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "evidence/triage.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With the patterns of a real architecture, so that a costly one shows as a slow run. */
static const VfArch *patterns(void)
{
	static VfArch *arch;
	g_autoptr(GError) error = NULL;

	if (!arch)
		arch = vf_arch_load(VIFARM_SOURCE_DIR, "hppa", &error);
	g_assert_no_error(error);
	return arch;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(VfTriage) triage = vf_triage_new(patterns()->triage, NULL);
	gsize third = size / 3;

	vf_triage_feed(triage, (const char *)data, third);
	vf_triage_feed(triage, (const char *)data + third, size - third);
	vf_triage_finish(triage);
	g_assert_cmpuint(vf_triage_bytes(triage), ==, size);
	for (guint i = 0; i < vf_triage_splats(triage)->len; i++) {
		const VfSplat *s = vf_triage_splats(triage)->pdata[i];

		g_assert_true(g_utf8_validate(s->reason, -1, NULL));
		g_assert_true(g_utf8_validate(s->excerpt, -1, NULL));
		g_assert_cmpuint(strlen(s->excerpt), <=, 16 * 1024);
		g_assert_cmpuint(s->offset, <=, size);
	}
	return 0;
}
