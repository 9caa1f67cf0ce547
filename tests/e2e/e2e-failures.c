// SPDX-License-Identifier: GPL-2.0-or-later
/* What must happen when things go wrong: with real kernels, guests and signals. */
#include "harness.h"

#include <signal.h>
#include <string.h>

#include "base/dirs.h"
#include "paths.h"

#define HPPA	  "--arch", "hppa", "--board", "default"
#define HPPA_BOOT "hppa/default/boot/full"
#define X86_BOOT  "x86_64/default/boot/full"
#define MISBEHAVE "hppa/default/misbehave/full"

static void expect_usage(const char *option, const char *value, const char *part)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = farm_call(farm, "run", option, value, NULL);

	g_assert_cmpint(outcome->status, ==, 64);
	assert_contains(outcome->err, part);
	g_assert_null(strchr(g_strchomp(outcome->err), '\n'));
}

static void test_unknown_names(void)
{
	expect_usage("--arch", "vax", "hppa, mips64, sparc64");
	expect_usage("--job", "nosuch", "boot");
	expect_usage("--variant", "nosuch", "full");
	expect_usage("--board", "nosuch", "default");
}

static void replace_in(const char *path, const char *from, const char *to)
{
	g_autofree char *text = NULL;
	g_autoptr(GString) changed = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &text, NULL, &error);
	g_assert_no_error(error);
	changed = g_string_new(text);
	g_assert_cmpuint(g_string_replace(changed, from, to, 1), ==, 1);
	g_file_set_contents(path, changed->str, -1, &error);
	g_assert_no_error(error);
}

static void test_malformed_arch(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *path = NULL;
	g_autoptr(Outcome) outcome = NULL;

	farm_copy_data(farm);
	path = g_build_filename(farm->data, "kernels", "hppa", "arch.json", NULL);
	replace_in(path, "\"page_size\"", "\"page_sise\"");
	outcome = farm_call(farm, "run", "--arch", "all", NULL);
	g_assert_cmpint(outcome->status, ==, 64);
	assert_contains(outcome->err, "hppa/arch.json");
	assert_contains(outcome->err, "page_sise");
}

/* @from: a program's name in arch.json, which is made one that nobody has. */
static void expect_missing(const char *from, const char *package)
{
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *path = NULL;
	g_autoptr(Outcome) outcome = NULL;
	g_autofree char *broken = g_strdup_printf("nosuch-%s", from);
	json_t *results;

	farm_copy_data(farm);
	path = g_build_filename(farm->data, "kernels", "hppa", "arch.json", NULL);
	replace_in(path, from, broken);
	outcome = farm_call(farm, "run", "--arch", "hppa,x86_64", "--board", "default", "--job",
			    "boot", "--format", "json", NULL);
	results = outcome_json(outcome);
	g_assert_cmpint(outcome->status, ==, 2);
	g_assert_cmpstr(results_status(results, HPPA_BOOT), ==, "MISS");
	assert_contains(results_reason(results, HPPA_BOOT), package);
	g_assert_cmpstr(results_status(results, X86_BOOT), ==, "PASS");
	json_decref(results);
}

static void test_missing_compiler(void)
{
	expect_missing("hppa-linux-gnu-\"", "gcc-hppa-linux-gnu");
}

static void test_missing_qemu(void)
{
	expect_missing("qemu-system-hppa", "qemu-system-misc");
}

static void expect_build_failure(const char *mutant, const char *part1, const char *part2)
{
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *path =
		g_build_filename(VIFARM_SOURCE_DIR, "tests", "data", "mutants", mutant, NULL);
	g_autoptr(Outcome) outcome = farm_call(farm, "run", HPPA, "--job", "boot", "--mutant", path,
					       "--format", "json", NULL);
	json_t *results = outcome_json(outcome);

	g_assert_cmpint(outcome->status, ==, 1);
	g_assert_cmpstr(results_status(results, HPPA_BOOT), ==, "FAIL");
	assert_contains(results_reason(results, HPPA_BOOT), part1);
	assert_contains(results_reason(results, HPPA_BOOT), part2);
	json_decref(results);
}

static void test_patch_does_not_apply(void)
{
	expect_build_failure("does-not-apply.patch", "does-not-apply.patch", "saa7146_core.c");
}

static void test_does_not_compile(void)
{
	expect_build_failure("does-not-compile.patch", "saa7146_core.c", "error:");
}

static void test_panic(gconstpointer data)
{
	const char *arch = data;
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *name = g_strdup_printf("%s/default/boot/full", arch);
	g_autoptr(Outcome) outcome =
		farm_call(farm, "run", "--arch", arch, "--board", "default", "--job", "boot",
			  "--append", "rdinit=/nonexistent", "--format", "json", NULL);
	json_t *results = outcome_json(outcome);
	json_t *attempts = json_object_get(results_test(results, name), "attempts"), *attempt;
	gsize i;

	g_assert_cmpint(outcome->status, ==, 1);
	g_assert_cmpstr(results_status(results, name), ==, "FAIL");
	assert_contains(results_reason(results, name), "panic");
	json_array_foreach (attempts, i, attempt)
		g_assert_cmpfloat(json_number_value(json_object_get(attempt, "seconds")), <, 25);
	json_decref(results);
}

typedef struct Misbehaviour {
	const char *mode, *status, *reason;
	int exit;
} Misbehaviour;

static const Misbehaviour misbehaviours[] = {
	{"good", "PASS", "", 0},
	{"silent", "FAIL", "silent for 8 s", 1},
	{"hold", "FAIL", "timeout after 15 s", 1},
	{"vanish", "ERROR", "without end marker", 2},
	{"truncated", "ERROR", "", 2},
	{"plan", "ERROR", "", 2},
	{"binary", "ERROR", "", 2},
	{"nothing", "ERROR", "", 2},
	{"crash", "ERROR", "", 2},
	{"status", "ERROR", "", 2},
	{"panic", "FAIL", "panic", 1},
};

static void test_misbehave(gconstpointer data)
{
	const Misbehaviour *m = data;
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *append = g_strdup_printf("vifarm.mode=%s", m->mode);
	g_autoptr(Outcome) outcome = NULL;
	json_t *results;

	farm_add_misbehave(farm);
	outcome = farm_call(farm, "run", HPPA, "--job", "misbehave", "--append", append,
			    "--timeout", "15", "--format", "json", NULL);
	results = outcome_json(outcome);
	g_assert_cmpstr(results_status(results, MISBEHAVE), ==, m->status);
	assert_contains(results_reason(results, MISBEHAVE), m->reason);
	g_assert_cmpint(outcome->status, ==, m->exit);
	json_decref(results);
}

/* Starts a guest that goes on until it is stopped; @tag finds its QEMU. */
static GSubprocess *start_endless(Farm *farm, const char *tag)
{
	g_autofree char *append = g_strdup_printf("vifarm.mode=hold %s", tag);

	farm_add_misbehave(farm);
	return farm_start(farm, "run", HPPA, "--job", "misbehave", "--append", append, "--timeout",
			  "15", "--format", "json", NULL);
}

static void test_qemu_killed(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process = start_endless(farm, "killme");
	g_autoptr(Outcome) outcome = NULL;
	json_t *results, *attempts;
	int pid = qemu_wait("killme", 60);

	g_assert_cmpint(pid, >, 0);
	g_usleep(3 * G_USEC_PER_SEC);
	kill(pid, SIGKILL);
	outcome = farm_wait(process);
	results = outcome_json(outcome);
	attempts = json_object_get(results_test(results, MISBEHAVE), "attempts");
	g_assert_cmpuint(json_array_size(attempts), ==, 2);
	g_assert_cmpstr(json_string_value(json_object_get(json_array_get(attempts, 0), "status")),
			==, "MISS");
	json_decref(results);
}

static void test_interrupt(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process = farm_start(farm, "run", HPPA, "--job", "boot", "--append",
						    "vifarm.hold=1 interruptme", NULL);
	g_autoptr(Outcome) outcome = NULL;

	g_assert_cmpint(qemu_wait("interruptme", 60), >, 0);
	g_subprocess_send_signal(process, SIGINT);
	outcome = farm_wait(process);
	g_assert_cmpint(outcome->status, ==, 130);
	g_assert_cmpuint(qemu_count("interruptme"), ==, 0);
}

static void test_killed_orchestrator(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) first = farm_call(farm, "run", HPPA, "--job", "boot", NULL);
	g_autoptr(GSubprocess) process = start_endless(farm, "orphanme");
	g_autoptr(Outcome) killed = NULL;
	g_autoptr(Outcome) next = NULL;
	g_autoptr(Outcome) runs = NULL;
	json_t *list;

	g_assert_cmpint(first->status, ==, 0);
	g_assert_cmpint(qemu_wait("orphanme", 60), >, 0);
	g_subprocess_send_signal(process, SIGKILL);
	killed = farm_wait(process);
	next = farm_call(farm, "run", HPPA, "--job", "boot", NULL);
	g_assert_cmpint(next->status, ==, 0);
	g_assert_cmpuint(qemu_count("orphanme"), ==, 0);
	runs = farm_call(farm, "list", "runs", "--format", "json", NULL);
	list = outcome_json(runs);
	g_assert_cmpuint(json_array_size(json_object_get(list, "runs")), ==, 3);
	json_decref(list);
}

static void test_two_at_once(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) one = farm_start(farm, "run", HPPA, "--job", "boot", NULL);
	g_autoptr(GSubprocess) two = farm_start(farm, "run", HPPA, "--job", "boot", NULL);
	g_autoptr(Outcome) first = farm_wait(one);
	g_autoptr(Outcome) second = farm_wait(two);

	g_assert_cmpint(first->status, ==, 0);
	g_assert_cmpint(second->status, ==, 0);
}

static void test_flood(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process = NULL;
	g_autofree char *status_path = NULL;
	guint64 peak = 0;
	g_autoptr(Outcome) outcome = NULL;

	farm_add_misbehave(farm);
	process = farm_start(farm, "run", HPPA, "--job", "misbehave", "--append",
			     "vifarm.mode=flood vifarm.megabytes=4", "--timeout", "120", "--format",
			     "json", NULL);
	status_path = g_strdup_printf("/proc/%s/status", g_subprocess_get_identifier(process));
	while (g_subprocess_get_identifier(process)) {
		g_autofree char *text = NULL;
		const char *line;

		if (!g_file_get_contents(status_path, &text, NULL, NULL))
			break;
		line = strstr(text, "VmHWM:");
		if (!line || strstr(text, "State:\tZ"))
			break;
		peak = MAX(peak, g_ascii_strtoull(line + 6, NULL, 10));
		g_usleep(200000);
	}
	outcome = farm_wait(process);
	g_assert_cmpint(outcome->status, ==, 0);
	g_test_message("peak %" G_GUINT64_FORMAT " KiB", peak);
	g_assert_cmpuint(peak, >, 0);
	g_assert_cmpuint(peak, <, 50 * 1024);
}

static void test_disk_full(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *cache = g_path_get_dirname(vf_dirs_cache());
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) shell = NULL;
	g_autofree char *text = NULL;

	/* a private state directory of 256 KiB: the run's own artefacts do not fit */
	shell = g_subprocess_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error, "bwrap",
		"--dev-bind", "/", "/", "--size", "262144", "--tmpfs", farm->state, "--bind", cache,
		cache, "--setenv", "XDG_STATE_HOME", farm->state, "sh", "-c",
		"\"$1\" run --arch hppa --board default --job boot; echo "
		"status=$?; "
		"rm -rf \"$2\"/vifarm/runs; \"$1\" list runs --format json; echo sound=$?",
		"sh", ORCHESTRATOR, farm->state, NULL);
	g_assert_no_error(error);
	g_subprocess_communicate_utf8(shell, NULL, NULL, &text, NULL, &error);
	g_assert_no_error(error);
	assert_contains(text, "disk is full");
	assert_contains(text, "status=2");
	assert_contains(text, "sound=0");
}

int main(int argc, char **argv)
{
	static const char *const archs[] = {"x86_64", "sparc64", "hppa", "mips64"};

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/failures/unknown-names", test_unknown_names);
	g_test_add_func("/failures/malformed-arch", test_malformed_arch);
	g_test_add_func("/failures/missing-compiler", test_missing_compiler);
	g_test_add_func("/failures/missing-qemu", test_missing_qemu);
	g_test_add_func("/failures/patch-does-not-apply", test_patch_does_not_apply);
	g_test_add_func("/failures/does-not-compile", test_does_not_compile);
	for (gsize i = 0; i < G_N_ELEMENTS(archs); i++) {
		g_autofree char *path = g_strdup_printf("/failures/panic/%s", archs[i]);

		g_test_add_data_func(path, archs[i], test_panic);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(misbehaviours); i++) {
		g_autofree char *path =
			g_strdup_printf("/failures/misbehave/%s", misbehaviours[i].mode);

		g_test_add_data_func(path, &misbehaviours[i], test_misbehave);
	}
	g_test_add_func("/failures/qemu-killed", test_qemu_killed);
	g_test_add_func("/failures/interrupt", test_interrupt);
	g_test_add_func("/failures/killed-orchestrator", test_killed_orchestrator);
	g_test_add_func("/failures/two-at-once", test_two_at_once);
	g_test_add_func("/failures/flood", test_flood);
	g_test_add_func("/failures/disk-full", test_disk_full);
	return g_test_run();
}
