// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/policy.h"

#include <stdint.h>

#include "description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfPolicy) policy =
		vf_policy_parse((const char *)data, size, "policy.json", &error);

	description_check(policy != NULL, error, "policy.json");
	return 0;
}
