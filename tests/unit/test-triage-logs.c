// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the patterns of kernels/ find in real consoles, data/triage/<architecture>/<what>.log,
 * against golden/triage/<architecture>.txt: class, reason and whether the guest is stopped, in the
 * order of the console.
 */
#include "golden.h"

#include "evidence/triage.h"
#include "paths.h"

static void add_findings(GString *out, const VfArch *arch, const char *directory, const char *log)
{
	g_autofree char *path = g_build_filename(directory, log, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(VfTriage) triage = NULL;
	gsize length;

	g_file_get_contents(path, &text, &length, &error);
	g_assert_no_error(error);
	triage = vf_triage_new(arch->triage, &error);
	g_assert_no_error(error);
	vf_triage_feed(triage, text, length);
	vf_triage_finish(triage);
	g_string_append_printf(out, "%s\n", log);
	for (guint i = 0; i < vf_triage_splats(triage)->len; i++) {
		const VfSplat *s = vf_triage_splats(triage)->pdata[i];

		g_string_append_printf(out, "\t%s: %s%s\n", s->class, s->reason,
				       s->fatal ? " [fatal]" : "");
	}
}

static gint compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *sorted_logs(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	GPtrArray *logs = g_ptr_array_new_with_free_func(g_free);

	for (const char *log; dir && (log = g_dir_read_name(dir));)
		g_ptr_array_add(logs, g_strdup(log));
	g_ptr_array_sort(logs, compare);
	return logs;
}

static void test_logs(void)
{
	g_auto(GStrv) names = vf_arch_names(VIFARM_SOURCE_DIR, NULL);

	for (char **name = names; *name; name++) {
		g_autofree char *directory =
			g_build_filename(VIFARM_SOURCE_DIR, "tests", "data", "triage", *name, NULL);
		g_autofree char *golden = g_strdup_printf("triage/%s.txt", *name);
		g_autoptr(GPtrArray) logs = sorted_logs(directory);
		g_autoptr(GString) found = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfArch) arch = vf_arch_load(VIFARM_SOURCE_DIR, *name, &error);

		g_assert_no_error(error);
		g_assert_cmpuint(logs->len, >, 0);
		for (guint i = 0; i < logs->len; i++)
			add_findings(found, arch, directory, logs->pdata[i]);
		golden_check(golden, found->str);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/triage-logs/golden", test_logs);
	return g_test_run();
}
