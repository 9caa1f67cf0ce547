// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "guest/libvirt/libvirt-log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GString *messages = vf_libvirt_log_messages((const char *)data, size);

	g_assert_cmpuint(messages->len, <=, size + 1);
	g_string_free(messages, TRUE);
	return 0;
}
