// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program that stands in for QEMU and misbehaves in the way that "fake=MODE" on the guest's
 * kernel command line names. It speaks through the descriptors that the orchestrator's command
 * line hands over, as QEMU does.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rootfs/channel.h"

#define CONSOLE 3
#define RESULT	4
#define QMP	5
#define FOREVER 1000000 /* ms */

static uint64_t seq;
static bool deaf; /* does not obey QMP's quit */
static const char *model_path;

static void put(int fd, const void *bytes, size_t length)
{
	const char *p = bytes;

	while (length) {
		ssize_t n = write(fd, p, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(3);
		p += n;
		length -= (size_t)n;
	}
}

static void console(const char *text)
{
	put(CONSOLE, text, strlen(text));
}

static void record(char type, const char *payload, size_t length)
{
	char line[CHANNEL_RECORD];
	bool cut = false;

	put(RESULT, line, channel_encode(line, seq++, type, payload, length, &cut));
}

static void ktap(const char *line)
{
	record('K', line, strlen(line));
}

static void inform(const char *text)
{
	record('I', text, strlen(text));
}

static void end_marker(void)
{
	char count[24];

	snprintf(count, sizeof(count), "%llu", (unsigned long long)seq);
	record('E', count, strlen(count));
}

/* Obeys QMP for so long. */
static void wait_ms(int ms)
{
	struct pollfd ready = {.fd = QMP, .events = POLLIN};
	char text[1024];
	ssize_t n;

	while (ms > 0) {
		if (poll(&ready, 1, ms > 20 ? 20 : ms) > 0) {
			n = read(QMP, text, sizeof(text) - 1);
			if (n <= 0)
				exit(4);
			text[n] = '\0';
			put(QMP, "{\"return\": {}}\r\n", 16);
			if (strstr(text, "\"quit\"") && !deaf)
				exit(0);
		}
		ms -= 20;
	}
}

static void boot(void)
{
	console("Linux version 6.12\r\nvifarm: init up\r\n");
	inform("kernel=6.12");
}

static void report(void)
{
	ktap("KTAP version 1");
	ktap("1..2");
	ktap("ok 1 first");
	ktap("ok 2 second");
}

static void finish(void)
{
	inform("exit=0");
	end_marker();
	console("[    1.5] vifarm: end\r\n");
}

static void good(void)
{
	boot();
	report();
	finish();
}

static void failing(void)
{
	boot();
	ktap("KTAP version 1");
	ktap("1..2");
	ktap("ok 1 first");
	ktap("# second: 3 bytes differ");
	ktap("not ok 2 second");
	inform("exit=1");
	end_marker();
	console("vifarm: end\r\n");
}

static void silent(void)
{
	boot();
	wait_ms(FOREVER);
}

static void mute(void)
{
	wait_ms(FOREVER);
}

static void loop(void)
{
	boot();
	for (;;) {
		console("still here\r\n");
		wait_ms(100);
	}
}

static void flood(void)
{
	static char block[64 * 1024];

	boot();
	memset(block, 'x', sizeof(block));
	for (size_t i = 79; i < sizeof(block); i += 80)
		block[i] = '\n';
	for (int i = 0; i < 1600; i++)
		put(CONSOLE, block, sizeof(block));
	report();
	finish();
}

static void truncated(void)
{
	boot();
	ktap("KTAP version 1");
	ktap("1..2");
	ktap("ok 1 first");
	finish();
}

static void corrupt(void)
{
	static const char bad[] = "~vf 3 K 00000000 ok 1 first\n";

	boot();
	ktap("KTAP version 1");
	ktap("1..2");
	put(RESULT, bad, sizeof(bad) - 1);
	seq++;
	ktap("ok 2 second");
	finish();
}

static void plan(void)
{
	boot();
	report();
	ktap("ok 3 third");
	finish();
}

static void binary(void)
{
	boot();
	ktap("KTAP version 1");
	ktap("1..1");
	record('K', "ok 1 \0\xff\x1b[2J", 11);
	finish();
}

static void nothing(void)
{
	boot();
	finish();
}

static void vanish(void)
{
	boot();
	report();
}

static void killed(void)
{
	boot();
	report();
	wait_ms(100);
	raise(SIGKILL);
}

static void panic(void)
{
	boot();
	console("[    1.2] Kernel panic - not syncing: Attempted to kill init!\r\n");
	console("[    1.3] Reboot failed -- System halted\r\n");
	wait_ms(FOREVER);
}

static void pvpanic(void)
{
	static const char event[] =
		"{\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"run\"},"
		" \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\r\n";

	boot();
	put(QMP, event, sizeof(event) - 1);
	wait_ms(FOREVER);
}

static void watchdog(void)
{
	static const char event[] = "{\"event\": \"WATCHDOG\", \"data\": {\"action\": \"none\"},"
				    " \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\r\n";

	boot();
	put(QMP, event, sizeof(event) - 1);
	wait_ms(FOREVER);
}

static void refuse(void)
{
	fputs("qemu-system-fake: -device nosuch: 'nosuch' is not a valid device model name\n"
	      "and more\n",
	      stderr);
	exit(1);
}

static void linger(void)
{
	good();
	wait_ms(FOREVER);
}

static void late_panic(void)
{
	good();
	console("Kernel panic - not syncing: on the way out\r\n");
	wait_ms(FOREVER);
}

static void stubborn(void)
{
	deaf = true;
	panic();
}

static void warned(void)
{
	boot();
	console("[    1.2] WARNING: CPU: 0 PID: 1 at drivers/x.c:7 f+0x1/0x2\r\n");
	report();
	finish();
}

static void model(void)
{
	static const char text[] =
		"{\"type\":\"start\",\"format\":1,\"qemu\":\"10.0.2\",\"target\":\"fake\"}\n"
		"{\"type\":\"end\",\"dma_written\":0,\"dma_read\":0,\"dma_faults\":0}\n";
	int fd = model_path ? open(model_path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;

	if (fd < 0)
		exit(5);
	put(fd, text, sizeof(text) - 1);
	close(fd);
	good();
}

static const struct {
	const char *name;
	void (*run)(void);
} modes[] = {
	{"good", good},		  {"failing", failing}, {"silent", silent},
	{"mute", mute},		  {"loop", loop},	{"flood", flood},
	{"truncated", truncated}, {"corrupt", corrupt}, {"plan", plan},
	{"binary", binary},	  {"nothing", nothing}, {"vanish", vanish},
	{"killed", killed},	  {"panic", panic},	{"pvpanic", pvpanic},
	{"refuse", refuse},	  {"linger", linger},	{"late-panic", late_panic},
	{"stubborn", stubborn},	  {"warned", warned},	{"model", model},
	{"watchdog", watchdog},
};

/* The value of the option out= of -plugin. */
static void find_model(const char *plugin)
{
	static char path[4096];
	const char *out = strstr(plugin, ",out=");

	if (!out)
		return;
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(out + 5, ","), out + 5);
	model_path = path;
}

#ifdef __SANITIZE_ADDRESS__
/* The sandbox refuses ptrace, without which leaks cannot be looked for. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(int argc, char **argv)
{
	static const char greeting[] =
		"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10},"
		" \"package\": \"fake\"}, \"capabilities\": [\"oob\"]}}\r\n";
	const char *mode = NULL;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("QEMU emulator version 10.0.2 (fake)");
		return 0;
	}
	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-append"))
			mode = strstr(argv[i + 1], "fake=");
		if (!strcmp(argv[i], "-plugin"))
			find_model(argv[i + 1]);
	}
	if (!mode)
		return 2;
	put(QMP, greeting, sizeof(greeting) - 1);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(mode + 5, modes[i].name))
			continue;
		modes[i].run();
		wait_ms(20);
		return 0;
	}
	return 2;
}
