// SPDX-License-Identifier: GPL-2.0-or-later
#include "decode.h"

static const VfDecoder *const decoders[] = {
	&vf_decode_hppa,    &vf_decode_mips64, &vf_decode_mips64el,
	&vf_decode_sparc64, &vf_decode_x86_64,
};

const VfDecoder *vf_decoder_find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(decoders); i++)
		if (g_str_equal(decoders[i]->name, name))
			return decoders[i];
	return NULL;
}

char *vf_decoder_names(void)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(decoders); i++)
		g_string_append_printf(s, "%s%s", i ? ", " : "", decoders[i]->name);
	return g_string_free(s, FALSE);
}
