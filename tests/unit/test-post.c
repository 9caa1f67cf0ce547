// SPDX-License-Identifier: GPL-2.0-or-later
/* The spool and the sender against servers that misbehave and processes that are killed. */
#include "golden.h"
#include "http-server.h"
#include "output/post/policy.h"
#include "output/post/sender.h"
#include "results-fixture.h"

#define TOKEN	   "s3cret-t0ken"
#define CHECK_DONE "{\"id\": 1, \"state\": \"success\"}"
#define STATUS_OK  "{\"id\": \"x\", \"status\": \"ok\"}"

typedef struct Post {
	Fixture fixture;
	Server server;
	VfSpool *spool;
	GPtrArray *targets;
	json_t *results;
	char *token_file;
} Post;

/* One target "there" of @type at the server. */
static void post_open(Post *post, const char *type, const Action *actions, guint count,
		      const char *answer)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *spool = NULL, *text = NULL;
	const char *more = !strcmp(type, "squad")   ? ", \"group\": \"g\", \"project\": \"p p\""
			   : !strcmp(type, "kcidb") ? ", \"origin\": \"vifarm\""
						    : "";

	server_start(&post->server, actions, count, answer);
	fixture_open(&post->fixture);
	fixture_first_run(&post->fixture);
	post->results = vf_db_run_json(post->fixture.db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	post->token_file = g_build_filename(post->fixture.dir, "token", NULL);
	g_assert_true(g_file_set_contents_full(post->token_file, TOKEN "\n", -1,
					       G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	spool = g_build_filename(post->fixture.dir, "spool", NULL);
	post->spool = vf_spool_open(spool, &error);
	g_assert_no_error(error);
	text = g_strdup_printf("{\"targets\": {\"there\": {\"type\": \"%s\", \"timeout\": 1, "
			       "\"url\": \"http://127.0.0.1:%d/\", \"token_file\": \"%s\"%s}}}",
			       type, post->server.port, post->token_file, more);
	post->targets = vf_targets_parse(text, strlen(text), "targets.json", &error);
	g_assert_no_error(error);
}

static void post_close(Post *post)
{
	server_stop(&post->server);
	g_ptr_array_unref(post->targets);
	vf_spool_free(post->spool);
	json_decref(post->results);
	g_free(post->token_file);
	fixture_close(&post->fixture);
}

/* Spools what the target wants to have; returns how many letters are new. */
static guint post_write(Post *post, const VfPostOptions *options)
{
	g_autoptr(GPtrArray) letters =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_letter_free);
	g_autoptr(GError) error = NULL;
	const VfTarget *target = post->targets->pdata[0];
	guint count = 0;

	target->type->write(target, post->results, options, letters, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < letters->len; i++) {
		gboolean added;

		((VfLetter *)letters->pdata[i])->created = 1000 + i;
		g_assert_true(vf_spool_add(post->spool, letters->pdata[i], &added, &error));
		g_assert_no_error(error);
		count += added;
	}
	return count;
}

static VfSent post_round(Post *post)
{
	g_autoptr(GError) error = NULL;
	VfSent sent;

	vf_sender_round(post->spool, post->targets, &sent, &error);
	g_assert_no_error(error);
	return sent;
}

static guint count_in(Post *post, VfSpoolState state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) letters = vf_spool_list(post->spool, state, &error);

	g_assert_no_error(error);
	return letters->len;
}

static char *outcome_of(Post *post, VfSpoolState state)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(post->spool, state, NULL);

	g_assert_cmpuint(letters->len, >, 0);
	return g_strdup(((VfLetter *)letters->pdata[0])->outcome);
}

/* As if the time to wait were over. */
static void make_due(Post *post)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(post->spool, VF_SPOOL_PENDING, NULL);

	for (guint i = 0; i < letters->len; i++) {
		VfLetter *letter = letters->pdata[i];

		g_assert_cmpint(letter->due, >, g_get_real_time());
		letter->due = 0;
		g_assert_true(vf_spool_update(post->spool, letter, NULL));
	}
}

static const VfPostOptions nothing = {0};

static void test_delivery(void)
{
	static const struct {
		const char *type, *answer, *path, *token, *body;
		int letters;
	} cases[] = {
		{"webhook", "fine", "/", "Bearer " TOKEN, "{\"format\":\"vifarm-results\"", 1},
		{"kcidb", STATUS_OK, "/submit", "Bearer " TOKEN, "{\"version\":{\"major\":5", 1},
		{"squad", "", "/api/submit/g/p%20p/20260102-030405-aaaa/hppa", TOKEN,
		 "tests=%7B%22default%2Fboot%22%3A%22pass%22", 4},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Post post;
		const Action actions[] = {ACT_OK};
		VfSent sent;

		post_open(&post, cases[i].type, actions, 1, cases[i].answer);
		g_assert_cmpuint(post_write(&post, &nothing), ==, (guint)cases[i].letters);
		sent = post_round(&post);
		g_assert_cmpuint(sent.sent, ==, (guint)cases[i].letters);
		g_assert_cmpuint(sent.waiting + sent.dead, ==, 0);
		g_assert_cmpstr(post.server.seen->path[0], ==, cases[i].path);
		g_assert_cmpstr(post.server.seen->token[0], ==, cases[i].token);
		g_assert_true(g_str_has_prefix(post.server.seen->body[0], cases[i].body));
		/* the same run again is no new letter, and nothing is sent */
		g_assert_cmpuint(post_write(&post, &nothing), ==, 0);
		g_assert_cmpuint(post_round(&post).sent, ==, 0);
		g_assert_cmpint(post.server.seen->accepted, ==, cases[i].letters);
		post_close(&post);
	}
}

/* Whatever the server does, the letter stays, says why, and goes when the server is well again. */
static void test_misbehaviour(void)
{
	static const struct {
		Action action;
		const char *outcome;
	} cases[] = {
		{ACT_500, "status 500: oh \\x1b[31m no"},
		{ACT_503_LATER, "status 503: later"},
		{ACT_HANG, "timed out"},
		{ACT_CUT, "bytes remaining"},
		{ACT_HTML, "status 200, but an HTML page: <html>"},
		{ACT_REDIRECT, "status 302: the server redirects to http://127.0.0.1:"},
		{ACT_RESET, "reset by peer"},
		{ACT_HUGE, "larger than 1048576 bytes"},
		{ACT_GARBAGE, "http://127.0.0.1"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Post post;
		const Action actions[] = {cases[i].action, ACT_OK};
		g_autofree char *outcome = NULL;
		VfSent sent;

		post_open(&post, "kcidb", actions, 2, STATUS_OK);
		post_write(&post, &nothing);
		sent = post_round(&post);
		g_assert_cmpuint(sent.sent, ==, 0);
		g_assert_cmpuint(sent.waiting, ==, 1);
		g_assert_cmpint(sent.next, >, g_get_real_time());
		outcome = outcome_of(&post, VF_SPOOL_PENDING);
		if (!strstr(outcome, cases[i].outcome))
			g_error("action %d: %s", cases[i].action, outcome);
		g_assert_null(strpbrk(outcome, "\n\x1b"));
		/* not due yet: the server is left alone */
		g_assert_cmpuint(post_round(&post).waiting, ==, 1);
		g_assert_cmpint(post.server.seen->requests, ==, 1);
		make_due(&post);
		g_assert_cmpuint(post_round(&post).sent, ==, 1);
		g_assert_cmpuint(count_in(&post, VF_SPOOL_PENDING), ==, 0);
		g_assert_cmpuint(count_in(&post, VF_SPOOL_SENT), ==, 1);
		/* a server that had taken it sees the same key again */
		for (int k = 1; k < post.server.seen->accepted; k++)
			g_assert_cmpstr(post.server.seen->key[k], ==, post.server.seen->key[0]);
		post_close(&post);
	}
}

static void test_no_server(void)
{
	Post post;
	const Action actions[] = {ACT_OK};
	g_autofree char *outcome = NULL;

	post_open(&post, "webhook", actions, 1, "");
	post_write(&post, &nothing);
	kill(post.server.pid, SIGKILL);
	waitpid(post.server.pid, NULL, 0);
	g_assert_cmpuint(post_round(&post).waiting, ==, 1);
	outcome = outcome_of(&post, VF_SPOOL_PENDING);
	g_assert_nonnull(strstr(outcome, "connect"));
	post_close(&post);
}

/* KCIDB says 200 to much; only {"status": "ok"} counts. */
static void test_doubtful_answers(void)
{
	static const char *const answers[] = {"", "ok", "{\"status\": \"error\"}", "[1]", "{"};

	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
		Post post;
		const Action actions[] = {ACT_OK};

		post_open(&post, "kcidb", actions, 1, answers[i]);
		post_write(&post, &nothing);
		g_assert_cmpuint(post_round(&post).waiting, ==, 1);
		post_close(&post);
	}
}

static void test_dead_letter(void)
{
	static const Action refusals[] = {ACT_400, ACT_401};

	for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
		Post post;
		const Action actions[] = {refusals[i], ACT_OK};
		g_autoptr(GPtrArray) dead = NULL;
		VfSent sent;

		post_open(&post, "webhook", actions, 2, "");
		post_write(&post, &nothing);
		sent = post_round(&post);
		g_assert_cmpuint(sent.dead, ==, 1);
		dead = vf_spool_list(post.spool, VF_SPOOL_DEAD, NULL);
		g_assert_cmpuint(dead->len, ==, 1);
		/* dead is not gone: the same run is no new letter, and it can be taken up again */
		g_assert_cmpuint(post_write(&post, &nothing), ==, 0);
		g_assert_cmpuint(post_round(&post).sent, ==, 0);
		g_assert_true(vf_spool_move(post.spool, dead->pdata[0], VF_SPOOL_DEAD,
					    VF_SPOOL_PENDING, NULL));
		g_assert_cmpuint(post_round(&post).sent, ==, 1);
		g_assert_cmpint(post.server.seen->accepted, ==, 1);
		post_close(&post);
	}
}

static void test_gives_up(void)
{
	Post post;
	const Action actions[] = {ACT_500};

	post_open(&post, "webhook", actions, 1, "");
	post_write(&post, &nothing);
	for (int i = 1; i < VF_POST_ATTEMPTS_MAX; i++) {
		g_assert_cmpuint(post_round(&post).waiting, ==, 1);
		make_due(&post);
	}
	g_assert_cmpuint(post_round(&post).dead, ==, 1);
	g_assert_cmpuint(count_in(&post, VF_SPOOL_DEAD), ==, 1);
	g_assert_cmpint(post.server.seen->requests, ==, VF_POST_ATTEMPTS_MAX);
	post_close(&post);
}

/* A round in a process that the server kills at the moment that its action says. */
static void round_and_die(Post *post)
{
	pid_t pid;
	int go[2], status;
	char byte;

	g_assert_cmpint(pipe(go), ==, 0);
	pid = fork();
	if (pid == 0) {
		(void)!read(go[0], &byte, 1);
		post_round(post);
		_exit(0);
	}
	post->server.seen->victim = pid;
	g_assert_cmpint(write(go[1], "x", 1), ==, 1);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status));
	close(go[0]);
	close(go[1]);
}

static void assert_in_flight(Post *post)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(post->spool, VF_SPOOL_PENDING, NULL);

	g_assert_cmpuint(letters->len, ==, 1);
	g_assert_true(((VfLetter *)letters->pdata[0])->in_flight);
}

/* Killed after the letter was written and before it was sent: sent once, by the next process. */
static void test_killed_before_send(void)
{
	static const char *const types[] = {"webhook", "patchwork"};

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		Post post;
		const Action actions[] = {ACT_KILL_BEFORE, ACT_OK};
		char *patches[] = {(char *)"77", NULL};
		char *pending[] = {(char *)"hppa", NULL};
		const VfPostOptions options = {patches, pending, "tag"};

		post_open(&post, types[i], actions, 2, CHECK_DONE);
		g_assert_cmpuint(post_write(&post, &options), ==, 1);
		round_and_die(&post);
		assert_in_flight(&post);
		g_assert_cmpint(post.server.seen->accepted, ==, 0);
		g_assert_cmpuint(post_round(&post).sent, ==, 1);
		g_assert_cmpint(post.server.seen->accepted, ==, 1);
		post_close(&post);
	}
}

/* Killed after the server took it and before that was noted: Patchwork is asked, not told again. */
static void test_killed_before_mark(void)
{
	Post post;
	const Action actions[] = {ACT_KILL_AFTER, ACT_OK};
	char *patches[] = {(char *)"77", NULL};
	char *pending[] = {(char *)"hppa", NULL};
	const VfPostOptions options = {patches, pending, "tag"};
	g_autofree char *outcome = NULL;

	post_open(&post, "patchwork", actions, 2, CHECK_DONE);
	post_write(&post, &options);
	round_and_die(&post);
	assert_in_flight(&post);
	g_assert_cmpuint(post_round(&post).sent, ==, 1);
	g_assert_cmpint(post.server.seen->accepted, ==, 1);
	outcome = outcome_of(&post, VF_SPOOL_SENT);
	g_assert_cmpstr(outcome, ==, "found at the server");
	post_close(&post);
}

/* A webhook cannot be asked; it gets the same key again and can tell. */
static void test_killed_before_mark_webhook(void)
{
	Post post;
	const Action actions[] = {ACT_KILL_AFTER, ACT_OK};

	post_open(&post, "webhook", actions, 2, "");
	post_write(&post, &nothing);
	round_and_die(&post);
	g_assert_cmpuint(post_round(&post).sent, ==, 1);
	g_assert_cmpint(post.server.seen->accepted, ==, 2);
	g_assert_cmpstr(post.server.seen->key[0], ==, post.server.seen->key[1]);
	g_assert_cmpuint(strlen(post.server.seen->key[0]), ==, 64);
	post_close(&post);
}

/* Between the two halves of the move: in sent/ already, in pending/ still. */
static void test_killed_in_move(void)
{
	Post post;
	const Action actions[] = {ACT_OK};
	g_autoptr(GPtrArray) letters = NULL;
	g_autofree char *spool = NULL;
	g_autoptr(GError) error = NULL;

	post_open(&post, "webhook", actions, 1, "");
	post_write(&post, &nothing);
	letters = vf_spool_list(post.spool, VF_SPOOL_PENDING, NULL);
	post_round(&post);
	g_assert_true(vf_spool_update(post.spool, letters->pdata[0], NULL));
	g_assert_cmpuint(count_in(&post, VF_SPOOL_PENDING), ==, 1);
	vf_spool_free(post.spool);
	spool = g_build_filename(post.fixture.dir, "spool", NULL);
	post.spool = vf_spool_open(spool, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(count_in(&post, VF_SPOOL_PENDING), ==, 0);
	post_round(&post);
	g_assert_cmpint(post.server.seen->accepted, ==, 1);
	post_close(&post);
}

/* A verdict never overtakes the announcement before it. */
static void test_order(void)
{
	Post post;
	const Action actions[] = {ACT_500, ACT_OK};
	char *patches[] = {(char *)"77", (char *)"78", NULL};
	char *pending[] = {(char *)"hppa", NULL};
	const VfPostOptions options = {patches, pending, "tag"};

	post_open(&post, "patchwork", actions, 2, CHECK_DONE);
	g_assert_cmpuint(post_write(&post, &options), ==, 2);
	g_assert_cmpuint(post_round(&post).waiting, ==, 2);
	g_assert_cmpint(post.server.seen->requests, ==, 1);
	{
		g_autoptr(GPtrArray) letters = vf_spool_list(post.spool, VF_SPOOL_PENDING, NULL);
		VfLetter *first = letters->pdata[0];

		first->due = 0;
		g_assert_true(vf_spool_update(post.spool, first, NULL));
	}
	g_assert_cmpuint(post_round(&post).sent, ==, 2);
	g_assert_cmpstr(post.server.seen->path[0], ==, "/api/1.2/patches/77/checks/");
	g_assert_cmpstr(post.server.seen->path[1], ==, "/api/1.2/patches/78/checks/");
	post_close(&post);
}

static void test_patchwork_states(void)
{
	Post post;
	const Action actions[] = {ACT_OK};
	char *patches[] = {(char *)"77", NULL};
	const VfPostOptions options = {patches, NULL, NULL};
	g_autoptr(GString) text = g_string_new(NULL);

	post_open(&post, "patchwork", actions, 1, CHECK_DONE);
	post_write(&post, &options);
	post_round(&post);
	for (int i = 0; i < post.server.seen->accepted; i++)
		g_string_append_printf(text, "%s\n%s\n", post.server.seen->path[i],
				       post.server.seen->body[i]);
	golden_check("results/patchwork.txt", text->str);
	post_close(&post);
}

static gboolean mentions(const char *directory, const char *text)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	gboolean found = FALSE;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *contents = NULL;

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			found |= mentions(path, text);
		else if (g_file_get_contents(path, &contents, NULL, NULL))
			found |= strstr(contents, text) != NULL;
	}
	return found;
}

static void test_token_stays_out(void)
{
	Post post;
	const Action actions[] = {ACT_401, ACT_500};
	g_autofree char *spool = NULL;

	post_open(&post, "webhook", actions, 2, "");
	post_write(&post, &nothing);
	post_round(&post);
	spool = g_build_filename(post.fixture.dir, "spool", NULL);
	g_assert_true(mentions(spool, "status 401"));
	g_assert_false(mentions(spool, TOKEN));
	post_close(&post);
}

static void test_two_senders(void)
{
	Post post;
	const Action actions[] = {ACT_OK};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLock) lock = NULL;
	VfSent sent;

	post_open(&post, "webhook", actions, 1, "");
	post_write(&post, &nothing);
	lock = vf_spool_lock(post.spool, &error);
	g_assert_nonnull(lock);
	g_assert_false(vf_sender_round(post.spool, post.targets, &sent, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_cmpint(post.server.seen->requests, ==, 0);
	post_close(&post);
}

static void test_delay(void)
{
	g_assert_cmpfloat(vf_sender_delay(1, 0.5, 0), ==, 30);
	g_assert_cmpfloat(vf_sender_delay(1, 0, 0), ==, 15);
	g_assert_cmpfloat(vf_sender_delay(1, 1, 0), ==, 45);
	g_assert_cmpfloat(vf_sender_delay(3, 0.5, 0), ==, 120);
	g_assert_cmpfloat(vf_sender_delay(100, 0.5, 0), ==, 6 * 3600);
	g_assert_cmpfloat(vf_sender_delay(1, 0.5, 7200), ==, 7200);
	g_assert_cmpuint(vf_http_retry_after("120"), ==, 120);
	g_assert_cmpuint(vf_http_retry_after("-1"), ==, 0);
	g_assert_cmpuint(vf_http_retry_after("99999999999"), ==, 0);
	g_assert_cmpuint(vf_http_retry_after("Fri, 31 Dec 1999 23:59:59 GMT"), ==, 0);
}

static void test_bad_targets(void)
{
	static const struct {
		const char *target, *message;
	} cases[] = {
		{"{\"type\": \"webhook\"}", "url"},
		{"{\"type\": \"fax\", \"url\": \"https://x\"}", "expected one of webhook, kcidb"},
		{"{\"type\": \"webhook\", \"url\": \"http://example.org\"}",
		 "expected an https://"},
		{"{\"type\": \"webhook\", \"url\": \"file:///etc/passwd\"}",
		 "expected an https://"},
		{"{\"type\": \"webhook\", \"url\": \"http://localhost.evil.org/\"}", "https://"},
		{"{\"type\": \"kcidb\", \"url\": \"https://x\"}", "origin: is missing"},
		{"{\"type\": \"kcidb\", \"url\": \"https://x\", \"origin\": \"A\"}", "lower-case"},
		{"{\"type\": \"squad\", \"url\": \"https://x\", \"group\": \"g\"}", "project"},
		{"{\"type\": \"patchwork\", \"url\": \"https://x\"}", "token_file: is missing"},
		{"{\"type\": \"webhook\", \"url\": \"https://x\", \"group\": \"g\"}",
		 "only for type"},
		{"{\"type\": \"webhook\", \"url\": \"https://x\", \"colour\": 1}", "colour"},
		{"{\"type\": \"webhook\", \"url\": \"https://x\", \"timeout\": 0}", "timeout"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
			g_strdup_printf("{\"targets\": {\"one\": %s}}", cases[i].target);
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_targets_parse(text, strlen(text), "t.json", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		if (!strstr(error->message, cases[i].message) ||
		    !g_str_has_prefix(error->message, "t.json: targets.one"))
			g_error("%s: %s", cases[i].target, error->message);
	}
}

static void test_policy(void)
{
	static const char good[] =
		"{\"pass\": \"success\", \"fail\": \"fail\", \"flaky\": \"warning\", \"error\": "
		"\"nothing\", \"miss\": \"nothing\", \"skip\": \"nothing\", \"build_fail\": "
		"\"fail\"}";
	static const char bad[] = "{\"pass\": \"green\"}";
	g_autoptr(GError) error = NULL;
	g_autoptr(VfPolicy) policy = vf_policy_parse(good, strlen(good), "p.json", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(policy->fail, ==, "fail");
	g_assert_null(policy->error);
	g_assert_null(vf_policy_parse(bad, strlen(bad), "p.json", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_nonnull(strstr(error->message, "pass"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/post/delivery", test_delivery);
	g_test_add_func("/post/misbehaviour", test_misbehaviour);
	g_test_add_func("/post/no-server", test_no_server);
	g_test_add_func("/post/doubtful-answers", test_doubtful_answers);
	g_test_add_func("/post/dead-letter", test_dead_letter);
	g_test_add_func("/post/gives-up", test_gives_up);
	g_test_add_func("/post/killed-before-send", test_killed_before_send);
	g_test_add_func("/post/killed-before-mark", test_killed_before_mark);
	g_test_add_func("/post/killed-before-mark-webhook", test_killed_before_mark_webhook);
	g_test_add_func("/post/killed-in-move", test_killed_in_move);
	g_test_add_func("/post/order", test_order);
	g_test_add_func("/post/patchwork-states", test_patchwork_states);
	g_test_add_func("/post/token-stays-out", test_token_stays_out);
	g_test_add_func("/post/two-senders", test_two_senders);
	g_test_add_func("/post/delay", test_delay);
	g_test_add_func("/post/bad-targets", test_bad_targets);
	g_test_add_func("/post/policy", test_policy);
	return g_test_run();
}
