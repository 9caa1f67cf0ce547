// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "guest/libvirt/libvirt-log.h"

#define START                                                                              \
	"2026-11-25 08:00:52.634+0000: starting up libvirt version: 9.0.0, hostname: vm\n" \
	"LC_ALL=C \\\n"                                                                    \
	"/usr/bin/qemu-system-mips64 \\\n"                                                 \
	"-msg timestamp=on\n"

static void check(const char *log, const char *expected)
{
	GString *found = vf_libvirt_log_messages(log, strlen(log));

	g_assert_cmpstr(found->str, ==, expected);
	g_string_free(found, TRUE);
}

static void test_quiet(void)
{
	check(START "2026-11-25 08:01:00.803+0000: Domain id=1 is tainted: custom-argv\n"
		    "2026-11-25T08:01:04.692303Z qemu-system-mips64: terminating on signal 15 "
		    "from pid 18374 (./p)\n"
		    "2026-11-25 08:01:06.720+0000: shutting down, reason=shutdown\n",
	      "");
	check("", "");
}

static void test_words(void)
{
	check(START "2026-11-25T08:01:04.692303Z qemu-system-mips64: -device nosuch: no such "
		    "device\n"
		    "free(): invalid pointer\n",
	      "qemu-system-mips64: -device nosuch: no such device\nfree(): invalid pointer\n");
}

/* A domain of the same name has been there before. */
static void test_twice(void)
{
	check(START "first\n" START "second", "first\nsecond\n");
}

static void test_cut(void)
{
	check("2026-11-25 08:00:52.634+0000: starting up libvirt\nLC_ALL=C \\\n-name", "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/libvirt-log/quiet", test_quiet);
	g_test_add_func("/libvirt-log/words", test_words);
	g_test_add_func("/libvirt-log/twice", test_twice);
	g_test_add_func("/libvirt-log/cut", test_cut);
	return g_test_run();
}
