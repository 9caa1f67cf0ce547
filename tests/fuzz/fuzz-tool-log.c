// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "base/tool-log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	VfLine line = vf_tool_reason(text, size);

	g_assert_true(line.text >= text && line.text + line.length <= text + size);
	return 0;
}
