// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/parser.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "mail/message-wire.h"
#include "mail/parser-impl.h"

#define LOOK_MS	      50
#define START_SECONDS 60

struct VfMailParser {
	char *program;
	VfMailParserLimits limits;
	pid_t pid; /* 0: not running */
	int fd;
	clockid_t cpu;	  /* its clock */
	double cpu_start; /* of that clock when the mail was given to it */
	gint64 deadline;  /* monotonic */
};

VfMailParser *vf_mail_parser_new(const char *program, const VfMailParserLimits *limits)
{
	static const VfMailParserLimits usual = {.cpu_seconds = 5, .wall_seconds = 60};
	VfMailParser *parser = g_new0(VfMailParser, 1);

	parser->program = program ? g_strdup(program) : vf_dirs_program("mail-parser");
	parser->limits = limits ? *limits : usual;
	return parser;
}

static void stop(VfMailParser *parser)
{
	if (!parser->pid)
		return;
	kill(parser->pid, SIGKILL);
	while (waitpid(parser->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(parser->fd);
	parser->pid = 0;
}

void vf_mail_parser_free(VfMailParser *parser)
{
	if (!parser)
		return;
	stop(parser);
	g_free(parser->program);
	g_free(parser);
}

static double cpu_seconds(const VfMailParser *parser)
{
	struct timespec time;

	return clock_gettime(parser->cpu, &time) == 0
		       ? (double)time.tv_sec + (double)time.tv_nsec / 1e9
		       : 0;
}

/* What became of the parser while a mail was in it. */
typedef enum { TALK_OK, TALK_ENDED, TALK_CPU, TALK_STALLED } Talk;

static Talk wait_for(VfMailParser *parser, short events)
{
	struct pollfd poll_fd = {.fd = parser->fd, .events = events};

	while (poll(&poll_fd, 1, LOOK_MS) <= 0) {
		if (cpu_seconds(parser) - parser->cpu_start > parser->limits.cpu_seconds)
			return TALK_CPU;
		if (g_get_monotonic_time() > parser->deadline)
			return TALK_STALLED;
	}
	return TALK_OK;
}

static Talk give(VfMailParser *parser, const void *data, gsize length)
{
	const char *at = data;

	while (length) {
		gssize sent = send(parser->fd, at, length, MSG_NOSIGNAL);
		Talk talk = TALK_OK;

		if (sent < 0 && errno == EAGAIN)
			talk = wait_for(parser, POLLOUT);
		else if (sent < 0 && errno != EINTR)
			return TALK_ENDED;
		if (talk != TALK_OK)
			return talk;
		at += MAX(sent, 0);
		length -= (gsize)MAX(sent, 0);
	}
	return TALK_OK;
}

static Talk take(VfMailParser *parser, void *data, gsize length)
{
	char *at = data;

	while (length) {
		gssize got = recv(parser->fd, at, length, 0);
		Talk talk = TALK_OK;

		if (got < 0 && errno == EAGAIN)
			talk = wait_for(parser, POLLIN);
		else if (!got || (got < 0 && errno != EINTR))
			return TALK_ENDED;
		if (talk != TALK_OK)
			return talk;
		at += MAX(got, 0);
		length -= (gsize)MAX(got, 0);
	}
	return TALK_OK;
}

static void begin(VfMailParser *parser, double seconds)
{
	parser->cpu_start = cpu_seconds(parser);
	parser->deadline = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
}

static gboolean spawn(VfMailParser *parser, GError **error)
{
	const char *argv[] = {parser->program, NULL}, *env[] = {"LC_ALL=C", NULL};
	g_autoptr(GError) local = NULL;
	int pair[2];
	gboolean ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return vf_throw_errno(error, "cannot start %s", parser->program);
	/* GLib closes all other descriptors; what a broken parser prints is nobody's */
	ok = g_spawn_async_with_pipes_and_fds("/", argv, env,
					      G_SPAWN_DO_NOT_REAP_CHILD |
						      G_SPAWN_STDOUT_TO_DEV_NULL |
						      G_SPAWN_STDERR_TO_DEV_NULL,
					      NULL, NULL, pair[1], -1, -1, NULL, NULL, 0,
					      &parser->pid, NULL, NULL, NULL, &local);
	close(pair[1]);
	if (!ok) {
		close(pair[0]);
		parser->pid = 0;
		return vf_throw(error, VF_ERROR_MISSING, "cannot start %s: %s", parser->program,
				local->message);
	}
	parser->fd = pair[0];
	fcntl(parser->fd, F_SETFL, O_NONBLOCK);
	clock_getcpuclockid(parser->pid, &parser->cpu);
	return TRUE;
}

/* A parser that fails before it has seen a mail is no mail's fault. */
static gboolean start(VfMailParser *parser, GError **error)
{
	VfParserHead head;

	if (parser->pid)
		return TRUE;
	if (!spawn(parser, error))
		return FALSE;
	begin(parser, START_SECONDS);
	if (take(parser, &head, sizeof(head)) == TALK_OK && head.kind == VF_PARSER_READY)
		return TRUE;
	stop(parser);
	return vf_throw(error, VF_ERROR_MISSING, "%s does not start", parser->program);
}

/* Both owned by the caller; @body is only set for TALK_OK. */
static Talk converse(VfMailParser *parser, const char *bytes, gsize length, VfParserHead *head,
		     GBytes **body)
{
	guint32 size = (guint32)length;
	g_autofree char *answer = NULL;
	Talk talk;

	begin(parser, parser->limits.wall_seconds);
	talk = give(parser, &size, sizeof(size));
	if (talk == TALK_OK)
		talk = give(parser, bytes, length);
	if (talk == TALK_OK)
		talk = take(parser, head, sizeof(*head));
	if (talk != TALK_OK)
		return talk;
	if (head->length > VF_PARSER_ANSWER_MAX)
		return TALK_ENDED;
	answer = g_malloc(head->length);
	talk = take(parser, answer, head->length);
	if (talk == TALK_OK)
		*body = g_bytes_new_take(g_steal_pointer(&answer), head->length);
	return talk;
}

static VfMessage *read_answer(const VfParserHead *head, GBytes *body, gboolean *fatal,
			      GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(body, &length);
	g_autofree char *clause = NULL;
	VfMessage *message = NULL;

	if (head->kind == VF_PARSER_MESSAGE)
		message = vf_message_unpack(body, NULL);
	if (message)
		return message;
	*fatal = head->kind != VF_PARSER_REFUSAL;
	if (*fatal)
		return vf_throw_null(error, VF_ERROR_DATA, "it makes its parser answer nonsense");
	clause = vf_text_escape(text, (gssize)length, 500);
	return vf_throw_null(error, VF_ERROR_DATA, "%s", clause);
}

static VfMessage *fail(const VfMailParser *parser, Talk talk, GError **error)
{
	if (talk == TALK_ENDED)
		return vf_throw_null(error, VF_ERROR_DATA, "it ends its parser");
	return vf_throw_null(error, VF_ERROR_DATA, "parsing takes more than %g s",
			     talk == TALK_CPU ? parser->limits.cpu_seconds
					      : parser->limits.wall_seconds);
}

/* Once more after an end or a stall: something else may have been the cause. */
static VfMessage *parse(VfMailParser *parser, const char *bytes, gsize length, gboolean *fatal,
			GError **error)
{
	Talk talk = TALK_ENDED;

	for (guint try = 0; try < 2 && talk != TALK_CPU; try++) {
		g_autoptr(GBytes) body = NULL;
		VfParserHead head;

		if (!start(parser, error))
			return NULL;
		talk = converse(parser, bytes, length, &head, &body);
		if (talk == TALK_OK) {
			VfMessage *message = read_answer(&head, body, fatal, error);

			if (*fatal)
				stop(parser);
			return message;
		}
		stop(parser);
	}
	*fatal = TRUE;
	return fail(parser, talk, error);
}

VfMessage *vf_mail_parser_parse(VfMailParser *parser, const char *bytes, gsize length,
				const char *where, gboolean *fatal, GError **error)
{
	gboolean ended = FALSE;
	VfMessage *message = NULL;

	if (length > VF_MESSAGE_BYTES_MAX)
		vf_throw(error, VF_ERROR_DATA,
			 "it has %" G_GSIZE_FORMAT " bytes, more than the %d that are read", length,
			 VF_MESSAGE_BYTES_MAX);
	else
		message = parse(parser, bytes, length, &ended, error);
	if (fatal)
		*fatal = ended;
	if (!message)
		vf_prefix(error, "%s", where);
	return message;
}
