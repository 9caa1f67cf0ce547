// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/text.h"

#include <string.h>

#include "mail/charset.h"
#include "mail/flowed.h"

void vf_mail_text_free(VfMailText *text)
{
	if (!text)
		return;
	g_string_free(text->bytes, TRUE);
	vf_diff_clear(&text->diff);
	g_free(text);
}

/* Only the message becomes UTF-8; nobody knows what the diff's bytes mean. */
static void repair_message(VfMailText *text, const char *charset)
{
	gsize message = text->has_diff ? text->diff.start : text->bytes->len;
	g_autofree char *repaired = NULL;

	if (g_utf8_validate_len(text->bytes->str, message, NULL))
		return;
	repaired = vf_charset_text(text->bytes->str, message, charset);
	g_string_erase(text->bytes, 0, (gssize)message);
	g_string_prepend(text->bytes, repaired);
	if (text->has_diff)
		text->diff.start = strlen(repaired);
}

/* Takes @bytes over. */
static VfMailText *read_bytes(GString *bytes, const char *charset)
{
	GString *converted = vf_charset_convert(bytes->str, bytes->len, charset);
	VfMailText *text = g_new0(VfMailText, 1);

	if (converted)
		g_string_free(bytes, TRUE);
	text->bytes = converted ?: bytes;
	text->has_diff = vf_diff_scan(text->bytes->str, text->bytes->len, &text->diff);
	repair_message(text, charset);
	return text;
}

static gboolean whole(const VfMailText *text)
{
	return !text->has_diff || !text->diff.damage;
}

VfMailText *vf_mail_text(const VfPart *part)
{
	g_autoptr(VfMailText) first = NULL;

	for (VfFlowedMode mode = part->flowed ? VF_FLOWED_JOIN : VF_FLOWED_NOT;
	     mode <= VF_FLOWED_NOT; mode++) {
		GString *bytes =
			vf_flowed_undo(part->bytes->str, part->bytes->len, mode, part->delsp);
		g_autoptr(VfMailText) text = read_bytes(bytes, part->charset);

		if (whole(text))
			return g_steal_pointer(&text);
		if (!first)
			first = g_steal_pointer(&text);
	}
	return g_steal_pointer(&first);
}
