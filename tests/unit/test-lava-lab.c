// SPDX-License-Identifier: GPL-2.0-or-later
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "guest/lava/lab.h"
#include "guest/lava/token.h"
#include "plan-fixture.h"

static const char lab_text[] =
	"{\"url\": \"https://lava.example.org/\", \"token\": {\"file\": \"token\"},"
	" \"artefacts\": {\"method\": \"put\", \"url\": \"https://files.example.org/v/\","
	" \"token\": {\"environment\": \"FILES_TOKEN\"}},"
	" \"visibility\": \"group\", \"groups\": [\"kernel\"], \"priority\": \"low\","
	" \"tags\": [\"fast\"], \"jobs\": 4, \"queue\": 60, \"patience\": 5,"
	" \"devices\": {"
	" \"alpha\": {\"kind\": \"qemu\", \"device_type\": \"qemu\","
	"  \"context\": {\"no_kvm\": \"true\"}},"
	" \"alpha/big\": {\"kind\": \"board\", \"device_type\": \"big-iron\","
	"  \"method\": \"u-boot\", \"commands\": \"ramdisk\", \"kernel_type\": \"zimage\","
	"  \"append\": \"console=ttyS0\", \"tags\": [\"x\"]}}}";

static void test_good(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLab) lab = vf_lab_parse(lab_text, strlen(lab_text), "a/farm.json", &error);
	const VfLabDevice *device;

	g_assert_no_error(error);
	g_assert_cmpstr(lab->name, ==, "farm");
	g_assert_cmpstr(lab->url, ==, "https://lava.example.org/");
	g_assert_cmpstr(lab->artefacts.url, ==, "https://files.example.org/v");
	g_assert_true(lab->artefacts.put);
	g_assert_true(lab->verify);
	g_assert_cmpuint(lab->jobs, ==, 4);
	g_assert_cmpuint(lab->queue, ==, 60);
	device = g_hash_table_lookup(lab->devices, "alpha/big");
	g_assert_cmpint(device->kind, ==, VF_LAB_BOARD);
	g_assert_cmpstr(device->kernel_type, ==, "zimage");
}

static const FixtureCase wrong[] = {
	{"url", "\"ftp://a/\"",
	 "url: expected an https:// URL (http:// only to this machine, or with \"tls\": \"none\")"},
	{"url", "\"http://lava.example.org/\"",
	 "url: expected an https:// URL (http:// only to this machine, or with \"tls\": \"none\")"},
	{"url", "\"https://me:secret@lava.example.org/\"",
	 "url: a URL here holds no user or password"},
	{"url", "\"https://lava.example.org/?a=b\"", "url: expected a URL without ? and #"},
	{"url", NULL, "url: expected a non-empty string, found nothing"},
	{"token.file", NULL, "token: expected either \"file\" or \"environment\""},
	{"token", "{\"file\": \"a\", \"environment\": \"B\"}",
	 "token: expected either \"file\" or \"environment\""},
	{"artefacts.method", "\"directory\"",
	 "artefacts.path: belongs to the method \"directory\" and is needed there"},
	{"artefacts.path", "\"/srv\"",
	 "artefacts.path: belongs to the method \"directory\" and is needed there"},
	{"artefacts.url", "\"file:///srv\"",
	 "artefacts.url: expected an https:// URL (http:// only to this machine, or with \"tls\": "
	 "\"none\")"},
	{"artefacts", "{\"method\": \"directory\", \"path\": \"srv\", \"url\": \"file:///srv\"}",
	 "artefacts.path: expected an absolute path"},
	{"groups", "[]", "groups: belongs to the visibility \"group\" and is needed there"},
	{"visibility", "\"public\"",
	 "groups: belongs to the visibility \"group\" and is needed "
	 "there"},
	{"devices", "{}", "devices: expected at least one device"},
	{"devices.alpha.context.extra_options", "\"-x\"",
	 "devices.alpha.context.extra_options: is made from the board's own description"},
	{"devices.alpha.append", "\"x\"", "devices.alpha.append: only for kind \"board\""},
	{"devices.alpha/big.method", NULL, "devices.alpha/big.method: is missing"},
	{"devices.alpha/big.append", NULL, "devices.alpha/big.append: is missing"},
};

static void test_wrong(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *text = fixture_edit(lab_text, wrong[i].path, wrong[i].value);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfLab) lab = vf_lab_parse(text, strlen(text), "lab.json", &error);
		g_autofree char *expected = g_strconcat("lab.json: ", wrong[i].message, NULL);

		g_assert_null(lab);
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, expected);
	}
}

static void test_missing_file(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_lab_load("nowhere.json", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "docs/lab-file.md"));
}

/* Hardware takes what needs neither the emulated chip nor the model. */
static void test_skip(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(VfLab) lab = vf_lab_parse(lab_text, strlen(lab_text), "farm.json", NULL);
	g_autoptr(VfPlan) plan = vf_plan_new(scratch->path, NULL, "all", NULL, "full", NULL);
	char *none[] = {NULL};
	guint seen = 0;

	for (guint i = 0; i < plan->tasks->len; i++) {
		const VfTask *task = plan->tasks->pdata[i];
		VfJob plain = *task->job;
		VfTask light = *task;
		g_autofree char *why = vf_lab_skip(lab, task), *other = NULL;

		plain.devices = none;
		light.job = &plain;
		other = vf_lab_skip(lab, &light);
		if (!strcmp(task->arch->name, "beta")) {
			g_assert_cmpstr(why, ==, "the lab farm has no device for beta/default");
		} else if (!strcmp(task->board->name, "big")) {
			g_assert_cmpstr(why, ==,
					"big-iron is hardware, the job needs the emulated chip");
			g_assert_cmpstr(other, ==,
					"big-iron is hardware, the job needs the coherence model");
			plain.model.present = FALSE;
			g_assert_null(vf_lab_skip(lab, &light));
			seen++;
		} else {
			g_assert_null(why);
		}
	}
	g_assert_cmpuint(seen, >, 0);
}

static const struct {
	const char *text;
	int mode;
	const char *problem; /* NULL: the token is good */
} tokens[] = {
	{"s3cret\n", 0600, NULL},
	{"s3cret", 0400, NULL},
	{"s3cret\n", 0644, "others may read it; chmod 600 token"},
	{"s3cret\n", 0640, "others may read it; chmod 600 token"},
	{"\n", 0600, "expected one line"},
	{"two words\n", 0600, "expected one word of printable ASCII"},
	{"two\nlines\n", 0600, "expected one line"},
};

static void test_token_file(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	VfLab lab = {.name = (char *)"farm", .token = {.file = (char *)"token"}};

	g_assert_nonnull(scratch);
	for (gsize i = 0; i < G_N_ELEMENTS(tokens); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *token = NULL;

		g_remove("token");
		scratch_write("token", tokens[i].text);
		g_assert_cmpint(g_chmod("token", tokens[i].mode), ==, 0);
		token = vf_lab_token(&lab, &lab.token, "token", &error);
		if (!tokens[i].problem) {
			g_assert_no_error(error);
			g_assert_cmpstr(token, ==, "s3cret");
			continue;
		}
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, tokens[i].problem));
		g_assert_null(strstr(error->message, "s3cret"));
	}
}

static void test_token_variable(void)
{
	VfLab lab = {.name = (char *)"farm", .token = {.environment = (char *)"VIFARM_TEST_TOKEN"}};
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;
	const VfLabToken none = {NULL};

	g_assert_null(vf_lab_token(&lab, &lab.token, "token", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "VIFARM_TEST_TOKEN is not set"));
	g_setenv("VIFARM_TEST_TOKEN", "abc", TRUE);
	token = vf_lab_token(&lab, &lab.token, "token", NULL);
	g_assert_cmpstr(token, ==, "abc");
	g_clear_error(&error);
	g_assert_null(vf_lab_token(&lab, &none, "token", &error));
	g_assert_no_error(error);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-lab/good", test_good);
	g_test_add_func("/lava-lab/wrong", test_wrong);
	g_test_add_func("/lava-lab/missing-file", test_missing_file);
	g_test_add_func("/lava-lab/skip", test_skip);
	g_test_add_func("/lava-lab/token-file", test_token_file);
	g_test_add_func("/lava-lab/token-variable", test_token_variable);
	return g_test_run();
}
