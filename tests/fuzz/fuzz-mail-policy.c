// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "description.h"
#include "mail/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMailPolicy) policy =
		vf_mail_policy_parse((const char *)data, size, "mail.json", &error);

	description_check(policy != NULL, error, "mail.json");
	if (policy)
		g_assert_cmpuint(vf_mail_policy_limits(policy).seconds, >, 0);
	return 0;
}
