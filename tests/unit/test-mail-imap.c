// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IMAP against a server in a child process: UIDs, UIDVALIDITY, a mail that is too large, wrong
 * passwords. The server knows what libcurl says, and no more.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "mail-fixture.h"
#include "mail/message.h"

/* What the test tells the server while it runs. */
typedef struct State {
	guint validity;
	guint mails;	/* numbered from 1, UID = 10 * number */
	gboolean large; /* mail 2 is larger than is read */
	guint cut;	/* the connection ends inside this mail */
	guint fetches;	/* that were made */
	guint logins;
} State;

typedef struct Server {
	pid_t pid;
	int port;
	State *state; /* shared */
} Server;

static void send_mail(FILE *out, const State *state, guint number)
{
	g_autoptr(GString) mail = g_string_new(NULL);
	guint64 size;

	g_string_printf(mail,
			"From: A <a@example.org>\r\nSubject: [PATCH] media: %u\r\n"
			"Message-ID: <%u@imap>\r\n\r\n"
			"diff --git a/f b/f\r\n--- a/f\r\n+++ b/f\r\n@@ -1 +1 @@\r\n-a\r\n+%u\r\n",
			number, number, number);
	size = state->large && number == 2 ? VF_MESSAGE_BYTES_MAX * 3ull : mail->len;
	fprintf(out, "* %u FETCH (UID %u BODY[] {%" G_GUINT64_FORMAT "}\r\n", number, number * 10,
		size);
	if (state->cut == number) {
		fwrite(mail->str, 1, 20, out);
		fflush(out);
		_exit(0);
	}
	fwrite(mail->str, 1, mail->len, out);
	for (guint64 sent = mail->len; sent < size && !ferror(out); sent++)
		fputc('x', out);
	fputs(")\r\n", out);
}

/* SINCE is not looked at: the server may say more than was asked. */
static void send_search(FILE *out, const State *state, const char *command)
{
	const char *range = strstr(command, "UID SEARCH UID ");
	guint first = range ? (guint)g_ascii_strtoull(range + 15, NULL, 10) : 0;
	gboolean any = FALSE;

	fputs("* SEARCH", out);
	for (guint i = 1; i <= state->mails; i++)
		if (i * 10 >= first) {
			fprintf(out, " %u", i * 10);
			any = TRUE;
		}
	/* "n:*" is never empty: the last one is always in it */
	if (!any && state->mails)
		fprintf(out, " %u", state->mails * 10);
	fputs("\r\n", out);
}

static const char *answer(FILE *out, State *state, const char *command)
{
	if (g_str_has_prefix(command, "CAPABILITY"))
		fputs("* CAPABILITY IMAP4rev1\r\n", out);
	else if (g_str_has_prefix(command, "LOGIN")) {
		state->logins++;
		if (!strstr(command, "secret"))
			return "NO wrong";
	} else if (g_str_has_prefix(command, "EXAMINE \"lists/media\"") ||
		   g_str_has_prefix(command, "SELECT lists/media"))
		fprintf(out, "* %u EXISTS\r\n* OK [UIDVALIDITY %u] valid\r\n", state->mails,
			state->validity);
	else if (g_str_has_prefix(command, "EXAMINE") || g_str_has_prefix(command, "SELECT"))
		return "NO no such folder";
	else if (g_str_has_prefix(command, "UID SEARCH"))
		send_search(out, state, command);
	else if (g_str_has_prefix(command, "UID FETCH")) {
		state->fetches++;
		send_mail(out, state, (guint)g_ascii_strtoull(command + 10, NULL, 10) / 10);
	} else if (!g_str_has_prefix(command, "LOGOUT"))
		return "BAD unknown";
	return "OK done";
}

static void serve(int connection, State *state)
{
	FILE *in = fdopen(connection, "r"), *out = fdopen(dup(connection), "w");
	char line[1000];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fputs("* OK ready\r\n", out);
	fflush(out);
	while (fgets(line, sizeof(line), in)) {
		char *command = strchr(line, ' ');
		const char *end;

		if (!command)
			break;
		*command++ = '\0';
		end = answer(out, state, command);
		fprintf(out, "%s %s\r\n", line, end);
		if (fflush(out) != 0)
			break;
	}
	fclose(in);
	fclose(out);
}

/* Dies with the test, also when that has died before. */
static void accept_all(int listener, State *state, pid_t test)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != test)
		_exit(1);
	for (;;) {
		int connection = accept(listener, NULL, NULL);

		if (connection >= 0 && fork() == 0) {
			serve(connection, state);
			_exit(0);
		}
		close(connection);
	}
}

static Server server_start(in_addr_t host)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	Server server;
	pid_t test;

	address.sin_addr.s_addr = htonl(host);
	g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(listener, 10), ==, 0);
	g_assert_cmpint(getsockname(listener, (struct sockaddr *)&address, &length), ==, 0);
	server.port = ntohs(address.sin_port);
	server.state = mmap(NULL, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	server.state->validity = 77;
	test = getpid();
	server.pid = fork();
	if (!server.pid)
		accept_all(listener, server.state, test);
	close(listener);
	return server;
}

static void server_stop(Server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->state, sizeof(State));
}

typedef struct Fixture {
	Mail *mail;
	Server server;
	VfMailSourceConfig config;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
	gboolean foreign = data != NULL;

	fixture->mail = mail_new();
	fixture->server = server_start(INADDR_LOOPBACK + foreign);
	scratch_write("password", "secret\n");
	g_assert_cmpint(chmod("password", 0600), ==, 0);
	fixture->config =
		(VfMailSourceConfig){.type = (char *)"imap",
				     .name = (char *)"imap",
				     .user = (char *)"bot",
				     .password_file = (char *)"password",
				     .url = g_strdup_printf("imap://127.0.0.%d:%d/lists/media",
							    1 + foreign, fixture->server.port)};
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
	(void)data;
	server_stop(&fixture->server);
	g_free(fixture->config.url);
	mail_free(fixture->mail);
}

static void poll_ok(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	mail_poll(fixture->mail, &fixture->config, &error);
	g_assert_no_error(error);
}

static void poll_fails(Fixture *fixture, const char *end)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(mail_poll(fixture->mail, &fixture->config, &error));
	g_test_message("%s", error->message);
	g_assert_true(g_str_has_suffix(error->message, end));
}

static void test_incremental(Fixture *fixture, gconstpointer data)
{
	State *state = fixture->server.state;

	(void)data;
	fixture->config.days = 7;
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.mails, ==, 0);
	state->mails = 3;
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.kept, ==, 3);
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.mails, ==, 0);
	g_assert_cmpuint(state->fetches, ==, 3);
	state->mails = 4;
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.kept, ==, 1);
	g_assert_cmpuint(state->fetches, ==, 4);
	/* numbered anew: all again, all known */
	state->validity++;
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.known, ==, 4);
}

static void test_large(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->server.state->mails = 3;
	fixture->server.state->large = TRUE;
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.kept, ==, 2);
	g_assert_cmpuint(fixture->mail->counts.refused, ==, 1);
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.mails, ==, 0);
}

/* What was cut is not taken for a mail, and fetched the next time; what came before it stays. */
static void test_cut(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	(void)data;
	fixture->server.state->mails = 2;
	fixture->server.state->cut = 2;
	g_assert_false(mail_poll(fixture->mail, &fixture->config, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_cmpuint(fixture->mail->counts.kept, ==, 1);
	fixture->server.state->cut = 0;
	poll_ok(fixture);
	g_assert_cmpuint(fixture->mail->counts.kept, ==, 1);
}

static void test_refused(Fixture *fixture, gconstpointer data)
{
	(void)data;
	scratch_write("password", "wrong\n");
	g_assert_cmpint(chmod("password", 0600), ==, 0);
	poll_fails(fixture, ": the server refuses user and password (password)");
	g_assert_cmpint(chmod("password", 0644), ==, 0);
	poll_fails(fixture, "password_file: password: others may read it; chmod 600 password");
	g_unlink("password");
	poll_fails(fixture, "password_file: password: No such file or directory");
	g_assert_cmpuint(fixture->server.state->logins, ==, 1);
}

/* In clear text a password goes to this machine only. */
static void test_clear_text(Fixture *fixture, gconstpointer data)
{
	(void)data;
	poll_fails(fixture, "STARTTLS not available.");
	g_assert_cmpuint(fixture->server.state->logins, ==, 0);
}

static void test_url(Fixture *fixture, gconstpointer data)
{
	static const char *const urls[] = {
		"http://127.0.0.1/x",	    "imap://127.0.0.1/",
		"imap://127.0.0.1/x;UID=1", "imap://user:pw@127.0.0.1/x",
		"imap://127.0.0.1/%0d%0ax", "x",
	};

	(void)data;
	g_free(fixture->config.url);
	for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
		fixture->config.url = (char *)urls[i];
		poll_fails(fixture,
			   ": expected imaps://HOST/FOLDER with an ASCII name of the folder");
	}
	fixture->config.url = NULL;
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/mail/imap/incremental", Fixture, NULL, set_up, test_incremental, tear_down);
	g_test_add("/mail/imap/large", Fixture, NULL, set_up, test_large, tear_down);
	g_test_add("/mail/imap/cut", Fixture, NULL, set_up, test_cut, tear_down);
	g_test_add("/mail/imap/refused", Fixture, NULL, set_up, test_refused, tear_down);
	g_test_add("/mail/imap/clear-text", Fixture, "another machine", set_up, test_clear_text,
		   tear_down);
	g_test_add("/mail/imap/url", Fixture, NULL, set_up, test_url, tear_down);
	return g_test_run();
}
