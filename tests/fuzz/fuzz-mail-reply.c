// SPDX-License-Identifier: GPL-2.0-or-later
/* From a mail to the answer: whatever it is, the answer is a well-formed mail. */
#include <stdint.h>
#include <string.h>

#include "mail/compose.h"
#include "mail/paper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Headers of ours, or folded lines of them, and then lines of text without control characters. */
static void check_mail(const char *mail)
{
	static const char *const known[] = {"From:",
					    "To:",
					    "Cc:",
					    "Subject:",
					    "Date:",
					    "Message-ID:",
					    "In-Reply-To:",
					    "References:",
					    "MIME-Version:",
					    "Content-Type:",
					    "Content-Transfer-Encoding:",
					    "Auto-Submitted:",
					    "Precedence:",
					    "X-Patchwork-Hint:",
					    "X-Vifarm-Outcome:"};
	g_auto(GStrv) lines = g_strsplit(mail, "\n", -1);
	char **line = lines;

	for (; **line; line++) {
		gboolean ours = **line == ' ' || **line == '\t';

		for (gsize i = 0; i < G_N_ELEMENTS(known) && !ours; i++)
			ours = g_str_has_prefix(*line, known[i]);
		g_assert_true(ours);
		g_assert_true(g_str_is_ascii(*line));
		g_assert_cmpuint(strlen(*line), <=, 998);
	}
	for (; *line; line++) {
		g_assert_true(g_utf8_validate(*line, -1, NULL));
		for (const char *c = *line; *c; c++)
			g_assert_true((guchar)*c >= 0x20 && *c != 0x7f);
	}
}

static void answer(const VfSeries *series, const VfMailPolicy *policy)
{
	VfReply reply = {
		.series = series,
		.outcome = series->state == VF_SERIES_COMPLETE ? VF_OUTCOME_NOT_APPLIED
							       : VF_OUTCOME_INCOMPLETE,
		.patch = series->patches->len && series->patches->pdata[0] ? 1 : 0,
		.base = series->title,
		.problem = series->title,
		.support = "none",
		.message_id = "1@example.org",
	};
	g_auto(GStrv) recipients = vf_compose_recipients(&reply, policy, NULL);
	g_autofree char *mail = vf_compose(&reply, policy);

	check_mail(mail);
	for (char **word = recipients; *word; word++)
		g_assert_null(strpbrk(*word, " \r\n<>,"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static VfMailPolicy *policy;
	VfMessage *message = vf_message_parse(data ? (const char *)data : "", size, "fuzz", NULL);
	g_autoptr(GPtrArray) all = NULL;
	VfAssembler *assembler;

	if (!policy)
		policy = vf_mail_policy_load(NULL, NULL);
	if (!message)
		return 0;
	assembler = vf_assembler_new();
	vf_assembler_add(assembler, message, 1, 0);
	all = vf_assembler_finish(assembler, 1000, 1);
	vf_assembler_free(assembler);
	for (guint i = 0; i < all->len; i++)
		answer(all->pdata[i], policy);
	return 0;
}
