// SPDX-License-Identifier: GPL-2.0-or-later
/* A mail-parser with faults: the last word of a subject says what the mail does to the process. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "mail/parser.h"

static void hog(void)
{
	for (;;)
		g_malloc(1 << 24);
}

static void spin(void)
{
	for (volatile guint i = 0;; i++)
		;
}

/* A call that does not come back; sleep(3) is among those that are forbidden. */
static void sleep_on(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) != 0)
		;
}

static void lie(void)
{
	(void)!write(STDIN_FILENO, "\1\0\0\0\4\0\0\0lies", 12);
}

static const struct {
	const char *word;
	void (*fault)(void);
} faults[] = {
	{"abort", abort}, {"hog", hog}, {"spin", spin}, {"sleep", sleep_on}, {"lie", lie},
};

/* What the process can still do, as the mail's error. */
static VfMessage *probe(GError **error)
{
	int file = open("/etc/passwd", O_RDONLY), net = socket(AF_INET, SOCK_STREAM, 0);

	return vf_throw_null(error, VF_ERROR_DATA, "file %d, socket %d, signal %d", file, net,
			     kill(getppid(), 0));
}

static VfMessage *parse(const char *bytes, gsize length, const char *where, GError **error)
{
	VfMessage *message = vf_message_parse(bytes, length, where, error);

	for (gsize i = 0; message && i < G_N_ELEMENTS(faults); i++)
		if (g_str_has_suffix(message->subject, faults[i].word))
			faults[i].fault();
	if (!message || strcmp(message->subject, "probe"))
		return message;
	vf_message_unref(message);
	return probe(error);
}

int main(void)
{
	_exit(vf_mail_parser_serve(STDIN_FILENO, parse));
}
