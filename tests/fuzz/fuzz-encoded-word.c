// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "mail/encoded-word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gsize count(const char *text, gsize length, char c)
{
	gsize found = 0;

	for (gsize i = 0; i < length; i++)
		found += text[i] == c;
	return found;
}

/* A word never becomes structure: no line, bracket or quote is there that was not before. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	g_autoptr(GString) out = vf_encoded_words_rewrite(text, size);
	g_autoptr(GString) again = NULL;

	if (!out)
		return 0;
	for (const char *c = "\n\r<>\",;()@"; *c; c++)
		g_assert_cmpuint(count(out->str, out->len, *c), <=, count(text, size, *c));
	/* what it has written it understands */
	again = vf_encoded_words_rewrite(out->str, out->len);
	g_assert_nonnull(again);
	return 0;
}
