// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "guest/owner.h"

/* Itself, with one attribute changed. */
static VfOwner *self_but(const char *attribute, const char *value)
{
	g_autoptr(VfOwner) self = vf_owner_self("r");
	g_autofree char *xml = vf_owner_xml(self);
	g_autofree char *key = g_strdup_printf(" %s=\"", attribute);
	char *at = strstr(xml, key);
	g_autofree char *changed = NULL;
	VfOwner *owner;

	g_assert_nonnull(at);
	at += strlen(key);
	changed = g_strdup_printf("%.*s%s%s", (int)(at - xml), xml, value, strchr(at, '"'));
	owner = vf_owner_parse(changed, strlen(changed), NULL);
	g_assert_nonnull(owner);
	return owner;
}

static void test_round_trip(void)
{
	g_autoptr(VfOwner) self = vf_owner_self("a<b&\"c\"");
	g_autofree char *xml = vf_owner_xml(self);
	g_autoptr(GError) error = NULL;
	g_autoptr(VfOwner) read = vf_owner_parse(xml, strlen(xml), &error);

	g_assert_no_error(error);
	g_assert_cmpstr(read->run, ==, "a<b&\"c\"");
	g_assert_cmpstr(read->machine, ==, self->machine);
	g_assert_cmpstr(read->boot, ==, self->boot);
	g_assert_cmpstr(read->space, ==, self->space);
	g_assert_cmpuint(read->user, ==, getuid());
	g_assert_cmpuint(read->pid, ==, (guint64)getpid());
	g_assert_cmpuint(read->start, ==, self->start);
	g_assert_cmpuint(self->start, >, 0);
	g_assert_false(vf_owner_is_gone(read));
}

static void test_gone(void)
{
	static const struct {
		const char *attribute, *value;
		gboolean gone;
	} rows[] = {
		{"run", "another", FALSE},   {"pid", "2147483647", TRUE},
		{"start", "1", TRUE},	     {"boot", "before", TRUE},
		{"machine", "x", FALSE},     {"user", "4000000000", FALSE},
		{"space", "pid:[1]", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(VfOwner) owner = self_but(rows[i].attribute, rows[i].value);

		g_test_message("%s=%s", rows[i].attribute, rows[i].value);
		g_assert_cmpint(vf_owner_is_gone(owner), ==, rows[i].gone);
	}
}

static void test_refused(void)
{
	static const char *const texts[] = {
		"",
		"guest",
		"<guest/>",
		"<guest run='1' machine='2' boot='3' space='4' user='5' pid='6'/>",
		"<guest run='1' machine='2' boot='3' space='4' user='5' pid='6' start='x'/>",
		"<guest run='1' machine='2' boot='3' space='4' user='5' pid='-6' start='7'/>",
		"<other run='1' machine='2' boot='3' space='4' user='5' pid='6' start='7'/>",
		"<guest run='1' machine='2' boot='3' space='4' user='5' pid='6' start='7'>",
	};
	g_autofree char *huge = g_strnfill(VF_OWNER_XML_MAX + 1, ' ');

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", texts[i]);
		g_assert_null(vf_owner_parse(texts[i], strlen(texts[i]), &error));
		g_assert_nonnull(error);
	}
	g_assert_null(vf_owner_parse(huge, strlen(huge), NULL));
}

static void test_without_prefix(void)
{
	static const char text[] = "<guest run='1' machine='2' boot='3' space='4' user='5' pid='6' "
				   "start='7'/>\n";
	g_autoptr(VfOwner) owner = vf_owner_parse(text, strlen(text), NULL);

	g_assert_nonnull(owner);
	g_assert_cmpuint(owner->start, ==, 7);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/owner/round-trip", test_round_trip);
	g_test_add_func("/owner/gone", test_gone);
	g_test_add_func("/owner/refused", test_refused);
	g_test_add_func("/owner/without-prefix", test_without_prefix);
	return g_test_run();
}
