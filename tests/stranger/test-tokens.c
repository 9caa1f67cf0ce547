// SPDX-License-Identifier: GPL-2.0-or-later
/* A secret is read from a file of ours alone, and goes to the origin that it is for. */
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/secret.h"
#include "http-server.h"
#include "guest/lava/client.h"
#include "output/post/origin.h"
#include "output/post/sender.h"
#include "output/post/targets.h"
#include "scratch.h"

#define TOKEN "s3cret-t0ken"

static void write_mode(const char *name, const char *text, gssize length, int mode)
{
	g_assert_true(g_file_set_contents(name, text, length, NULL));
	g_assert_cmpint(chmod(name, (mode_t)mode), ==, 0);
}

static void test_modes(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	static const char nul[] = "a\0b\n";
	g_autofree char *large = g_strnfill(5000, 'x');
	const struct {
		const char *text;
		gssize length;
		int mode;
		const char *problem; /* NULL: it is good */
	} cases[] = {
		{TOKEN "\n", -1, 0600, NULL},
		{TOKEN, -1, 0400, NULL},
		{TOKEN "\r\n", -1, 0600, NULL},
		{TOKEN "\n", -1, 0644, "token: others may read it; chmod 600 token"},
		{TOKEN "\n", -1, 0640, "others may read it"},
		{TOKEN "\n", -1, 0604, "others may read it"},
		{TOKEN "\n", -1, 0620, "others may read it"},
		{TOKEN "\n", -1, 0601, "others may read it"},
		{"", -1, 0600, "token: expected one line"},
		{"\n", -1, 0600, "expected one line"},
		{TOKEN "\nX-Header: 1\n", -1, 0600, "expected one line"},
		{TOKEN "\rX-Header: 1\n", -1, 0600, "expected one line"},
		{nul, 4, 0600, "expected one line"},
		{large, -1, 0600, "larger than 4095 bytes"},
	};

	g_assert_nonnull(scratch);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *secret = NULL;

		g_unlink("token");
		write_mode("token", cases[i].text, cases[i].length, cases[i].mode);
		secret = vf_secret_read("token", &error);
		if (!cases[i].problem) {
			g_assert_no_error(error);
			g_assert_cmpstr(secret, ==, TOKEN);
			continue;
		}
		g_assert_null(secret);
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, cases[i].problem));
		g_assert_null(strstr(error->message, TOKEN));
	}
}

static void assert_refused(const char *path, const char *problem)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_secret_read(path, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, problem));
}

static void test_kinds(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	g_assert_nonnull(scratch);
	assert_refused("none", "none: No such file");
	/* nobody writes into it: it must not block */
	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	assert_refused("fifo", "fifo: not a regular file");
	g_assert_cmpint(g_mkdir("directory", 0700), ==, 0);
	assert_refused("directory", "directory: not a regular file");
	/* a link is as good as its target */
	write_mode("open", TOKEN "\n", -1, 0644);
	g_assert_cmpint(symlink("open", "link"), ==, 0);
	assert_refused("link", "link: others may read it");
	write_mode("other", TOKEN "\n", -1, 0600);
	if (geteuid() == 0) {
		g_assert_cmpint(chown("other", 65534, 65534), ==, 0);
		assert_refused("other", "other: belongs to user 65534; chown it to user 0");
	}
}

static void test_origins(void)
{
	static const struct {
		const char *a, *b;
		gboolean same;
	} cases[] = {
		{"https://h/a", "https://h/b?c#d", TRUE},
		{"https://H:443", "https://h/", TRUE},
		{"http://h:80/", "http://h", TRUE},
		{"https://h", "http://h", FALSE},
		{"https://h", "https://h:444", FALSE},
		{"https://h:80", "http://h:80", FALSE},
		{"https://h", "https://h.evil.org", FALSE},
		{"https://h", "https://h@evil.org", FALSE},
		{"https://h", "https://evil.org/https://h", FALSE},
		{"https://h", "//h", FALSE},
		{"https://h", "h", FALSE},
		{"https://h", "", FALSE},
		{"", "", FALSE},
		/* without a scheme it is a path */
		{"jobs/1/", "jobs/1/", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_assert_true(vf_origin_same(cases[i].a, cases[i].b) == cases[i].same);
		g_assert_true(vf_origin_same(cases[i].b, cases[i].a) == cases[i].same);
	}
}

typedef struct Farm {
	Scratch *scratch;
	VfSpool *spool;
	GPtrArray *targets;
} Farm;

static void farm_open(Farm *farm)
{
	farm->scratch = scratch_new();
	farm->spool = vf_spool_open("spool", NULL);
	farm->targets = NULL;
	write_mode("token", TOKEN "\n", -1, 0600);
}

/* The targets file: one webhook "there" at @url. */
static void farm_point(Farm *farm, const char *url)
{
	g_autofree char *text =
		g_strdup_printf("{\"targets\": {\"there\": {\"type\": \"webhook\", \"timeout\": 2, "
				"\"url\": \"%s\", \"token_file\": \"token\"}}}",
				url);
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&farm->targets, g_ptr_array_unref);
	farm->targets = vf_targets_parse(text, strlen(text), "targets.json", &error);
	g_assert_no_error(error);
}

static void farm_write(Farm *farm, const char *identity)
{
	const char *parts[] = {identity, NULL};
	const VfTarget *target = farm->targets->pdata[0];
	g_autoptr(VfLetter) letter = vf_target_letter(target, target->url, "application/json",
						      g_strdup("{}"), identity, parts);
	gboolean added;

	g_assert_true(vf_spool_add(farm->spool, letter, &added, NULL));
	g_assert_true(added);
}

static VfSent farm_round(Farm *farm)
{
	g_autoptr(GError) error = NULL;
	VfSent sent;

	vf_sender_round(farm->spool, farm->targets, &sent, &error);
	g_assert_no_error(error);
	return sent;
}

static char *farm_outcome(Farm *farm)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(farm->spool, VF_SPOOL_PENDING, NULL);

	g_assert_cmpuint(letters->len, ==, 1);
	return g_strdup(((VfLetter *)letters->pdata[0])->outcome);
}

static void farm_close(Farm *farm)
{
	g_ptr_array_unref(farm->targets);
	vf_spool_free(farm->spool);
	scratch_free(farm->scratch);
}

static const Action well[] = {ACT_OK};

static void test_open_token_file(void)
{
	g_autofree char *url = NULL, *outcome = NULL;
	Server server;
	Farm farm;

	farm_open(&farm);
	server_start(&server, well, 1, "{}");
	url = g_strdup_printf("http://127.0.0.1:%d", server.port);
	farm_point(&farm, url);
	farm_write(&farm, "one");
	g_assert_cmpint(chmod("token", 0644), ==, 0);
	g_assert_cmpuint(farm_round(&farm).waiting, ==, 1);
	g_assert_cmpint(server.seen->requests, ==, 0);
	outcome = farm_outcome(&farm);
	g_assert_cmpstr(outcome, ==,
			"target there: token_file: token: others may read it; chmod 600 token");
	server_stop(&server);
	farm_close(&farm);
}

/* Written for one server, sent when the target is another: neither gets it. */
static void test_moved_target(void)
{
	g_autofree char *old = NULL, *new = NULL, *outcome = NULL, *begin = NULL;
	Server before, after;
	VfSent sent;
	Farm farm;

	farm_open(&farm);
	server_start(&before, well, 1, "{}");
	server_start(&after, well, 1, "{}");
	old = g_strdup_printf("http://127.0.0.1:%d", before.port);
	new = g_strdup_printf("http://127.0.0.1:%d", after.port);
	farm_point(&farm, old);
	farm_write(&farm, "first");
	farm_point(&farm, new);
	farm_write(&farm, "second");
	sent = farm_round(&farm);
	g_assert_cmpint(before.seen->requests, ==, 0);
	/* the other letter to the target is not held up */
	g_assert_cmpint(after.seen->requests, ==, 1);
	g_assert_cmpuint(sent.sent, ==, 1);
	g_assert_cmpuint(sent.waiting, ==, 1);
	g_assert_cmpuint(sent.stuck, ==, 1);
	outcome = farm_outcome(&farm);
	begin = g_strdup_printf("not sent: it is for %s, but the target there is at %s; ", old,
				new);
	g_assert_true(g_str_has_prefix(outcome, begin));
	/* with the URL back it is sent */
	farm_point(&farm, old);
	g_assert_cmpuint(farm_round(&farm).sent, ==, 1);
	g_assert_cmpstr(before.seen->token[0], ==, "Bearer " TOKEN);
	server_stop(&before);
	server_stop(&after);
	farm_close(&farm);
}

static void test_redirect(void)
{
	static const Action actions[] = {ACT_REDIRECT, ACT_OK};
	g_autofree char *url = NULL;
	Server server;
	Farm farm;

	farm_open(&farm);
	server_start(&server, actions, 2, "{}");
	url = g_strdup_printf("http://127.0.0.1:%d", server.port);
	farm_point(&farm, url);
	farm_write(&farm, "one");
	g_assert_cmpuint(farm_round(&farm).waiting, ==, 1);
	g_assert_cmpint(server.seen->requests, ==, 1);
	server_stop(&server);
	farm_close(&farm);
}

/* A proxy would see the token of a target on this machine in clear text. */
static void test_proxy(void)
{
	static const char *const variables[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
	g_autofree char *proxy = NULL;
	Server server;
	Farm farm;

	farm_open(&farm);
	server_start(&server, well, 1, "{}");
	proxy = g_strdup_printf("http://127.0.0.1:%d", server.port);
	for (const char *const *name = variables; *name; name++)
		g_setenv(*name, proxy, TRUE);
	farm_point(&farm, "http://localhost:1");
	farm_write(&farm, "one");
	g_assert_cmpuint(farm_round(&farm).waiting, ==, 1);
	g_assert_cmpint(server.seen->requests, ==, 0);
	for (const char *const *name = variables; *name; name++)
		g_unsetenv(*name);
	server_stop(&server);
	farm_close(&farm);
}

static void test_bad_targets(void)
{
	static const struct {
		const char *url, *timeout, *message;
	} cases[] = {
		{"https://me:secret@h", "1", "url: a URL here holds no user or password"},
		{"http://localhost\\\\@evil.org/", "1", "url: a URL here holds no user"},
		{"http://localhost@evil.org/", "1", "url: a URL here holds no user"},
		{"https://h", "4294967296", "timeout: expected at most 3600 seconds"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf(
			"{\"targets\": {\"a\": {\"type\": \"webhook\", \"url\": \"%s\", "
			"\"timeout\": %s}}}",
			cases[i].url, cases[i].timeout);
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_targets_parse(text, strlen(text), "t.json", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		if (!strstr(error->message, cases[i].message))
			g_error("%s: %s", cases[i].url, error->message);
	}
}

static void on_lava(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_lava_get_finish(result, &error);

	g_main_loop_quit(data);
}

/* A path that a lab's answer can name is one of the lab's server. */
static void test_lab_path(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autofree char *url = NULL, *elsewhere = NULL;
	Server own, other;
	VfLab lab = {.name = (char *)"farm",
		     .token = {.file = (char *)"token"},
		     .verify = TRUE,
		     .timeout = 2,
		     .patience = 0};
	g_autoptr(VfLava) lava = NULL;

	write_mode("token", TOKEN "\n", -1, 0600);
	server_start(&own, well, 1, "{}");
	server_start(&other, well, 1, "{}");
	url = g_strdup_printf("http://127.0.0.1:%d/", own.port);
	elsewhere = g_strdup_printf("http://127.0.0.1:%d/jobs/", other.port);
	lab.url = url;
	lava = vf_lava_new(&lab, NULL);
	g_assert_nonnull(lava);
	vf_lava_get_async(lava, elsewhere, 0, NULL, on_lava, loop);
	g_main_loop_run(loop);
	g_assert_cmpint(own.seen->requests, ==, 1);
	g_assert_cmpint(other.seen->requests, ==, 0);
	g_clear_pointer(&lava, vf_lava_free);
	server_stop(&own);
	server_stop(&other);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tokens/modes", test_modes);
	g_test_add_func("/tokens/kinds", test_kinds);
	g_test_add_func("/tokens/origins", test_origins);
	g_test_add_func("/tokens/open-token-file", test_open_token_file);
	g_test_add_func("/tokens/moved-target", test_moved_target);
	g_test_add_func("/tokens/redirect", test_redirect);
	g_test_add_func("/tokens/proxy", test_proxy);
	g_test_add_func("/tokens/bad-targets", test_bad_targets);
	g_test_add_func("/tokens/lab-path", test_lab_path);
	return g_test_run();
}
