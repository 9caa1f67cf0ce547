// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/watch.h"

#define MS 1000

/* Times in ms after the start; silence 30 s, timeout 120 s. */
static const struct {
	const char *name;
	gint64 last_byte, fatal, ended, now;
	VfWatchAction action;
} rows[] = {
	{"just started", 0, 0, 0, 1, VF_WATCH_GO_ON},
	{"nearly silent", 10000, 0, 0, 39999, VF_WATCH_GO_ON},
	{"silent", 10000, 0, 0, 40000, VF_WATCH_SILENCE},
	{"nearly over", 119000, 0, 0, 119999, VF_WATCH_GO_ON},
	{"over", 119999, 0, 0, 120000, VF_WATCH_TIMEOUT},
	{"both at once", 90000, 0, 0, 120000, VF_WATCH_TIMEOUT},
	{"message still comes", 6400, 5000, 0, 6500, VF_WATCH_GO_ON},
	{"message has stopped", 5100, 5000, 0, 5600, VF_WATCH_PANIC},
	{"message never stops", 6900, 5000, 0, 7000, VF_WATCH_PANIC},
	{"pvpanic without a word", 1000, 5000, 0, 5500, VF_WATCH_PANIC},
	{"powering off", 5000, 0, 5000, 14999, VF_WATCH_GO_ON},
	{"does not power off", 14000, 0, 5000, 15000, VF_WATCH_LINGER},
	{"over while powering off", 118000, 0, 118000, 120000, VF_WATCH_GO_ON},
	{"crash while powering off", 6000, 6000, 5000, 6500, VF_WATCH_LINGER},
};

static void test_rows(void)
{
	const gint64 start = 1000000;

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		VfWatch watch = {
			.started = start,
			.last_byte = start + rows[i].last_byte * MS,
			.fatal = rows[i].fatal ? start + rows[i].fatal * MS : 0,
			.ended = rows[i].ended ? start + rows[i].ended * MS : 0,
			.silence = 30,
			.timeout = 120,
		};

		g_test_message("%s", rows[i].name);
		g_assert_cmpint(vf_watch_look(&watch, start + rows[i].now * MS), ==,
				rows[i].action);
	}
}

static void test_no_limits(void)
{
	VfWatch watch = {.started = 1, .last_byte = 1};

	g_assert_cmpint(vf_watch_look(&watch, G_MAXINT64), ==, VF_WATCH_GO_ON);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/watch/rows", test_rows);
	g_test_add_func("/watch/no-limits", test_no_limits);
	return g_test_run();
}
