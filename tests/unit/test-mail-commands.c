// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may say what to the bot, and that nobody says it by accident. */
#include "base/error.h"
#include "mail-fixture.h"

static VfMessage *message(const char *headers, const char *body)
{
	g_autofree char *mail = g_strdup_printf("From: Ada <ada@example.org>\n"
						"Message-ID: <reply@example.org>\n"
						"Subject: Re: [PATCH] x\n"
						"In-Reply-To: <patch@example.org>\n"
						"%s\n%s",
						headers, body);
	g_autoptr(GError) error = NULL;
	VfMessage *parsed = vf_message_parse(mail, strlen(mail), "mail", &error);

	g_assert_no_error(error);
	return parsed;
}

static char *allowed[] = {(char *)"ADA@example.org", (char *)"@trusted.example", NULL};
static const VfMailSenders senders = {.allow = allowed};

static const struct {
	const char *body;
	const char *expected; /* NULL: none; with a colon: the end of the error */
} bodies[] = {
	{"#vifarm test\n", "0 "},
	{"Hello,\n\n#vifarm test\r\n\nAda\n", "0 "},
	{"#vifarm   test-base\t0123456789abcdef\n", "1 0123456789abcdef"},
	{"#vifarm test-base v6.12-rc3", "1 v6.12-rc3"},
	{"#vifarm ignore\n", "2 "},
	{"#vifarm test\n#vifarm ignore\n", "2 "},
	{"> #vifarm test\n", NULL},
	{" #vifarm test\n", NULL},
	{"please #vifarm test\n", NULL},
	{"#vifarmtest\n", NULL},
	{"#VIFARM test\n", NULL},
	{"-- \n#vifarm test\n", NULL},
	{"On Monday, Bot wrote:\n> Reply with\n>\n> #vifarm test\n\nNo.\n", NULL},
	{"#vifarm\n", ": known are test, test-base COMMIT and ignore"},
	{"#vifarm tset\n", ": known are test, test-base COMMIT and ignore"},
	{"#vifarm test now\n", ": expected nothing behind it"},
	{"#vifarm test-base\n", ": expected one commit"},
	{"#vifarm test-base a b\n", ": expected one commit"},
	{"#vifarm test-base --upload-pack=x\n",
	 ": expected 7 to 64 hexadecimal digits or the name of a tag"},
	{"#vifarm test-base a..b\n", ": expected 7 to 64 hexadecimal digits or the name of a tag"},
	{"#vifarm test-base v1;id\n", ": expected 7 to 64 hexadecimal digits or the name of a tag"},
	{"#vifarm test-base ../../x\n",
	 ": expected 7 to 64 hexadecimal digits or the name of a tag"},
	{"#vifarm test-base $(id)\n", ": expected 7 to 64 hexadecimal digits or the name of a tag"},
};

static void test_bodies(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autoptr(VfMessage) mail = message("", bodies[i].body);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfMailCommand) command = vf_mail_command_parse(mail, &senders, &error);
		g_autofree char *found =
			command ? g_strdup_printf("%d %s", command->kind, command->commit ?: "")
				: NULL;

		g_test_message("%s", bodies[i].body);
		g_assert_cmpint(vf_mail_command_wanted(mail), ==, bodies[i].expected != NULL);
		if (bodies[i].expected && *bodies[i].expected == ':') {
			g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
			g_assert_true(g_str_has_suffix(error->message, bodies[i].expected));
			continue;
		}
		g_assert_no_error(error);
		g_assert_cmpstr(found, ==, bodies[i].expected);
		if (command)
			g_assert_cmpstr(command->parent, ==, "patch@example.org");
	}
}

static gboolean accepted(const char *from, const char *headers, const VfMailSenders *who)
{
	g_autofree char *mail = g_strdup_printf("From: %s\n%sMessage-ID: <r@x.example>\n"
						"References: <patch@example.org>\n\n"
						"#vifarm test\n",
						from, headers);
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMessage) parsed = vf_message_parse(mail, strlen(mail), "mail", &error);
	g_autoptr(VfMailCommand) command = NULL;

	g_assert_no_error(error);
	command = vf_mail_command_parse(parsed, who, &error);
	return command != NULL;
}

static void test_senders(void)
{
	static const VfMailSenders nobody = {NULL, NULL};

	g_assert_true(accepted("Ada <ada@EXAMPLE.org>", "", &senders));
	g_assert_true(accepted("who@trusted.example", "", &senders));
	g_assert_false(accepted("who@untrusted.example", "", &senders));
	g_assert_false(accepted("who@sub.trusted.example", "", &senders));
	g_assert_false(accepted("\"ada@example.org\" <eve@evil.example>", "", &senders));
	g_assert_false(accepted("eve@evil.example, ada@example.org", "", &senders));
	g_assert_false(accepted("Ada <ada@example.org>", "", &nobody));
	g_assert_false(
		accepted("Ada <ada@example.org>", "Auto-Submitted: auto-replied\n", &senders));
	g_assert_true(accepted("Ada <ada@example.org>", "Auto-Submitted: no\n", &senders));
}

static void test_authentication(void)
{
	VfMailSenders strict = senders;
	const char *ada = "Ada <ada@example.org>";

	strict.authenticated = (char *)"mx.farm.example";
	g_assert_false(accepted(ada, "", &strict));
	g_assert_true(accepted(ada,
			       "Authentication-Results: mx.farm.example;\n"
			       "\tdkim=pass header.d=example.org header.s=x; spf=pass\n",
			       &strict));
	g_assert_true(accepted(ada,
			       "Authentication-Results: MX.farm.example 1; spf=none;"
			       " dkim=pass (2048-bit) header.i=@example.org\n",
			       &strict));
	/* another domain's signature, a failed one, another server's word, a word below ours */
	g_assert_false(accepted(ada,
				"Authentication-Results: mx.farm.example;"
				" dkim=pass header.d=evil.example\n",
				&strict));
	g_assert_false(accepted(ada,
				"Authentication-Results: mx.farm.example;"
				" dkim=pass header.d=example.org.evil.example\n",
				&strict));
	g_assert_false(accepted(ada,
				"Authentication-Results: mx.farm.example;"
				" dkim=fail header.d=example.org\n",
				&strict));
	g_assert_false(accepted(ada,
				"Authentication-Results: mx.evil.example;"
				" dkim=pass header.d=example.org\n",
				&strict));
	g_assert_false(accepted(ada,
				"Authentication-Results: mx.farm.example; dkim=none\n"
				"Authentication-Results: mx.farm.example;"
				" dkim=pass header.d=example.org\n",
				&strict));
}

#define PATCH                                                                          \
	"From x@y Thu Jan  1 00:00:00 2026\n"                                          \
	"From: Bo <bo@example.org>\nSubject: [PATCH] x\nMessage-ID: <p@x.example>\n\n" \
	"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n\n"

#define REPLY(from, id, parents, text)        \
	"From x@y Thu Jan  1 00:00:00 2026\n" \
	"From: " from "\nSubject: Re: [PATCH] x\nMessage-ID: <" id ">\n" parents "\n" text "\n\n"

/* From the mailbox to the command, which answers an answer of the bot's; each only once. */
static void test_inbox(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) commands = NULL, after = NULL;
	g_autoptr(GError) error = NULL;
	const VfMailCommand *command;

	scratch_write("box", PATCH REPLY("eve@evil.example", "1@x.example",
					 "In-Reply-To: <p@x.example>\n", "#vifarm ignore")
				     REPLY("ada@example.org", "2@x.example",
					   "In-Reply-To: <bot@farm.example>\n"
					   "References: <p@x.example> <bot@farm.example>\n",
					   "#vifarm test") REPLY("ada@example.org", "3@x.example",
								 "In-Reply-To: <p@x.example>\n",
								 "> #vifarm ignore\nno"));
	mail_read(mail, "mbox", "box");
	g_assert_cmpuint(mail->counts.kept, ==, 3);
	commands = vf_inbox_commands(mail->inbox, &senders, mail_log, mail, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(commands->len, ==, 1);
	command = commands->pdata[0];
	g_assert_cmpstr(command->parent, ==, "p@x.example");
	g_assert_cmpstr(command->sender, ==, "ada@example.org");
	g_assert_cmpstr(mail->log->str, ==,
			"<1@x.example> from eve@evil.example: \"#vifarm ignore\": the sender is "
			"not among those who may\n");
	vf_inbox_command_done(mail->inbox, command, &error);
	g_assert_no_error(error);
	after = vf_inbox_commands(mail->inbox, &senders, mail_log, mail, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(after->len, ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/commands/bodies", test_bodies);
	g_test_add_func("/mail/commands/senders", test_senders);
	g_test_add_func("/mail/commands/authentication", test_authentication);
	g_test_add_func("/mail/commands/inbox", test_inbox);
	return g_test_run();
}
