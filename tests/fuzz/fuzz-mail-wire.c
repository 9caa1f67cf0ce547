// SPDX-License-Identifier: GPL-2.0-or-later
/* What a mail that has taken its parser over could answer. */
#include <stdint.h>

#include "base/error.h"
#include "mail/message-wire.h"
#include "mail/series.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMessage) message = vf_message_unpack(bytes, &error);
	g_autoptr(GPtrArray) all = NULL;
	g_autoptr(VfAssembler) assembler = NULL;

	if (!message) {
		g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
		return 0;
	}
	assembler = vf_assembler_new();
	vf_assembler_add(assembler, g_steal_pointer(&message), 1, 0);
	all = vf_assembler_finish(assembler, 10, 1);
	return 0;
}
