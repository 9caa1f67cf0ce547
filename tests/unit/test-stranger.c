// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds of hostile patches: each is a real build of a small tree whose Makefile does what a
 * stranger's could do.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "build-fixture.h"

#define SECRET "VIFARM-SECRET-5b0c"
#define MIB(n) ((guint64)(n) << 20)

/* Enough for the small tree, and few enough to be reached in seconds. */
static const VfLimits small = {
	.cpu_seconds = 20,
	.memory = MIB(2048),
	.file_size = MIB(64),
	.processes = 100,
	.seconds = 60,
	.resident = MIB(1024),
	.disk = MIB(1024),
};

typedef struct Fixture {
	Scratch *scratch;
	VfArch *arch;
	VfBuilder *builder;
} Fixture;

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	f->scratch = scratch_new();
	f->arch = build_arch("tiny", "CONFIG_A=y\n");
	build_tree("linux", f->scratch->path);
	scratch_write("token", SECRET "\n");
	g_setenv("VIFARM_TOKEN", SECRET, TRUE);
	f->builder = vf_builder_new(f->scratch->path, "linux", 2, &error);
	g_assert_no_error(error);
	vf_builder_limit_strangers(f->builder, &small);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	vf_builder_free(f->builder);
	vf_arch_free(f->arch);
	scratch_free(f->scratch);
}

/* Writes evil.patch, after which @recipe runs where vmlinux is linked, before that. */
static void write_evil(const char *recipe)
{
	g_autoptr(GString) makefile = g_string_new(build_makefile);
	g_autofree char *line = g_strdup_printf("\t@%s\n\t@cat $^", recipe);

	g_string_replace(makefile, "\t@cat $^", line, 1);
	build_patch("evil.patch", "Makefile", build_makefile, makefile->str);
}

static VfKernel *build_series(Fixture *f, const char *patch, char **log, GError **error)
{
	g_autoptr(VfVariant) variant = build_variant("full", "");
	g_autofree char *path = g_canonicalize_filename(patch, NULL);

	vf_variant_add_series(variant, path, VF_SERIES_ABOVE);
	return build_kernel(f->builder, f->arch, variant, NULL, log, error);
}

/* What the build of @recipe printed. Caller frees. */
static char *run_evil(Fixture *f, const char *recipe)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfKernel) kernel = NULL;
	g_autofree char *kept = NULL;

	write_evil(recipe);
	kernel = build_series(f, "evil.patch", &kept, &error);
	g_assert_no_error(error);
	return build_read(kernel->log);
}

/* The build of @recipe must fail as @code, within a minute, with @says in the error. */
static void assert_stopped(Fixture *f, const char *recipe, VfErrorCode code, const char *says)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *kept = NULL;
	gint64 start = g_get_monotonic_time();

	write_evil(recipe);
	g_assert_null(build_series(f, "evil.patch", &kept, &error));
	g_test_message("%s", error->message);
	g_assert_error(error, VF_ERROR, (int)code);
	g_assert_nonnull(strstr(error->message, says));
	g_assert_cmpfloat((double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC, <, 100);
}

static char *slot_path(const char *name)
{
	g_autoptr(GDir) slots = NULL;
	g_autofree char *path = g_build_filename(vf_dirs_cache(), "slots", NULL);
	const char *entry;
	char *found = NULL;

	slots = g_dir_open(path, 0, NULL);
	while (slots && (entry = g_dir_read_name(slots)))
		if (g_str_has_suffix(entry, "-full+series") && !found)
			found = g_build_filename(path, entry, name, NULL);
	return found;
}

static void test_honest(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfKernel) kernel = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *objects = NULL;

	build_patch("a.patch", "a.c", build_a_c, "int a(void)\n{\n\treturn 5;\n}\n");
	kernel = build_series(f, "a.patch", NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_file_test(kernel->image, G_FILE_TEST_IS_REGULAR));
	objects = slot_path("tiny");
	g_assert_nonnull(objects);
	g_assert_false(g_file_test(objects, G_FILE_TEST_EXISTS));
}

static void test_token(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *recipe = g_strdup_printf(
		"cat %s/token $(HOME)/* /proc/1/environ; env; ls /root /home /etc; id -u; true",
		f->scratch->path);
	g_autofree char *log = run_evil(f, recipe);
	g_autofree char *user = g_strdup_printf("\n%u\n", geteuid() ? geteuid() : vf_sandbox_uid());

	g_test_message("%s", log);
	g_assert_null(strstr(log, SECRET));
	g_assert_null(strstr(log, "passwd"));
	g_assert_nonnull(strstr(log, user));
}

static void test_socket(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	g_autofree char *recipe = NULL, *log = NULL;

	g_assert_cmpint(bind(server, (struct sockaddr *)&address, length), ==, 0);
	g_assert_cmpint(listen(server, 1), ==, 0);
	getsockname(server, (struct sockaddr *)&address, &length);
	recipe = g_strdup_printf("bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d && echo CONNECTED'; true",
				 ntohs(address.sin_port));
	log = run_evil(f, recipe);
	g_test_message("%s", log);
	g_assert_null(strstr(log, "CONNECTED"));
	g_assert_cmpint(accept(server, NULL, NULL), ==, -1);
	g_assert_cmpint(errno, ==, EAGAIN);
	close(server);
}

static void test_writes(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *log =
		run_evil(f, "for f in /vifarm/ccache/x $(CURDIR)/a.c /usr/x /x /dev/x /etc/x; do"
			    " echo evil > $$f && echo WROTE $$f; done; true");
	g_autofree char *ccache = g_build_filename(vf_dirs_cache(), "ccache", "x", NULL);
	g_autofree char *source = build_read("linux/a.c");

	g_test_message("%s", log);
	g_assert_null(strstr(log, "WROTE"));
	g_assert_false(g_file_test(ccache, G_FILE_TEST_EXISTS));
	g_assert_cmpstr(source, ==, build_a_c);
}

/* The bomb burns out on the limit of processes, and its wall time is up. */
static void test_forks(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	VfLimits limits = small;

	limits.seconds = 5;
	vf_builder_limit_strangers(f->builder, &limits);
	assert_stopped(f, "bash -c 'f() { f | f & f; }; f' 2>/dev/null; sleep 100",
		       VF_ERROR_HARNESS, "stopped");
	/* nothing of it is left: the next build has all processes to itself */
	vf_builder_limit_strangers(f->builder, &small);
	g_free(run_evil(f, "bash -c 'for i in `seq 50`; do sleep 1 & done; wait'"));
}

static void test_process_limit(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *log =
		run_evil(f, "bash -c 'for i in `seq 200`; do sleep 2 & done; wait' 2>&1 |"
			    " grep -m1 -o 'Resource temporarily unavailable'; true");

	g_assert_nonnull(strstr(log, "Resource temporarily unavailable"));
}

static void test_disk(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	VfLimits limits = small;
	g_autofree char *objects = NULL;

	limits.disk = MIB(128);
	vf_builder_limit_strangers(f->builder, &limits);
	assert_stopped(f,
		       "i=0; while :; do head -c 32M /dev/zero > $(O)/fill.$$i; i=$$((i+1));"
		       " sleep 0.1; done",
		       VF_ERROR_HARNESS, "too much disk");
	objects = slot_path("tiny");
	g_assert_false(g_file_test(objects, G_FILE_TEST_EXISTS));
}

static void test_file_size(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *log =
		run_evil(f, "head -c 1G /dev/zero > $(O)/big; stat -c 'SIZE %s' $(O)/big;"
			    " head -c 1G /dev/zero > /tmp/big; head -c 1G /dev/zero > /dev/shm/big;"
			    " rm -f $(O)/big; true");

	g_test_message("%s", log);
	g_assert_nonnull(strstr(log, "SIZE 67108864\n"));
}

static void test_memory(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	VfLimits limits = small;
	g_autofree char *log = NULL;

	limits.memory = MIB(512);
	vf_builder_limit_strangers(f->builder, &limits);
	log = run_evil(f, "perl -e '$$x = \"x\" x 1_000_000_000; print \"HAVE IT\\n\"'; true");
	g_assert_null(strstr(log, "HAVE IT"));
	limits.resident = MIB(256);
	vf_builder_limit_strangers(f->builder, &limits);
	assert_stopped(f,
		       "for i in 1 2 3 4; do perl -e '$$x = \"x\" x 100_000_000; sleep 100' & done;"
		       " wait",
		       VF_ERROR_HARNESS, "too much memory");
}

static void test_time(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	VfLimits limits = small;

	limits.seconds = 3;
	limits.cpu_seconds = 2;
	vf_builder_limit_strangers(f->builder, &limits);
	assert_stopped(f, "setsid nohup sleep 1000", VF_ERROR_HARNESS, "stopped after");
	limits.seconds = 60;
	vf_builder_limit_strangers(f->builder, &limits);
	assert_stopped(f, "while :; do :; done", VF_ERROR_HARNESS, "Killed");
}

/* What we read of the build must not be something else in disguise. */
static void test_disguised(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GString) makefile = g_string_new(build_makefile);
	g_autoptr(GError) error = NULL;
	static const char *const recipes[] = {
		"ln -s /etc/shadow $(O)/System.map.new; mv $(O)/System.map.new $(O)/System.map",
		"rm -f $(O)/System.map; mkfifo $(O)/System.map",
		"rm -rf $(O)/include; ln -s /etc $(O)/include",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(recipes); i++) {
		g_autofree char *line = g_strdup_printf("kernel.release; %s\n\n$(O)", recipes[i]);

		g_string_assign(makefile, build_makefile);
		g_string_replace(makefile, "kernel.release\n\n$(O)", line, 1);
		build_patch("evil.patch", "Makefile", build_makefile, makefile->str);
		g_assert_null(build_series(f, "evil.patch", NULL, &error));
		g_test_message("%s", error->message);
		g_assert_error(error, VF_ERROR, VF_ERROR_COMPILE);
		g_assert_nonnull(strstr(error->message, "something else than a file"));
		g_clear_error(&error);
	}
	g_string_assign(makefile, build_makefile);
	g_string_replace(makefile, "\t@cmp -s",
			 "\t@ln -sf /dev/zero $(O)/.config && exit 0; cmp -s", 1);
	build_patch("evil.patch", "Makefile", build_makefile, makefile->str);
	g_assert_null(build_series(f, "evil.patch", NULL, &error));
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, ".config"));
}

static void test_paths(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char *const patches[] = {
		"diff --git a/../../evil b/../../evil\nnew file mode 100644\n--- /dev/null\n"
		"+++ b/../../evil\n@@ -0,0 +1 @@\n+evil\n",
		"diff --git a/.git/hooks/x b/.git/hooks/x\nnew file mode 100755\n--- /dev/null\n"
		"+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+evil\n",
		"diff --git a/link b/link\nnew file mode 120000\n--- /dev/null\n+++ b/link\n"
		"@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(patches); i++) {
		g_autoptr(GError) error = NULL;

		scratch_write("evil.patch", patches[i]);
		g_assert_null(build_series(f, "evil.patch", NULL, &error));
		g_test_message("%s", error->message);
		g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	}
	g_assert_false(g_file_test("../evil", G_FILE_TEST_EXISTS));
}

/* Neither our own builds nor those of other strangers see what one has left. */
static void test_poison(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfVariant) ours = build_variant("full", ""), other = NULL;
	g_autoptr(VfKernel) before = build_kernel(f->builder, f->arch, ours, NULL, NULL, NULL);
	g_autofree char *objects = NULL, *log = NULL, *text = NULL;
	g_autoptr(VfKernel) after = NULL;

	log = run_evil(f, "echo POISON >> $(O)/a.o; touch -d 2099-01-01 $(O)/a.o");
	g_free(log);
	log = run_evil(
		f, "grep -q POISON $(O)/a.o && echo FOUND; test -e $(O)/b.o && echo CLONED; true");
	g_assert_null(strstr(log, "FOUND"));
	g_assert_nonnull(strstr(log, "CLONED"));
	build_patch("b.patch", "b.c", build_b_c, "int b(void)\n{\n\treturn 5;\n}\n");
	other = build_variant("other", "b.patch");
	after = build_kernel(f->builder, f->arch, other, NULL, NULL, NULL);
	text = build_read(after->vmlinux);
	g_assert_null(strstr(text, "POISON"));
	g_assert_nonnull(before);
}

/* The lock that tells whether a killed build is over is nothing that the build could let go. */
static void test_lock(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *log =
		run_evil(f, "ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q 'make-.*-tiny$$' &&"
			    " echo FOUND LOCK; true");

	g_assert_null(strstr(log, "FOUND LOCK"));
}

/* A file that only we can read does not become the kernel's release. */
static void test_release(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GString) makefile = g_string_new(build_makefile);
	g_autofree char *line =
		g_strdup_printf("kernel.release; rm $(O)/include/config/kernel.release;"
				" ln -s %s/token $(O)/include/config/kernel.release\n\n$(O)",
				f->scratch->path);
	g_autoptr(GError) error = NULL;

	g_string_replace(makefile, "kernel.release\n\n$(O)", line, 1);
	build_patch("evil.patch", "Makefile", build_makefile, makefile->str);
	g_assert_null(build_series(f, "evil.patch", NULL, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_COMPILE);
	g_assert_nonnull(strstr(error->message, "kernel.release"));
}

static void test_refused(void)
{
	if (g_test_subprocess()) {
		g_autoptr(Scratch) scratch = scratch_new();
		g_autoptr(VfVariant) variant = NULL;
		g_autoptr(VfArch) arch = build_arch("tiny", "CONFIG_A=y\n");
		g_autoptr(VfBuilder) builder = NULL;
		g_autoptr(GError) error = NULL;

		build_tree("linux", scratch->path);
		build_patch("a.patch", "a.c", build_a_c, "int a(void)\n{\n\treturn 5;\n}\n");
		variant = build_variant("full", "");
		g_autofree char *patch = g_canonicalize_filename("a.patch", NULL);

		vf_variant_add_series(variant, patch, VF_SERIES_ABOVE);
		builder = vf_builder_new(scratch->path, "linux", 1, NULL);
		/* a PATH without bubblewrap stands for a host where it does not work */
		scratch_write("bin/bwrap", "#!/bin/sh\nexit 1\n");
		g_chmod("bin/bwrap", 0755);
		g_autofree char *path =
			g_strdup_printf("%s/bin:%s", scratch->path, g_getenv("PATH"));

		g_setenv("PATH", path, TRUE);
		g_assert_null(build_kernel(builder, arch, variant, NULL, NULL, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
		g_printerr("%s\n", error->message);
		return;
	}
	g_test_trap_subprocess(NULL, 60 * G_USEC_PER_SEC, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stderr("*a stranger's patch is not built here: bubblewrap does not*");
}

static void add(const char *path, void (*test)(Fixture *, gconstpointer))
{
	g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stranger/refused", test_refused);
	if (!g_test_subprocess() && !vf_sandbox_available(TRUE, &error)) {
		g_test_message("the rest is skipped: %s", error->message);
		return build_fixture_main();
	}
	add("/stranger/honest", test_honest);
	add("/stranger/token", test_token);
	add("/stranger/socket", test_socket);
	add("/stranger/writes", test_writes);
	add("/stranger/forks", test_forks);
	add("/stranger/process-limit", test_process_limit);
	add("/stranger/disk", test_disk);
	add("/stranger/file-size", test_file_size);
	add("/stranger/memory", test_memory);
	add("/stranger/time", test_time);
	add("/stranger/disguised", test_disguised);
	add("/stranger/lock", test_lock);
	add("/stranger/release", test_release);
	add("/stranger/paths", test_paths);
	add("/stranger/poison", test_poison);
	return build_fixture_main();
}
