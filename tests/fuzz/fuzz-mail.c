// SPDX-License-Identifier: GPL-2.0-or-later
/* The way of mails to series: parsed, commands read, assembled, written for git. */
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "kernel/patch.h"
#include "mail/commands.h"
#include "mail/message-wire.h"
#include "mail/series.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (; *text; text++)
		g_assert_false(g_ascii_iscntrl(*text));
}

static void check_error(const GError *error)
{
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	check_line(error->message);
}

static void check_address(const VfMailAddress *address)
{
	check_line(address->name);
	check_line(address->address);
	g_assert_nonnull(strchr(address->address, '@'));
	g_assert_null(strpbrk(address->address, " <>,;"));
}

static void check_id(const char *id)
{
	g_assert_true(*id);
	g_assert_null(strpbrk(id, "<> \t\r\n"));
	check_line(id);
}

static void check_message(const VfMessage *message)
{
	check_id(message->id);
	if (message->in_reply_to)
		check_id(message->in_reply_to);
	for (guint i = 0; message->references[i]; i++)
		check_id(message->references[i]);
	check_address(message->from);
	check_address(message->author);
	for (guint i = 0; i < message->to->len; i++)
		check_address(message->to->pdata[i]);
	check_line(message->subject);
	check_line(message->patch_subject);
	g_assert_true(g_utf8_validate(message->body, -1, NULL));
	if (message->damage)
		check_line(message->damage);
	for (guint i = 0; message->paths[i]; i++)
		g_assert_null(vf_patch_path_problem(message->paths[i]));
}

/* Nothing in a mail begins another one in what git reads. */
static void check_mbox(const VfMessage *message)
{
	g_autoptr(GString) mbox = vf_message_mbox(message);

	g_assert_cmpint(mbox != NULL, ==, message->text != NULL);
	if (mbox)
		g_assert_null(memmem(mbox->str + 1, mbox->len - 1, "\nFrom ", 6));
}

static void check_command(const VfMessage *message)
{
	char *allow[] = {(char *)"@example.org", NULL};
	VfMailSenders senders = {.allow = allow};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMailCommand) command = vf_mail_command_parse(message, &senders, &error);

	if (error)
		check_error(error);
	if (command)
		g_assert_true(vf_mail_command_wanted(message));
	if (command && command->commit)
		g_assert_null(vf_patch_path_problem(command->commit));
}

/* The parser's process and the one that asked it have the same message. */
static void check_wire(const VfMessage *message)
{
	g_autoptr(GBytes) packed = vf_message_pack(message), again = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMessage) unpacked = vf_message_unpack(packed, &error);

	g_assert_no_error(error);
	again = vf_message_pack(unpacked);
	g_assert_cmpuint(g_bytes_get_size(packed), ==, g_bytes_get_size(again));
}

static void take(VfAssembler *assembler, const char *bytes, gsize length, gint64 arrived)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMessage) message = vf_message_parse(bytes, length, "mail", &error);

	if (!message) {
		check_error(error);
		return;
	}
	check_message(message);
	check_mbox(message);
	check_wire(message);
	check_command(message);
	vf_assembler_add(assembler, g_steal_pointer(&message), arrived,
			 arrived % 3 ? 0 : VF_PART_LIGHT);
}

static void check_series(const VfSeries *series)
{
	json_auto_t *json = vf_series_json(series);
	char *text = json_dumps(json, 0);

	/* NULL where a string was not UTF-8 */
	g_assert_nonnull(text);
	free(text);
	g_assert_cmpuint(series->patches->len, <=, VF_SERIES_PATCHES_MAX);
	g_assert_cmpuint(strlen(series->lineage), ==, 64);
	g_assert_nonnull(vf_series_parent(series, 0));
	g_assert_cmpint(series->problem != NULL, ==,
			series->state != VF_SERIES_COMPLETE && series->state != VF_SERIES_WAITING);
	for (guint i = 0; series->state == VF_SERIES_COMPLETE && i < series->patches->len; i++)
		g_assert_nonnull(series->patches->pdata[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	g_autoptr(VfAssembler) assembler = vf_assembler_new();
	g_autoptr(GPtrArray) all = NULL;

	for (gint64 arrived = 1; at < end; arrived++) {
		const char *next = memmem(at, (gsize)(end - at), "\nFrom ", 6);

		take(assembler, at, (gsize)((next ?: end) - at), arrived);
		at = next ? next + 1 : end;
	}
	all = vf_assembler_finish(assembler, 100, 50);
	for (guint i = 0; i < all->len; i++)
		check_series(all->pdata[i]);
	return 0;
}
