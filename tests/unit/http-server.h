// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An HTTP server in a child process that misbehaves as it is told, one action a connection. What
 * it accepted it remembers: GET answers with the accepted bodies as a JSON array, as Patchwork
 * lists checks.
 */
#pragma once

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum {
	ACT_OK,
	ACT_500,
	ACT_503_LATER, /* with Retry-After: 7200 */
	ACT_400,
	ACT_401,
	ACT_HANG,	 /* reads the request, never answers */
	ACT_CUT,	 /* announces 1000 bytes, sends 10 */
	ACT_HTML,	 /* 200 with a login page */
	ACT_REDIRECT,	 /* 302 to itself */
	ACT_RESET,	 /* TCP reset instead of an answer */
	ACT_HUGE,	 /* an answer without end */
	ACT_GARBAGE,	 /* no HTTP at all */
	ACT_KILL_BEFORE, /* kills the client before it has sent anything */
	ACT_KILL_AFTER,	 /* accepts, then kills the client instead of answering */
} Action;

typedef struct Seen {
	pid_t victim; /* for ACT_KILL_* */
	int requests; /* complete ones */
	int accepted; /* of these POSTs, by ACT_OK, ACT_CUT and ACT_KILL_AFTER */
	char path[16][256], key[16][80], token[16][80], body[16][8192];
} Seen;

typedef struct Server {
	pid_t pid;
	int port;
	Seen *seen; /* shared with the child */
} Server;

typedef struct Script {
	const Action *actions;
	guint count;	    /* the last action goes on for ever */
	const char *answer; /* body of ACT_OK */
} Script;

static inline void server_header(const char *request, const char *name, char *value, gsize size)
{
	const char *at = strcasestr(request, name);

	g_strlcpy(value, "", size);
	if (at) {
		at += strlen(name);
		g_strlcpy(value, at, MIN(size, strcspn(at, "\r\n") + 1));
	}
}

/* The whole request, or NULL when the client went away. Caller frees. */
static inline GString *server_read(int fd)
{
	GString *request = g_string_new(NULL);
	char buffer[65536], length[32];
	gssize n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		const char *end;

		g_string_append_len(request, buffer, n);
		end = strstr(request->str, "\r\n\r\n");
		if (!end)
			continue;
		server_header(request->str, "Content-Length: ", length, sizeof(length));
		if (request->len >= (gsize)(end + 4 - request->str) + (gsize)atoi(length))
			return request;
	}
	g_string_free(request, TRUE);
	return NULL;
}

static inline void server_say(int fd, const char *status, const char *type, const char *more,
			      const char *body)
{
	g_autofree char *text =
		g_strdup_printf("HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n"
				"Connection: close\r\n\r\n%s",
				status, type, more, strlen(body), body);

	(void)!write(fd, text, strlen(text));
}

static inline void server_accept(Seen *seen, const char *request)
{
	int i = seen->accepted++;

	g_assert_cmpint(i, <, 16);
	g_strlcpy(seen->path[i], request + 5, MIN(256, strcspn(request + 5, " ") + 1));
	server_header(request, "Idempotency-Key: ", seen->key[i], 80);
	server_header(request, "Authorization: ", seen->token[i], 80);
	if (!*seen->token[i])
		server_header(request, "Auth-Token: ", seen->token[i], 80);
	g_strlcpy(seen->body[i], strstr(request, "\r\n\r\n") + 4, 8192);
}

static inline void server_list(int fd, const Seen *seen)
{
	g_autoptr(GString) list = g_string_new("[");

	for (int i = 0; i < seen->accepted; i++)
		g_string_append_printf(list, "%s%s", i ? ", " : "", seen->body[i]);
	g_string_append_c(list, ']');
	server_say(fd, "200 OK", "application/json", "", list->str);
}

static inline void server_reset(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static inline void server_flood(int fd)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
	char block[65536];

	memset(block, ' ', sizeof(block));
	(void)!write(fd, head, strlen(head));
	while (write(fd, block, sizeof(block)) > 0)
		;
}

static inline void server_post(int fd, Action action, const char *answer, Seen *seen,
			       const char *request)
{
	static const char cut[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				  "Content-Length: 1000\r\n\r\n{\"status\":";
	g_autofree char *host = g_malloc0(256), *location = NULL;
	char byte;

	if (action == ACT_OK || action == ACT_CUT || action == ACT_KILL_AFTER)
		server_accept(seen, request);
	switch (action) {
	case ACT_OK:
		server_say(fd, "201 Created", "application/json; charset=utf-8", "", answer);
		break;
	case ACT_500:
		server_say(fd, "500 Internal Server Error", "text/plain", "", "oh \x1b[31m no");
		break;
	case ACT_503_LATER:
		server_say(fd, "503 Unavailable", "text/plain", "Retry-After: 7200\r\n", "later");
		break;
	case ACT_400:
		server_say(fd, "400 Bad Request", "application/json", "", "{\"error\": \"no\"}");
		break;
	case ACT_401:
		server_say(fd, "401 Unauthorized", "text/plain", "", "who are you");
		break;
	case ACT_HANG:
		/* until the client has had enough */
		(void)!read(fd, &byte, 1);
		break;
	case ACT_CUT:
		(void)!write(fd, cut, strlen(cut));
		break;
	case ACT_HTML:
		server_say(fd, "200 OK", "text/html", "", "<html>please log in</html>");
		break;
	case ACT_REDIRECT:
		server_header(request, "Host: ", host, 256);
		location = g_strdup_printf("Location: http://%s/again\r\n", host);
		server_say(fd, "302 Found", "text/plain", location, "");
		break;
	case ACT_RESET:
		server_reset(fd);
		break;
	case ACT_HUGE:
		server_flood(fd);
		break;
	case ACT_GARBAGE:
		(void)!write(fd, "\x01\x02 what?\r\n\r\n", 12);
		break;
	case ACT_KILL_AFTER:
		kill(seen->victim, SIGKILL);
		break;
	case ACT_KILL_BEFORE:
		g_assert_not_reached();
	}
}

static inline void server_serve(int fd, Action action, const char *answer, Seen *seen)
{
	g_autofree char *bytes = NULL;
	GString *request;

	if (action == ACT_KILL_BEFORE) {
		kill(seen->victim, SIGKILL);
		return;
	}
	request = server_read(fd);
	if (!request)
		return;
	bytes = g_string_free(request, FALSE);
	seen->requests++;
	if (g_str_has_prefix(bytes, "GET "))
		server_list(fd, seen);
	else
		server_post(fd, action, answer, seen, bytes);
}

static inline void server_run(int listener, const Script *script, Seen *seen)
{
	/* no server survives the test program */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (guint i = 0;; i++) {
		int fd = accept(listener, NULL, NULL);
		Action action = script->actions[MIN(i, script->count - 1)];

		server_serve(fd, action, script->answer, seen);
		close(fd);
	}
}

static inline void server_start(Server *server, const Action *actions, guint count,
				const char *answer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	Script script = {actions, count, answer};

	g_assert_cmpint(bind(listener, (struct sockaddr *)&address, length), ==, 0);
	g_assert_cmpint(listen(listener, 8), ==, 0);
	getsockname(listener, (struct sockaddr *)&address, &length);
	server->port = ntohs(address.sin_port);
	server->seen =
		mmap(NULL, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	server->pid = fork();
	if (server->pid == 0)
		server_run(listener, &script, server->seen);
	close(listener);
}

static inline void server_stop(Server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->seen, sizeof(Seen));
}
