// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mailboxes of tests/mail: what is made of each (golden/mail), and what `git am` makes of the
 * series in the tree of tests/mail/base. However a mail program packs a change, the tree is the
 * same after it.
 */
#include <glib.h>

#include "golden.h"
#include "mail-tree.h"

static const struct {
	const char *name;
	gboolean applies; /* to tests/mail/base; otherwise to a kernel */
} mboxes[] = {
	{"send-email", TRUE}, {"b4", TRUE},	      {"mailers", TRUE},	 {"damage", TRUE},
	{"languages", TRUE},  {"revisions", TRUE},    {"incomplete", TRUE},	 {"files", TRUE},
	{"hostile", TRUE},    {"good-series", FALSE}, {"missing-vflush", FALSE},
};

static json_t *lines_of(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	json_t *array = json_array();

	for (guint i = 0; lines[i]; i++)
		json_array_append_new(array, json_string(lines[i]));
	return array;
}

/* {"tree": ..., "log": [...]}, or the error's text. */
static json_t *apply(const VfSeries *series)
{
	g_autofree char *tree = tree_apply_series(series), *log = NULL;

	if (!tree)
		return json_string("git am refuses it");
	log = tree_git("log", "--format=%an <%ae>: %s%n%b", NULL);
	return json_pack("{s:s, s:o}", "tree", tree, "log", lines_of(log));
}

static json_t *describe(Mail *mail, VfSeries *series, gboolean applies)
{
	g_autoptr(GError) error = NULL;
	json_t *json;

	vf_inbox_load(mail->inbox, series, &error);
	g_assert_no_error(error);
	json = vf_series_json(series);
	if (applies && series->state == VF_SERIES_COMPLETE)
		json_object_set_new(json, "applied", apply(series));
	return json;
}

static void test_mbox(gconstpointer data)
{
	gsize index = GPOINTER_TO_SIZE(data);
	const char *name = mboxes[index].name;
	g_autofree char *from = g_strdup_printf(MAIL_DIR "/%s.mbox", name);
	g_autofree char *path = g_strdup_printf("%s.mbox", name);
	const char *copy[] = {"cp", from, path, NULL};
	g_autofree char *golden = g_strdup_printf("mail/%s.json", name);
	g_autofree char *line = NULL;
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) series = NULL;
	json_auto_t *all = json_array();
	json_auto_t *whole = NULL;
	char *text;

	tree_make();
	tree_run(NULL, copy);
	mail_read(mail, "mbox", path);
	series = mail_series(mail, 2);
	for (guint i = 0; i < series->len; i++)
		json_array_append_new(all, describe(mail, series->pdata[i], mboxes[index].applies));
	whole = json_pack("{s:{s:i, s:i, s:i, s:i}, s:O, s:o}", "counts", "mails",
			  (int)mail->counts.mails, "known", (int)mail->counts.known, "kept",
			  (int)mail->counts.kept, "refused", (int)mail->counts.refused, "series",
			  all, "log", lines_of(mail->log->str));
	text = json_dumps(whole, JSON_INDENT(2) | JSON_SORT_KEYS);
	line = g_strconcat(text, "\n", NULL);
	free(text);
	golden_check(golden, line);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(mboxes); i++) {
		g_autofree char *path = g_strconcat("/mail/mboxes/", mboxes[i].name, NULL);

		g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_mbox);
	}
	return g_test_run();
}
