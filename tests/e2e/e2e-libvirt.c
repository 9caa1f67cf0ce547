// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests by libvirt: the same verdicts as by QEMU, hosts that fail, and nothing left behind. */
#include "harness.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "libvirtd.h"

#define MIPS	  "--arch", "mips64", "--board", "default"
#define BOOT	  "mips64/default/boot/full"
#define MISBEHAVE "mips64/default/misbehave/full"
#define EMBEDDED  "--backend", "libvirt"

/* The full set of jobs, in the embedded driver. */
static void test_all_jobs(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome =
		farm_call(farm, "run", EMBEDDED, "--arch", "x86_64,sparc64,mips64", "--board",
			  "default", "--format", "json", NULL);
	json_t *results = outcome_json(outcome), *tests = json_object_get(results, "tests"), *test;
	gsize i;

	json_array_foreach (tests, i, test)
		g_assert_cmpstr(json_string_value(json_object_get(test, "status")), ==, "PASS");
	g_assert_cmpuint(json_array_size(tests), >=, 3 * 5);
	g_assert_cmpint(outcome->status, ==, 0);
	json_decref(results);
}

static void expect_equal(json_t *one, json_t *other, const char *name)
{
	g_test_message("%s: %s", name, results_reason(one, name));
	g_assert_cmpstr(results_status(one, name), ==, results_status(other, name));
	g_assert_cmpstr(results_reason(one, name), ==, results_reason(other, name));
}

/* Good and bad kernels and programs; @mode NULL: the job boot with @append. */
typedef struct Same {
	const char *name, *mode, *append;
} Same;

static const Same same[] = {
	{"boot", NULL, "vifarm.nothing=1"}, {"no-init", NULL, "rdinit=/nonexistent"},
	{"silent", "silent", NULL},	    {"truncated", "truncated", NULL},
	{"panic", "panic", NULL},
};

static json_t *judge(const Same *s, const char *backend)
{
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *mode = g_strdup_printf("vifarm.mode=%s", s->mode);
	g_autoptr(Outcome) outcome = NULL;

	if (s->mode)
		farm_add_misbehave(farm);
	outcome = farm_call(farm, "run", "--backend", backend, MIPS, "--job",
			    s->mode ? "misbehave" : "boot", "--append", s->mode ? mode : s->append,
			    "--format", "json", NULL);
	return outcome_json(outcome);
}

static void test_same(gconstpointer data)
{
	const Same *s = data;
	json_t *qemu = judge(s, "qemu");
	json_t *libvirt = judge(s, "libvirt");

	expect_equal(qemu, libvirt, s->mode ? MISBEHAVE : BOOT);
	json_decref(qemu);
	json_decref(libvirt);
}

/* libvirt has no name for hppa: alone it skips, auto finds another way and says so. */
static void test_unfit(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) forced = farm_call(farm, "run", EMBEDDED, "--arch", "hppa", "--job",
					      "boot", "--format", "json", NULL);
	g_autoptr(Outcome) any = farm_call(farm, "run", "--connect", "qemu:///embed", "--arch",
					   "hppa", "--board", "default", "--job", "boot", NULL);
	json_t *results = outcome_json(forced);

	g_assert_cmpstr(results_status(results, "hppa/default/boot/full"), ==, "SKIP");
	assert_contains(results_reason(results, "hppa/default/boot/full"),
			"unknown architecture: hppa");
	g_assert_cmpint(forced->status, ==, 0);
	g_assert_cmpint(any->status, ==, 0);
	assert_contains(any->err, "hppa: by qemu on this machine: ");
	json_decref(results);
}

static void expect_usage(const char *uri, const char *part)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = farm_call(farm, "run", "--connect", uri, NULL);

	g_assert_cmpint(outcome->status, ==, 64);
	assert_contains(outcome->err, part);
	g_assert_null(strchr(g_strchomp(outcome->err), '\n'));
}

static void test_bad_uri(void)
{
	expect_usage("", "--connect");
	expect_usage("xen:///system", "xen:///system: no URI of libvirt's QEMU driver");
	expect_usage("qemu:///nowhere", "qemu:///nowhere");
	expect_usage("qemu://host/embed", "embedded means this machine");
	expect_usage("qemu:///embed?root=here", "not an absolute path");
}

static void expect_miss(const char *uri, const char *part)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = farm_call(farm, "run", EMBEDDED, "--connect", uri, MIPS,
					       "--job", "boot", "--format", "json", NULL);
	json_t *results = outcome_json(outcome);

	g_assert_cmpstr(results_status(results, BOOT), ==, "MISS");
	assert_contains(results_reason(results, BOOT), part);
	g_assert_cmpint(outcome->status, ==, 2);
	json_decref(results);
}

static void test_unreachable(void)
{
	expect_miss("qemu+tcp://127.0.0.1:1/session", "Connection refused");
	expect_miss("qemu+unix:///session?socket=/nonexistent", "qemu+unix:///session: ");
}

static void test_no_pool(void)
{
	g_autoptr(Libvirtd) host = libvirtd_start(FALSE);

	expect_miss(host->uri, "no storage pool \"vifarm\"");
}

static char *artefact(Farm *farm, json_t *results, const char *test, const char *file)
{
	json_t *attempts = json_object_get(results_test(results, test), "attempts");
	const char *directory = json_string_value(
		json_object_get(json_array_get(attempts, json_array_size(attempts) - 1),
				"directory"));
	g_autofree char *path =
		g_build_filename(farm->state, "vifarm", directory ? directory : "", file, NULL);
	char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &text, NULL, &error);
	g_assert_no_error(error);
	return text;
}

/* A host that does not see our files: all of them go through its storage pool. */
static void test_other_host(void)
{
	g_autoptr(Libvirtd) host = libvirtd_start(TRUE);
	g_autoptr(Farm) farm = farm_new();
	g_autofree char *pool = g_build_filename(host->directory, "pool", NULL);
	g_autoptr(Outcome) outcome = farm_call(farm, "run", EMBEDDED, "--connect", host->uri, MIPS,
					       "--job", "boot,vflush", "--format", "json", NULL);
	json_t *results = outcome_json(outcome);
	g_autofree char *xml = NULL;
	g_autoptr(GDir) dir = NULL;
	const char *name;

	g_assert_cmpstr(results_status(results, BOOT), ==, "PASS");
	g_assert_cmpstr(results_status(results, "mips64/default/vflush/full"), ==, "PASS");
	g_assert_cmpint(outcome->status, ==, 0);
	xml = artefact(farm, results, BOOT, "domain.xml");
	assert_contains(xml, pool);
	dir = g_dir_open(pool, 0, NULL);
	while ((name = g_dir_read_name(dir)))
		assert_contains(name, ".file");
	json_decref(results);
}

/* The only host dies in the middle; the second attempt goes to another one. */
static void test_host_lost(void)
{
	g_autoptr(Libvirtd) host = libvirtd_start(TRUE);
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process = NULL;
	g_autoptr(Outcome) outcome = NULL;
	json_t *results, *attempts;

	farm_add_misbehave(farm);
	process =
		farm_start(farm, "run", EMBEDDED, "--connect", host->uri, "--connect",
			   "qemu:///embed", MIPS, "--job", "misbehave", "--append",
			   "vifarm.mode=hold loseme", "--timeout", "20", "--format", "json", NULL);
	g_assert_cmpint(qemu_wait("loseme", 60), >, 0);
	g_usleep(2 * G_USEC_PER_SEC);
	libvirtd_crash(host);
	outcome = farm_wait(process);
	results = outcome_json(outcome);
	attempts = json_object_get(results_test(results, MISBEHAVE), "attempts");
	g_assert_cmpuint(json_array_size(attempts), ==, 2);
	g_assert_cmpstr(json_string_value(json_object_get(json_array_get(attempts, 0), "status")),
			==, "MISS");
	assert_contains(json_string_value(json_object_get(json_array_get(attempts, 0), "reason")),
			"the guest was lost: qemu+unix:///session");
	g_assert_cmpstr(json_string_value(json_object_get(json_array_get(attempts, 1), "status")),
			!=, "MISS");
	json_decref(results);
}

static void test_refused(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) outcome = farm_call(farm, "run", EMBEDDED, MIPS, "--job", "capture-ts",
					       "--inject", "nosuch=1", "--format", "json", NULL);
	json_t *results = outcome_json(outcome);
	const char *name = "mips64/default/capture-ts/full";

	g_assert_cmpstr(results_status(results, name), ==, "MISS");
	assert_contains(results_reason(results, name), "qemu:///embed: ");
	assert_contains(results_reason(results, name), "nosuch");
	json_decref(results);
}

static GSubprocess *start_endless(Farm *farm, const char *tag)
{
	g_autofree char *append = g_strdup_printf("vifarm.mode=hold %s", tag);

	farm_add_misbehave(farm);
	return farm_start(farm, "run", EMBEDDED, MIPS, "--job", "misbehave", "--append", append,
			  "--timeout", "30", "--format", "json", NULL);
}

static void test_qemu_killed(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process = start_endless(farm, "lvkillme");
	g_autoptr(Outcome) outcome = NULL;
	json_t *results, *attempts, *first;
	const char *second;
	int pid = qemu_wait("lvkillme", 60);

	g_assert_cmpint(pid, >, 0);
	g_usleep(3 * G_USEC_PER_SEC);
	kill(pid, SIGKILL);
	outcome = farm_wait(process);
	results = outcome_json(outcome);
	attempts = json_object_get(results_test(results, MISBEHAVE), "attempts");
	first = json_array_get(attempts, 0);
	g_assert_cmpstr(json_string_value(json_object_get(first, "status")), ==, "MISS");
	g_assert_cmpstr(json_string_value(json_object_get(first, "reason")), ==,
			"QEMU was killed by signal 9 (Killed)");
	/* the second guest has wires of its own */
	second = json_string_value(json_object_get(json_array_get(attempts, 1), "reason"));
	g_assert_nonnull(second);
	g_assert_null(strstr(second, "no output at all"));
	json_decref(results);
}

static void test_interrupt(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(GSubprocess) process = start_endless(farm, "lvinterruptme");
	g_autoptr(Outcome) outcome = NULL;

	g_assert_cmpint(qemu_wait("lvinterruptme", 60), >, 0);
	g_subprocess_send_signal(process, SIGINT);
	outcome = farm_wait(process);
	g_assert_cmpint(outcome->status, ==, 130);
	g_assert_cmpuint(qemu_count("lvinterruptme"), ==, 0);
}

/* The next run ends the guest of a killed one, and leaves that of one that lives. */
static void test_killed_orchestrator(void)
{
	g_autoptr(Farm) dead = farm_new();
	g_autoptr(Farm) alive = farm_new();
	g_autoptr(GSubprocess) killed = start_endless(dead, "lvorphanme");
	g_autoptr(GSubprocess) living = start_endless(alive, "lvleaveme");
	g_autoptr(Outcome) first = NULL;
	g_autoptr(Outcome) next = NULL;
	g_autoptr(Outcome) last = NULL;

	g_assert_cmpint(qemu_wait("lvorphanme", 60), >, 0);
	g_assert_cmpint(qemu_wait("lvleaveme", 60), >, 0);
	g_subprocess_send_signal(killed, SIGKILL);
	first = farm_wait(killed);
	g_assert_cmpuint(qemu_count("lvorphanme"), ==, 1);
	next = farm_call(dead, "run", EMBEDDED, "--arch", "hppa", "--job", "boot", NULL);
	g_assert_cmpuint(qemu_count("lvorphanme"), ==, 0);
	g_assert_cmpuint(qemu_count("lvleaveme"), ==, 1);
	g_subprocess_send_signal(living, SIGINT);
	last = farm_wait(living);
	g_assert_cmpint(last->status, ==, 130);
}

static void test_reproducer(void)
{
	g_autoptr(Farm) farm = farm_new();
	g_autoptr(Outcome) run =
		farm_call(farm, "run", EMBEDDED, MIPS, "--job", "boot", "--format", "json", NULL);
	g_autoptr(Outcome) repro = farm_call(farm, "repro", BOOT, NULL);
	json_t *results = outcome_json(run);
	g_autofree char *argv = artefact(farm, results, BOOT, "argv");

	g_assert_cmpint(run->status, ==, 0);
	assert_contains(repro->out, "qemu-system-mips64");
	assert_contains(repro->out, "stdio,id=console");
	g_assert_cmpstr(argv, ==, repro->out);
	json_decref(results);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/libvirt/bad-uri", test_bad_uri);
	g_test_add_func("/libvirt/unreachable", test_unreachable);
	g_test_add_func("/libvirt/no-pool", test_no_pool);
	g_test_add_func("/libvirt/unfit", test_unfit);
	for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
		g_autofree char *path = g_strdup_printf("/libvirt/same/%s", same[i].name);

		g_test_add_data_func(path, &same[i], test_same);
	}
	g_test_add_func("/libvirt/reproducer", test_reproducer);
	g_test_add_func("/libvirt/refused", test_refused);
	g_test_add_func("/libvirt/qemu-killed", test_qemu_killed);
	g_test_add_func("/libvirt/interrupt", test_interrupt);
	g_test_add_func("/libvirt/killed-orchestrator", test_killed_orchestrator);
	g_test_add_func("/libvirt/other-host", test_other_host);
	g_test_add_func("/libvirt/host-lost", test_host_lost);
	g_test_add_func("/libvirt/all-jobs", test_all_jobs);
	return g_test_run();
}
