// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A LAVA server in a child process, as far as its REST interface is used, which misbehaves as it is
 * told. Its jobs wait, run and finish by the clock; their logs grow meanwhile.
 */
#pragma once

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "http-server.h"

enum { LAVA_JOBS_MAX = 512, LAVA_RULES_MAX = 16, LAVA_HANGING_MAX = 32 };

/* What a request gets instead of its answer. */
typedef enum {
	LAVA_500 = 1,
	LAVA_429,
	LAVA_403,
	LAVA_400_FIELD, /* the three shapes of 400 */
	LAVA_400_DETAIL,
	LAVA_400_MESSAGE,
	LAVA_HTML,
	LAVA_CUT,
	LAVA_RESET,
	LAVA_GARBAGE,
	LAVA_HUGE,
	LAVA_HANG,
	LAVA_REDIRECT,
	LAVA_NO_JSON,
	LAVA_ELSEWHERE, /* a page whose next one is on another server */
	LAVA_TAKE_500,	/* acts on the request, and then ... */
	LAVA_TAKE_RESET,
	LAVA_TAKE_CUT,
	LAVA_TAKE_HANG,
	LAVA_KILL,	/* kills the client before it has acted */
	LAVA_TAKE_KILL, /* and after */
} LavaAct;

typedef struct LavaRule {
	const char *request; /* part of "METHOD /path" */
	LavaAct act;
	int times;
} LavaRule;

typedef struct LavaJob {
	char name[256];
	gint64 submitted; /* monotonic */
	gboolean cancelled;
} LavaJob;

/* Shared with the server. */
typedef struct LavaState {
	pid_t victim;
	LavaRule rules[LAVA_RULES_MAX];
	int requests, posts, cancels, puts, bad_tokens;
	int jobs;
	LavaJob job[LAVA_JOBS_MAX];
	char last[512];		/* request line */
	char definition[65536]; /* of the last job */
	/* what jobs do; seconds */
	double queued, runs;
	int lines;	     /* of each log, spread over the time that it runs */
	int huge_line;	     /* this one is larger than any answer may be; 0: none */
	const char *health;  /* of a finished job */
	const char *failure; /* metadata of lava/job */
	char *log;	     /* instead of numbered lines; the server's own */
} LavaState;

typedef struct LavaServer {
	pid_t pid;
	int port;
	LavaState *state;
} LavaServer;

static int lava_hanging[LAVA_HANGING_MAX], lava_hung;

static inline double lava_age(const LavaJob *job)
{
	return (double)(g_get_monotonic_time() - job->submitted) / G_USEC_PER_SEC;
}

static inline const char *lava_word(const LavaState *s, const LavaJob *job)
{
	if (job->cancelled || lava_age(job) >= s->queued + s->runs)
		return "Finished";
	return lava_age(job) >= s->queued ? "Running" : "Submitted";
}

static inline json_t *lava_job_json(const LavaState *s, int id)
{
	const LavaJob *job = &s->job[id - 1];
	const char *word = lava_word(s, job);
	gboolean finished = !strcmp(word, "Finished");
	const char *health = job->cancelled ? "Canceled" : s->health;
	const char *device = *word == 'S' ? NULL : "device-01";

	return json_pack("{s:i, s:s, s:s, s:s, s:s?, s:s, s:s?, s:s?, s:s, s:s}", "id", id,
			 "description", job->name, "state", word, "health",
			 finished ? health : "Unknown", "actual_device", device, "submit_time",
			 "2026-11-22T07:24:58.000000Z", "start_time",
			 device ? "2026-11-22T07:24:58.500000Z" : NULL, "end_time",
			 finished ? "2026-11-22T07:25:13.500000Z" : NULL, "original_definition",
			 s->definition, "token", "per-job-secret");
}

static inline void lava_say_json(int fd, const char *status, json_t *value)
{
	g_autofree char *text = json_dumps(value, 0);

	json_decref(value);
	server_say(fd, status, "application/json", "", text);
}

static inline void lava_404(int fd)
{
	lava_say_json(fd, "404 Not Found", json_pack("{s:s}", "detail", "Not found."));
}

/* The part of @text behind @key, up to @end. Caller frees. */
static inline char *lava_part(const char *text, const char *key, const char *end)
{
	const char *at = strstr(text, key);

	return at ? g_strndup(at + strlen(key), strcspn(at + strlen(key), end)) : NULL;
}

static inline int lava_take_post(LavaState *s, const char *body)
{
	json_auto_t *object = json_loads(body, 0, NULL);
	const char *definition = json_string_value(json_object_get(object, "definition"));
	g_autofree char *name = lava_part(definition ?: "", "job_name: \"", "\"");
	LavaJob *job;

	g_assert_nonnull(name);
	g_assert_cmpint(s->jobs, <, LAVA_JOBS_MAX);
	job = &s->job[s->jobs++];
	g_strlcpy(job->name, name, sizeof(job->name));
	g_strlcpy(s->definition, definition, sizeof(s->definition));
	job->submitted = g_get_monotonic_time();
	return s->jobs;
}

static inline void lava_post(int fd, LavaState *s, const char *body)
{
	int id = lava_take_post(s, body);

	lava_say_json(fd, "201 Created",
		      json_pack("{s:s, s:[i]}", "message", "job(s) successfully submitted",
				"job_ids", id));
}

/* One member a page, so that pages are followed. */
static inline void lava_say_page(int fd, const char *request, json_t *all)
{
	g_autofree char *offset = lava_part(request, "offset=", "& "),
			*path = lava_part(request, "GET ", "? "), *host = g_malloc0(256),
			*next = NULL;
	gsize at = offset ? (gsize)atoi(offset) : 0;
	json_t *member = json_array_get(all, at);

	server_header(request, "Host: ", host, 256);
	if (at + 1 < json_array_size(all))
		next = g_strdup_printf("http://%s%s?limit=1&offset=%zu", host, path, at + 1);
	lava_say_json(fd, "200 OK",
		      json_pack("{s:i, s:s?, s:n, s:o}", "count", (int)json_array_size(all), "next",
				next, "previous", "results",
				member ? json_pack("[O]", member) : json_array()));
	json_decref(all);
}

static inline void lava_find(int fd, const LavaState *s, const char *request)
{
	g_autofree char *escaped = lava_part(request, "description=", "& "),
			*name = escaped ? g_uri_unescape_string(escaped, NULL) : NULL;
	json_t *found = json_array();

	for (int id = s->jobs; id > 0; id--)
		if (!name || !strcmp(s->job[id - 1].name, name))
			json_array_append_new(found, lava_job_json(s, id));
	lava_say_page(fd, request, found);
}

static inline void lava_append_line(GString *out, const LavaState *s, int number)
{
	if (number == s->huge_line) {
		g_autofree char *huge = g_strnfill(5 * 1024 * 1024, 'x');

		g_string_append_printf(out, "- {\"lvl\": \"target\", \"msg\": \"%s\"}\n", huge);
		return;
	}
	g_string_append_printf(out,
			       "- {\"dt\": \"2026-11-22T07:24:59\", \"lvl\": \"target\", "
			       "\"msg\": \"line %d\"}\n",
			       number);
}

static inline void lava_log(int fd, const LavaState *s, const LavaJob *job, const char *request)
{
	g_autofree char *start = lava_part(request, "start=", "& "),
			*end = lava_part(request, "end=", "& ");
	g_autoptr(GString) out = g_string_new(NULL);
	g_auto(GStrv) lines = s->log ? g_strsplit(s->log, "\n", -1) : NULL;
	int count = lines ? (int)g_strv_length(lines) - 1 : s->lines;
	double past = lava_age(job) - s->queued;
	double ran = past >= s->runs ? 1 : past / s->runs; /* finished: with the whole log */
	int have = ran > 0 ? (int)(ran * count) : 0;

	for (int i = atoi(start); i < MIN(have, atoi(end)); i++) {
		if (lines)
			g_string_append_printf(out, "%s\n", lines[i]);
		else
			lava_append_line(out, s, i + 1);
	}
	if (out->len)
		server_say(fd, "200 OK", "application/yaml", "", out->str);
	else
		lava_404(fd);
}

static inline void lava_tests(int fd, const LavaState *s, const char *request)
{
	json_t *all = json_pack(
		"[{s:i, s:s, s:s, s:i, s:s, s:s?}, {s:i, s:s, s:s, s:i}, {s:i, s:s, s:s, s:i}]",
		"id", 1, "name", "job", "result", "pass", "suite", 28, "measurement",
		"7.6600000000", "metadata", s->failure, "id", 2, "name", "mounts", "result", "pass",
		"suite", 29, "id", 3, "name", "pci", "result", "fail", "suite", 29);

	lava_say_page(fd, request, all);
}

static inline void lava_job_request(int fd, LavaState *s, int id, const char *rest,
				    const char *request)
{
	LavaJob *job = &s->job[id - 1];

	if (id < 1 || id > s->jobs)
		return lava_404(fd);
	if (g_str_has_prefix(rest, "cancel/")) {
		s->cancels++;
		job->cancelled = TRUE;
		lava_say_json(fd, "200 OK",
			      json_pack("{s:s}", "message", "Job cancel signal sent."));
	} else if (g_str_has_prefix(rest, "logs/")) {
		lava_log(fd, s, job, request);
	} else if (g_str_has_prefix(rest, "suites/")) {
		lava_say_page(fd, request,
			      json_pack("[{s:i, s:s}, {s:i, s:s}]", "id", 28, "name", "lava", "id",
					29, "name", "vifarm"));
	} else if (g_str_has_prefix(rest, "tests/")) {
		lava_tests(fd, s, request);
	} else {
		lava_say_json(fd, "200 OK", lava_job_json(s, id));
	}
}

static inline void lava_right(int fd, LavaState *s, const char *request)
{
	const char *body = strstr(request, "\r\n\r\n") + 4;
	const char *job = strstr(request, "/jobs/");
	char *rest = NULL;
	long id = job ? strtol(job + 6, &rest, 10) : 0;

	if (g_str_has_prefix(request, "PUT ")) {
		s->puts++;
		server_say(fd, "201 Created", "text/plain", "", "");
	} else if (g_str_has_prefix(request, "HEAD ")) {
		server_say(fd, "404 Not Found", "text/plain", "", "");
	} else if (g_str_has_prefix(request, "POST /api/v0.2/jobs/ ")) {
		lava_post(fd, s, body);
	} else if (strstr(request, "/system/")) {
		lava_say_json(fd, "200 OK", json_pack("{s:s}", "user", "vifarm"));
	} else if (job && rest > job + 6) {
		lava_job_request(fd, s, (int)id, rest + 1, request);
	} else if (job) {
		lava_find(fd, s, request);
	} else {
		lava_404(fd);
	}
}

static inline void lava_keep_hanging(int fd)
{
	if (lava_hung < LAVA_HANGING_MAX)
		lava_hanging[lava_hung++] = dup(fd);
}

static inline void lava_wrong(int fd, LavaState *s, LavaAct act, const char *request)
{
	static const char cut[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				  "Content-Length: 1000\r\n\r\n{\"id\":";
	const char *body = strstr(request, "\r\n\r\n") + 4;

	if (act == LAVA_TAKE_500 || act == LAVA_TAKE_RESET || act == LAVA_TAKE_CUT ||
	    act == LAVA_TAKE_HANG || act == LAVA_TAKE_KILL)
		lava_take_post(s, body);
	switch (act) {
	case LAVA_500:
	case LAVA_TAKE_500:
		server_say(fd, "500 Internal Server Error", "text/plain", "", "oh \x1b[31m no");
		break;
	case LAVA_429:
		server_say(fd, "429 Too Many Requests", "text/plain", "", "slowly");
		break;
	case LAVA_403:
		server_say(fd, "403 Forbidden", "application/json", "",
			   "{\"detail\":\"Invalid token.\"}");
		break;
	case LAVA_400_FIELD:
		server_say(fd, "400 Bad Request", "application/json", "",
			   "{\"definition\":[\"This field is required.\"]}");
		break;
	case LAVA_400_DETAIL:
		server_say(fd, "400 Bad Request", "application/json", "",
			   "{\"detail\":\"JSON parse error\"}");
		break;
	case LAVA_400_MESSAGE:
		server_say(fd, "400 Bad Request", "application/json", "",
			   "{\"message\":\"Devices unavailable:\\nnosuch\"}");
		break;
	case LAVA_HTML:
		server_say(fd, "200 OK", "text/html", "", "<html>please log in</html>");
		break;
	case LAVA_NO_JSON:
		server_say(fd, "200 OK", "application/json", "", "{\"id\": 1,");
		break;
	case LAVA_ELSEWHERE:
		server_say(fd, "200 OK", "application/json", "",
			   "{\"count\": 2, \"next\": \"http://example.org/api/v0.2/jobs/\", "
			   "\"results\": []}");
		break;
	case LAVA_CUT:
	case LAVA_TAKE_CUT:
		(void)!write(fd, cut, strlen(cut));
		break;
	case LAVA_RESET:
	case LAVA_TAKE_RESET:
		server_reset(fd);
		break;
	case LAVA_GARBAGE:
		(void)!write(fd, "\x01\x02 what?\r\n\r\n", 12);
		break;
	case LAVA_HUGE:
		server_flood(fd);
		break;
	case LAVA_HANG:
	case LAVA_TAKE_HANG:
		lava_keep_hanging(fd);
		break;
	case LAVA_REDIRECT:
		server_say(fd, "301 Moved Permanently", "text/html",
			   "Location: http://127.0.0.1:1/again\r\n", "");
		break;
	case LAVA_KILL:
	case LAVA_TAKE_KILL:
		kill(s->victim, SIGKILL);
		break;
	}
}

static inline LavaAct lava_rule(LavaState *s, const char *line)
{
	for (int i = 0; i < LAVA_RULES_MAX && s->rules[i].request; i++) {
		LavaRule *rule = &s->rules[i];

		if (!rule->times || !strstr(line, rule->request))
			continue;
		rule->times--;
		return rule->act;
	}
	return 0;
}

static inline void lava_serve(int fd, LavaState *s)
{
	GString *bytes = server_read(fd);
	g_autofree char *request = NULL, *line = NULL, *token = g_malloc0(256);
	LavaAct act;

	if (!bytes)
		return;
	request = g_string_free(bytes, FALSE);
	line = g_strndup(request, strcspn(request, "\r\n"));
	s->requests++;
	g_strlcpy(s->last, line, sizeof(s->last));
	if (g_str_has_prefix(line, "POST"))
		s->posts++;
	server_header(request, "Authorization: ", token, 256);
	if (strstr(line, "/api/") && strcmp(token, "Token t0ken-of-the-test"))
		s->bad_tokens++;
	act = lava_rule(s, line);
	if (act)
		lava_wrong(fd, s, act, request);
	else
		lava_right(fd, s, request);
}

static inline void lava_run(int listener, LavaState *state)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		lava_serve(fd, state);
		close(fd);
	}
}

/* @log: see LavaState. */
static inline LavaServer *lava_server_new(const char *log)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	LavaServer *server = g_new0(LavaServer, 1);

	g_assert_cmpint(bind(listener, (struct sockaddr *)&address, length), ==, 0);
	g_assert_cmpint(listen(listener, 64), ==, 0);
	getsockname(listener, (struct sockaddr *)&address, &length);
	server->port = ntohs(address.sin_port);
	server->state = mmap(NULL, sizeof(LavaState), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	server->state->health = "Complete";
	server->state->lines = 5;
	server->pid = fork();
	if (server->pid == 0) {
		server->state->log = (char *)log;
		lava_run(listener, server->state);
	}
	close(listener);
	return server;
}

static inline void lava_server_free(LavaServer *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->state, sizeof(LavaState));
	g_free(server);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LavaServer, lava_server_free)

/* The next requests whose line has @request in it are treated as @act says. */
static inline void lava_misbehave(LavaServer *server, const char *request, LavaAct act, int times)
{
	for (int i = 0; i < LAVA_RULES_MAX; i++) {
		LavaRule *rule = &server->state->rules[i];

		if (rule->request && rule->times)
			continue;
		*rule = (LavaRule){request, act, times};
		return;
	}
	g_assert_not_reached();
}
