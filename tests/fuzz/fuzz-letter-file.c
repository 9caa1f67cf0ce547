// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/spool.h"

#include <stdint.h>

#include "description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLetter) letter =
		vf_letter_parse((const char *)data, size, "letter.json", &error);

	description_check(letter != NULL, error, "letter.json");
	return 0;
}
