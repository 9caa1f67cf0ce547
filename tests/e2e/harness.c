// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "paths.h"

Farm *farm_new(void)
{
	Farm *farm = g_new0(Farm, 1);
	g_autoptr(GError) error = NULL;

	farm->state = g_dir_make_tmp("vifarm-test-XXXXXX", &error);
	g_assert_no_error(error);
	return farm;
}

void farm_free(Farm *farm)
{
	if (!farm)
		return;
	vf_dirs_remove(farm->state, NULL);
	g_free(farm->state);
	g_free(farm->data);
	g_free(farm);
}

void farm_copy_data(Farm *farm)
{
	static const char *const parts[] = {"kernels", "jobs", "rootfs", "patches", "machine"};

	farm->data = g_build_filename(farm->state, "data", NULL);
	g_mkdir_with_parents(farm->data, 0755);
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *from = g_build_filename(VIFARM_SOURCE_DIR, parts[i], NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(GSubprocess) cp = g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, &error, "cp",
							     "-a", from, farm->data, NULL);

		g_assert_no_error(error);
		g_subprocess_wait_check(cp, NULL, &error);
		g_assert_no_error(error);
	}
}

static void copy_file(const char *from, const char *directory, const char *name)
{
	g_autofree char *target = g_build_filename(directory, name, NULL);
	g_autofree char *text = NULL;
	gsize length;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(from, &text, &length, &error);
	g_assert_no_error(error);
	g_file_set_contents(target, text, (gssize)length, &error);
	g_assert_no_error(error);
}

void farm_add_misbehave(Farm *farm)
{
	g_autofree char *rootfs = NULL;
	g_autofree char *jobs = NULL;
	g_autofree char *manifest = NULL;
	json_t *files;

	farm_copy_data(farm);
	rootfs = g_build_filename(farm->data, "rootfs", NULL);
	jobs = g_build_filename(farm->data, "jobs", NULL);
	manifest = g_build_filename(rootfs, "manifest.json", NULL);
	copy_file(VIFARM_SOURCE_DIR "/tests/e2e/guest/misbehave.c", rootfs, "misbehave.c");
	copy_file(VIFARM_SOURCE_DIR "/tests/e2e/guest/misbehave.json", jobs, "misbehave.json");
	files = json_load_file(manifest, 0, NULL);
	g_assert_nonnull(files);
	json_array_append_new(files, json_pack("{s:s, s:[s]}", "path", "/bin/misbehave", "source",
					       "misbehave.c"));
	g_assert_cmpint(json_dump_file(files, manifest, 0), ==, 0);
	json_decref(files);
}

void outcome_free(Outcome *outcome)
{
	if (!outcome)
		return;
	g_free(outcome->out);
	g_free(outcome->err);
	g_free(outcome);
}

static GSubprocess *start(Farm *farm, va_list words)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_autoptr(GError) error = NULL;
	GSubprocess *process;
	const char *word;

	g_ptr_array_add(argv, (char *)ORCHESTRATOR);
	while ((word = va_arg(words, const char *)))
		g_ptr_array_add(argv, (char *)word);
	g_ptr_array_add(argv, NULL);
	g_subprocess_launcher_setenv(launcher, "XDG_STATE_HOME", farm->state, TRUE);
	if (farm->data)
		g_subprocess_launcher_setenv(launcher, "VIFARM_DATA", farm->data, TRUE);
	process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
	g_assert_no_error(error);
	return process;
}

GSubprocess *farm_start(Farm *farm, ...)
{
	GSubprocess *process;
	va_list words;

	va_start(words, farm);
	process = start(farm, words);
	va_end(words);
	return process;
}

Outcome *farm_wait(GSubprocess *process)
{
	Outcome *outcome = g_new0(Outcome, 1);
	gint64 started = g_get_monotonic_time();
	g_autoptr(GBytes) out = NULL;
	g_autoptr(GBytes) err = NULL;
	g_autoptr(GError) error = NULL;

	g_subprocess_communicate(process, NULL, NULL, &out, &err, &error);
	g_assert_no_error(error);
	outcome->out = g_strndup(g_bytes_get_data(out, NULL), g_bytes_get_size(out));
	outcome->err = g_strndup(g_bytes_get_data(err, NULL), g_bytes_get_size(err));
	outcome->status = g_subprocess_get_if_exited(process)
				  ? g_subprocess_get_exit_status(process)
				  : 128 + g_subprocess_get_term_sig(process);
	outcome->seconds = (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC;
	g_test_message("exit %d after %.1f s\n%s", outcome->status, outcome->seconds, outcome->err);
	return outcome;
}

Outcome *farm_call(Farm *farm, ...)
{
	g_autoptr(GSubprocess) process = NULL;
	va_list words;

	va_start(words, farm);
	process = start(farm, words);
	va_end(words);
	return farm_wait(process);
}

/* Calls @found for each process whose argv[0] is a QEMU and whose command line has @text. */
static int find_qemu(const char *text, guint *count)
{
	g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
	const char *name;
	int pid = 0;

	*count = 0;
	while (proc && (name = g_dir_read_name(proc))) {
		g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL);
		g_autofree char *line = NULL;
		gsize length;

		if (!g_ascii_isdigit(name[0]) || !g_file_get_contents(path, &line, &length, NULL))
			continue;
		if (!length || !strstr(line, "qemu-system-"))
			continue;
		for (gsize i = 0; i + 1 < length; i++)
			if (!line[i])
				line[i] = ' ';
		if (!strstr(line, text))
			continue;
		pid = atoi(name);
		(*count)++;
	}
	return pid;
}

int qemu_wait(const char *text, guint seconds)
{
	for (guint i = 0; i < seconds * 20; i++) {
		guint count;
		int pid = find_qemu(text, &count);

		if (pid)
			return pid;
		g_usleep(50000);
	}
	return 0;
}

guint qemu_count(const char *text)
{
	guint count;

	find_qemu(text, &count);
	return count;
}

json_t *outcome_json(const Outcome *outcome)
{
	json_error_t error;
	json_t *results = json_loads(outcome->out, 0, &error);

	if (!results)
		g_error("no JSON on stdout: %s\n%s\n%s", error.text, outcome->out, outcome->err);
	return results;
}

json_t *results_test(json_t *results, const char *name)
{
	json_t *tests = json_object_get(results, "tests"), *test;
	gsize i;

	json_array_foreach (tests, i, test) {
		const char *have = json_string_value(json_object_get(test, "name"));

		if (have && !strcmp(have, name))
			return test;
	}
	g_error("results have no test %s", name);
}

const char *results_status(json_t *results, const char *name)
{
	return json_string_value(json_object_get(results_test(results, name), "status"));
}

const char *results_reason(json_t *results, const char *name)
{
	return json_string_value(json_object_get(results_test(results, name), "reason"));
}

void assert_contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		g_error("expected \"%s\" in:\n%s", part, text ? text : "(null)");
}
