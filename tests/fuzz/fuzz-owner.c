// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "guest/owner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfOwner) owner = vf_owner_parse((const char *)data, size, &error);

	g_assert_true(owner ? owner->run && owner->machine && owner->boot && owner->space
			    : error != NULL);
	return 0;
}
