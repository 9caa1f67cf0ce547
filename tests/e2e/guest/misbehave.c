// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A test program that breaks the rules on purpose, in the way that VIFARM_MODE names; the farm's
 * own tests see to it that none of this is ever a PASS.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

static void good(void)
{
	puts("KTAP version 1\n1..1\nok 1 fine");
}

static void hold(void)
{
	puts("KTAP version 1\n1..1");
	for (;;) {
		puts("# still here");
		sleep(1);
	}
}

static void silent(void)
{
	puts("KTAP version 1\n1..1");
	for (;;)
		pause();
}

static void flood(void)
{
	const char *megabytes = getenv("VIFARM_MEGABYTES");
	size_t left = (size_t)atoi(megabytes ? megabytes : "1") << 20;
	int console = open("/dev/console", O_WRONLY);
	char block[4096];

	memset(block, 'x', sizeof block);
	for (size_t i = 63; i < sizeof block; i += 64)
		block[i] = '\n';
	while (left) {
		ssize_t n = write(console, block, sizeof block);

		if (n <= 0)
			break;
		left -= (size_t)n < left ? (size_t)n : left;
	}
	good();
}

static void vanish(void)
{
	good();
	sleep(1);
	sync();
	reboot(RB_POWER_OFF);
}

static void truncated(void)
{
	puts("KTAP version 1\n1..2\nok 1 fine");
}

static void plan(void)
{
	puts("KTAP version 1\n1..1\nok 1 fine\nok 2 extra");
}

static void binary(void)
{
	fwrite("KTAP version 1\n1..1\nok \0\377\033[2J\n", 1, 30, stdout);
}

static void nothing(void)
{
}

static void crash(void)
{
	good();
	raise(SIGSEGV);
}

static void status(void)
{
	good();
	fflush(stdout);
	_exit(3);
}

static void panic(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	puts("KTAP version 1\n1..1");
	sleep(1);
	if (write(fd, "c", 1) != 1)
		perror("sysrq-trigger");
}

int main(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{"good", good},	  {"hold", hold},     {"silent", silent},
		{"flood", flood}, {"vanish", vanish}, {"truncated", truncated},
		{"plan", plan},	  {"binary", binary}, {"nothing", nothing},
		{"crash", crash}, {"status", status}, {"panic", panic},
	};
	const char *mode = getenv("VIFARM_MODE");

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (mode && !strcmp(mode, modes[i].name)) {
			modes[i].run();
			return 0;
		}
	return 1;
}
