// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/charset.h"

#include <iconv.h>
#include <string.h>

static const struct {
	const char *mail, *iconv;
} charsets[] = {
	{"utf-8", "UTF-8"},
	{"utf8", "UTF-8"},
	{"us-ascii", "UTF-8"},
	{"ascii", "UTF-8"},
	{"iso-8859-1", "ISO-8859-1"},
	{"latin1", "ISO-8859-1"},
	{"iso-8859-2", "ISO-8859-2"},
	{"iso-8859-3", "ISO-8859-3"},
	{"iso-8859-4", "ISO-8859-4"},
	{"iso-8859-5", "ISO-8859-5"},
	{"iso-8859-7", "ISO-8859-7"},
	{"iso-8859-9", "ISO-8859-9"},
	{"iso-8859-10", "ISO-8859-10"},
	{"iso-8859-13", "ISO-8859-13"},
	{"iso-8859-14", "ISO-8859-14"},
	{"iso-8859-15", "ISO-8859-15"},
	{"iso-8859-16", "ISO-8859-16"},
	{"windows-1250", "CP1250"},
	{"windows-1251", "CP1251"},
	{"windows-1252", "CP1252"},
	{"windows-1253", "CP1253"},
	{"windows-1254", "CP1254"},
	{"windows-1257", "CP1257"},
	{"koi8-r", "KOI8-R"},
	{"koi8-u", "KOI8-U"},
	{"gb2312", "GB18030"},
	{"gbk", "GB18030"},
	{"gb18030", "GB18030"},
	{"big5", "BIG5"},
	{"euc-jp", "EUC-JP"},
	{"iso-2022-jp", "ISO-2022-JP"},
	{"shift_jis", "SHIFT_JIS"},
	{"euc-kr", "EUC-KR"},
	{"ks_c_5601-1987", "CP949"},
	{"utf-16", "UTF-16"},
	{"utf-16le", "UTF-16LE"},
	{"utf-16be", "UTF-16BE"},
};

const char *vf_charset_known(const char *name)
{
	for (gsize i = 0; name && i < G_N_ELEMENTS(charsets); i++)
		if (!g_ascii_strcasecmp(charsets[i].mail, name))
			return charsets[i].iconv;
	return NULL;
}

/* An open converter keeps the C library's module in memory; these are never closed. */
void vf_charset_load(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
		iconv_open("UTF-8", charsets[i].iconv);
}

GString *vf_charset_convert(const char *bytes, gsize length, const char *charset)
{
	const char *from = vf_charset_known(charset);
	g_autofree char *text = NULL;
	gsize written;

	if (!from || !strcmp(from, "UTF-8"))
		return NULL;
	text = g_convert(bytes, (gssize)length, "UTF-8", from, NULL, &written, NULL);
	return text ? g_string_new_len(text, (gssize)written) : NULL;
}

/* NUL bytes would end the text early for everybody who reads it. */
static char *without_nul(const char *bytes, gsize length)
{
	char *text = g_strndup(bytes, length);

	if (strlen(text) == length)
		return text;
	memcpy(text, bytes, length);
	for (gsize i = 0; i < length; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

char *vf_charset_text(const char *bytes, gsize length, const char *charset)
{
	g_autoptr(GString) converted = vf_charset_convert(bytes, length, charset);
	g_autofree char *plain = NULL, *text = NULL;
	gsize written;

	if (converted)
		return without_nul(converted->str, converted->len);
	plain = without_nul(bytes, length);
	if (g_utf8_validate(plain, -1, NULL))
		return g_steal_pointer(&plain);
	text = g_convert_with_fallback(plain, -1, "UTF-8", "CP1252", "?", NULL, &written, NULL);
	return text ? g_steal_pointer(&text) : g_utf8_make_valid(plain, -1);
}

char *vf_charset_line(const char *text, gsize max)
{
	gsize length = strnlen(text, max);
	g_autofree char *bytes = g_strndup(text, length);
	g_autofree char *valid = g_utf8_make_valid(bytes, -1);
	GString *line = g_string_sized_new(length);
	gboolean space = FALSE;

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
			space = line->len > 0;
			continue;
		}
		if (space)
			g_string_append_c(line, ' ');
		space = FALSE;
		g_string_append_unichar(line, c);
	}
	return g_string_free(line, FALSE);
}
