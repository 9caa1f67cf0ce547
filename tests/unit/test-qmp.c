// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "guest/qemu/qmp.h"

#define GREETING                                                                           \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10}, " \
	"\"package\": \"Debian 1:10.0.2\"}, \"capabilities\": [\"oob\"]}}\r\n"

typedef struct Fixture {
	GString *sent, *events;
	VfQmp *qmp;
} Fixture;

static void on_send(const char *bytes, gsize length, gpointer data)
{
	g_string_append_len(((Fixture *)data)->sent, bytes, (gssize)length);
}

static void on_event(const char *name, const json_t *details, gpointer data)
{
	const char *action = json_string_value(json_object_get(details, "action"));

	g_string_append_printf(((Fixture *)data)->events, "%s %s\n", name, action ? action : "-");
}

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	VfQmpCalls calls = {on_send, on_event, f};

	f->sent = g_string_new(NULL);
	f->events = g_string_new(NULL);
	f->qmp = vf_qmp_new(&calls);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	vf_qmp_free(f->qmp);
	g_string_free(f->sent, TRUE);
	g_string_free(f->events, TRUE);
}

static void feed(Fixture *f, const char *text)
{
	for (gsize i = 0; text[i]; i++)
		vf_qmp_feed(f->qmp, text + i, 1);
}

static void test_session(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	vf_qmp_execute(f->qmp, "quit");
	g_assert_cmpstr(f->sent->str, ==, "");
	feed(f, GREETING "{\"return\": {}}\r\n{\"event\": \"GUEST_PANICKED\", \"data\": "
			 "{\"action\": \"run\"}}\n{\"event\": \"STOP\"}\n");
	vf_qmp_execute(f->qmp, "stop");
	g_assert_cmpstr(f->sent->str, ==,
			"{\"execute\": \"qmp_capabilities\"}\n{\"execute\": \"quit\"}\n"
			"{\"execute\": \"stop\"}\n");
	g_assert_cmpstr(f->events->str, ==, "GUEST_PANICKED run\nSTOP -\n");
	g_assert_cmpstr(vf_qmp_emulator(f->qmp), ==, "QEMU 10.0.2 (Debian 1:10.0.2)");
	g_assert_null(vf_qmp_error(f->qmp));
}

static const struct {
	const char *text, *error;
} bad[] = {
	{"hello\n", "QMP: expected a JSON object: \"hello\""},
	{"[]\n", "QMP: expected a JSON object: \"[]\""},
	{"{}\n", "QMP: unknown message: \"{}\""},
	{"{\"QMP\": {}}\n", "QMP: the greeting names no version: \"{\"QMP\": {}}\""},
	{"{\"error\": {\"class\": \"x\"}}\n",
	 "QMP: a command failed: \"{\"error\": {\"class\": \"x\"}}\""},
};

static void test_bad(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		Fixture f;

		set_up(&f, NULL);
		feed(&f, bad[i].text);
		g_assert_cmpstr(vf_qmp_error(f.qmp), ==, bad[i].error);
		tear_down(&f, NULL);
	}
}

static void test_endless(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *block = g_strnfill(1000, '[');

	for (guint i = 0; i < 1000; i++)
		vf_qmp_feed(f->qmp, block, 1000);
	g_assert_true(g_str_has_prefix(vf_qmp_error(f->qmp), "QMP: a message that is too long"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/qmp/session", Fixture, NULL, set_up, test_session, tear_down);
	g_test_add_func("/qmp/bad", test_bad);
	g_test_add("/qmp/endless", Fixture, NULL, set_up, test_endless, tear_down);
	return g_test_run();
}
