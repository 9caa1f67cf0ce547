// SPDX-License-Identifier: GPL-2.0-or-later
/* The member "in" of the policy file. */
#include <glib.h>
#include <string.h>

#include "base/error.h"
#include "mail/config.h"

static gboolean read_in(VfJson *json, const char *name, gpointer target, GError **error)
{
	(void)name;
	return vf_mail_in_read(json, target, error);
}

static gboolean parse(const char *text, VfMailIn *in, GError **error)
{
	return vf_json_parse(text, strlen(text), "p.json", read_in, in, error);
}

static void test_good(void)
{
	VfMailIn in = {0};
	g_autoptr(GError) error = NULL;
	const VfMailSourceConfig *source;

	parse("{\"sources\": ["
	      "{\"name\": \"a\", \"type\": \"mbox\", \"path\": \"box\"},"
	      "{\"name\": \"b\", \"type\": \"imap\", \"url\": \"imaps://h/f\", \"user\": \"u\","
	      " \"password_file\": \"pw\", \"first_days\": 0}],"
	      "\"commands\": {\"allow\": [\"a@b\", \"@c\"], \"authenticated_by\": \"mx\"},"
	      "\"patience_seconds\": 0}",
	      &in, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(in.sources->len, ==, 2);
	source = in.sources->pdata[0];
	g_assert_cmpstr(source->path, ==, "box");
	g_assert_cmpuint(source->days, ==, 7);
	source = in.sources->pdata[1];
	g_assert_cmpuint(source->days, ==, 0);
	g_assert_cmpstr(in.commands.allow[1], ==, "@c");
	g_assert_cmpstr(in.commands.authenticated, ==, "mx");
	g_assert_cmpuint(in.patience, ==, 0);
	g_assert_cmpuint(in.keep_days, ==, 90);
	g_assert_null(in.filter);
	vf_mail_in_clear(&in);
}

#define SOURCE(members) "{\"sources\": [{\"name\": \"a\", " members "}]}"

static const struct {
	const char *text, *error;
} bad[] = {
	{"{}", "p.json: sources: expected an array of objects, found nothing"},
	{SOURCE("\"type\": \"pop3\", \"path\": \"x\""),
	 "p.json: sources[0].type: expected one of mbox, maildir, public-inbox, imap, "
	 "found \"pop3\""},
	{SOURCE("\"type\": \"mbox\""),
	 "p.json: sources[0]: a source of type \"mbox\" needs \"path\""},
	{SOURCE("\"type\": \"mbox\", \"path\": \"x\", \"url\": \"y\""),
	 "p.json: sources[0]: a source of type \"mbox\" has no \"url\""},
	{SOURCE("\"type\": \"imap\", \"url\": \"imaps://h/f\", \"user\": \"u\""),
	 "p.json: sources[0]: a source of type \"imap\" needs \"password_file\""},
	{SOURCE("\"type\": \"mbox\", \"path\": \"x\"}, {\"name\": \"a\", \"type\": \"mbox\", "
		"\"path\": \"y\""),
	 "p.json: sources[1].name: another source has the name \"a\""},
	{"{\"sources\": [], \"commands\": {\"allow\": [\"everybody\"]}}",
	 "p.json: commands.allow: expected \"user@host\" or \"@host\", found \"everybody\""},
	{"{\"sources\": [], \"keep_days\": 0}",
	 "p.json: keep_days: expected a positive integer, found 0"},
};

static void test_bad(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		VfMailIn in = {0};
		g_autoptr(GError) error = NULL;

		g_assert_false(parse(bad[i].text, &in, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, bad[i].error);
		vf_mail_in_clear(&in);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/config/good", test_good);
	g_test_add_func("/mail/config/bad", test_bad);
	return g_test_run();
}
