// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole kernel builds, of a tree with two files. */
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build-fixture.h"
#include "kernel/source.h"
#include "kernel/tools.h"

static const char change_a[] = "#include \"common.h\"\nint a(void)\n{\n\treturn COMMON * 2;\n}\n";
static const char change_b[] = "#include \"common.h\"\nint b(void)\n{\n\treturn 0;\n}\n";

typedef struct Fixture {
	Scratch *scratch;
	VfBuilder *builder;
	VfArch *arch;
} Fixture;

static VfBuilder *open_builder(void)
{
	g_autoptr(GError) error = NULL;
	VfBuilder *builder = vf_builder_new(".", "linux", 2, &error);

	g_assert_no_error(error);
	return builder;
}

static void set_up(Fixture *f, gconstpointer salt)
{
	f->scratch = scratch_new();
	build_tree("linux", salt);
	build_patch("a.patch", "a.c", build_a_c, change_a);
	build_patch("b.patch", "b.c", build_b_c, change_b);
	f->arch = build_arch("tiny", "CONFIG_A=y\n# CONFIG_B is not set\n");
	f->builder = open_builder();
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	vf_builder_free(f->builder);
	vf_arch_free(f->arch);
	scratch_free(f->scratch);
}

static VfKernel *build_well(Fixture *f, const char *variant, const char *patches,
			    const char *mutant)
{
	g_autoptr(VfVariant) v = build_variant(variant, patches);
	g_autoptr(GError) error = NULL;
	VfKernel *kernel = build_kernel(f->builder, f->arch, v, mutant, NULL, &error);

	g_assert_no_error(error);
	return kernel;
}

static void build_badly(Fixture *f, const char *patches, VfErrorCode code, const char *says,
			char **log)
{
	g_autoptr(VfVariant) variant = build_variant("bad", patches);
	g_autoptr(GError) error = NULL;
	g_autofree char *kept = NULL;

	g_assert_null(build_kernel(f->builder, f->arch, variant, NULL, log ? log : &kept, &error));
	g_assert_error(error, VF_ERROR, (int)code);
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, says));
	g_assert_null(strchr(error->message, '\n'));
}

/* Path in the slot of @variant. */
static char *slot_path(const char *variant, const char *name, Fixture *f)
{
	g_autofree char *slots = g_build_filename(vf_dirs_cache(), "slots", NULL);
	g_autoptr(VfSource) source = vf_source_new("linux", NULL);
	g_autoptr(GAsyncResult) result = NULL;
	GAsyncResult *done = NULL;

	(void)f;
	vf_source_identify_async(source, NULL, build_done, &done);
	result = build_wait(&done);
	return g_strdup_printf("%s/%s-%s/%s", slots, vf_source_id(source), variant, name);
}

/* What was compiled in the slot since the last question, sorted: "a b". */
static char *compiled(Fixture *f, const char *variant)
{
	g_autofree char *path = slot_path(variant, "tiny/compiled", f);
	g_autofree char *text = NULL;
	g_auto(GStrv) words = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	unlink(path);
	words = g_strsplit(g_strchomp(text), "\n", -1);
	qsort(words, g_strv_length(words), sizeof(*words),
	      (int (*)(const void *, const void *))g_strcmp0);
	if (g_strv_length(words) == 2 && strcmp(words[0], words[1]) > 0)
		return g_strdup_printf("%s %s", words[1], words[0]);
	return g_strjoinv(" ", words);
}

static void assert_compiled(Fixture *f, const char *variant, const char *expected)
{
	g_autofree char *found = compiled(f, variant);

	g_assert_cmpstr(found, ==, expected);
}

static void test_members(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) kernel = build_well(f, "v", "a.patch", NULL);
	g_autofree char *config = build_read(kernel->config), *log = build_read(kernel->log);
	gboolean outside;

	g_assert_cmpuint(strlen(kernel->key), ==, 64);
	g_assert_true(g_str_has_suffix(kernel->dir, kernel->key));
	g_assert_true(g_str_has_suffix(kernel->image, "/image"));
	g_assert_true(g_file_test(kernel->image, G_FILE_TEST_IS_REGULAR));
	g_assert_true(g_file_test(kernel->vmlinux, G_FILE_TEST_IS_REGULAR));
	g_assert_true(g_file_test(kernel->symbols, G_FILE_TEST_IS_REGULAR));
	g_assert_cmpstr(config, ==, "CONFIG_A=y\n");
	g_assert_nonnull(strstr(log, "  LD      vmlinux\n"));
	outside = strstr(log, "vifarm: built outside of the sandbox: ") != NULL;
	g_assert_true(outside != vf_sandbox_available(FALSE, NULL));
	g_assert_true(outside == (g_getenv("NO_SANDBOX") != NULL));
	g_assert_cmpstr(kernel->release, ==, "6.12.0-tiny");
	g_assert_nonnull(strstr(kernel->compiler, "gcc"));
	g_assert_true(g_str_has_prefix(kernel->command, "make -C "));
	g_assert_cmpfloat(kernel->seconds, >, 0);
	g_assert_false(kernel->cached);
	g_assert_cmpuint(g_strv_length(kernel->skipped), ==, 0);
}

/* Paths of the sandbox, so that debug info is the same wherever it was built. */
static void test_debug_paths(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) kernel = build_well(f, "v", "a.patch", NULL);
	g_autofree char *bytes = NULL;
	gsize length;

	g_assert_true(g_file_get_contents(kernel->vmlinux, &bytes, &length, NULL));
	g_assert_nonnull(memmem(bytes, length, "/vifarm/linux/a.c", 17));
	g_assert_null(memmem(bytes, length, vf_dirs_cache(), strlen(vf_dirs_cache())));
}

static void test_hit(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) first = build_well(f, "v", "a.patch", NULL);
	g_autoptr(VfKernel) again = build_well(f, "v", "a.patch", NULL);
	g_autoptr(VfKernel) renamed = build_well(f, "other", "a.patch", NULL);
	g_autoptr(VfBuilder) builder = open_builder();
	g_autoptr(VfVariant) variant = build_variant("v", "a.patch");
	g_autoptr(VfKernel) next_run = build_kernel(builder, f->arch, variant, NULL, NULL, NULL);
	g_autofree char *key = vf_builder_kernel_key(builder, f->arch, variant, NULL, NULL);

	g_assert_true(again->cached && renamed->cached && next_run->cached);
	g_assert_cmpstr(again->key, ==, first->key);
	g_assert_cmpstr(again->image, ==, first->image);
	g_assert_cmpstr(again->release, ==, first->release);
	g_assert_cmpstr(again->command, ==, first->command);
	g_assert_cmpfloat(again->seconds, ==, first->seconds);
	g_assert_cmpstr(key, ==, first->key);
}

static void test_key(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfVariant) plain = build_variant("v", ""),
			     patched = build_variant("v", "a.patch");
	g_autoptr(VfArch) configured = build_arch("tiny2", "CONFIG_A=y\nCONFIG_B=y\n");
	g_autoptr(VfArch) target = build_arch("tiny3", "CONFIG_A=y\n# CONFIG_B is not set\n");
	g_autofree char *unknown = vf_builder_kernel_key(f->builder, f->arch, plain, NULL, NULL);
	g_autoptr(VfKernel) first = build_well(f, "v", "", NULL),
			    second = build_well(f, "v", "a.patch", NULL);
	g_autofree char *a = vf_builder_kernel_key(f->builder, f->arch, plain, NULL, NULL);
	g_autofree char *b = vf_builder_kernel_key(f->builder, f->arch, patched, NULL, NULL);
	g_autofree char *c = vf_builder_kernel_key(f->builder, configured, plain, NULL, NULL);
	g_autofree char *same = vf_builder_kernel_key(f->builder, target, plain, NULL, NULL);
	g_autofree char *d = NULL;

	g_free(target->kernel.target);
	target->kernel.target = g_strdup("all");
	d = vf_builder_kernel_key(f->builder, target, plain, NULL, NULL);
	g_assert_null(unknown);
	g_assert_cmpstr(a, ==, first->key);
	g_assert_cmpstr(b, ==, second->key);
	g_assert_cmpstr(a, ==, same);
	g_assert_cmpstr(a, !=, b);
	g_assert_cmpstr(a, !=, c);
	g_assert_cmpstr(a, !=, d);
}

/* From stack to stack, only what they differ in is compiled; also on the way back. */
static void test_incremental(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *config = NULL;
	g_autoptr(VfKernel) first = build_well(f, "v", "a.patch", NULL);

	assert_compiled(f, "v", "a b");
	build_patch("a.patch", "a.c", build_a_c, "int a(void)\n{\n\treturn 5;\n}\n");
	g_autoptr(VfKernel) second = build_well(f, "v", "a.patch b.patch", NULL);

	assert_compiled(f, "v", "a b");
	g_autoptr(VfKernel) third = build_well(f, "v", "b.patch", NULL);

	assert_compiled(f, "v", "a");
	g_autoptr(VfKernel) fourth = build_well(f, "v", "", NULL);

	assert_compiled(f, "v", "b");
	g_assert_false(fourth->cached);
	config = build_read(fourth->config);
	g_assert_cmpstr(config, ==, "CONFIG_A=y\n");
}

static void git(const char *verb, const char *word, const char *more)
{
	g_assert_cmpint(build_run("git", "-C", "linux", verb, word, more, NULL), ==, 0);
}

/* So it is from edit to edit and from commit to commit of a git tree, below the same patches. */
static void test_incremental_git(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	git("init", "-q", NULL);
	git("add", "-A", NULL);
	git("commit", "-qm", "first");
	vf_builder_free(f->builder);
	f->builder = open_builder();
	g_autoptr(VfKernel) first = build_well(f, "v", "a.patch", NULL);

	assert_compiled(f, "v", "a b");
	scratch_write("linux/b.c", change_b);
	vf_builder_free(f->builder);
	f->builder = open_builder();
	g_autoptr(VfKernel) edited = build_well(f, "v", "a.patch", NULL);

	assert_compiled(f, "v", "b");
	g_assert_cmpstr(edited->key, !=, first->key);
	scratch_write("linux/a.c", change_a);
	git("add", "-A", NULL);
	git("commit", "-qm", "both");
	vf_builder_free(f->builder);
	f->builder = open_builder();
	g_autoptr(VfKernel) merged = build_well(f, "v", "a.patch", NULL);

	assert_compiled(f, "v", "");
	g_assert_cmpuint(g_strv_length(merged->skipped), ==, 1);
	g_assert_cmpstr(merged->skipped[0], ==, "a.patch");
}

/* Nothing that a slot does may reach the pristine tree, of which it shares the inodes. */
static void test_pristine(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) kernel = build_well(f, "v", "a.patch b.patch", NULL);
	g_autofree char *tree = slot_path("v", "tree/a.c", f);
	g_autofree char *slots = g_strndup(tree, (gsize)(strstr(tree, "/slots/") - tree));
	g_autofree char *id = g_strndup(strstr(tree, "/slots/") + 7, 16);
	g_autofree char *pristine = g_build_filename(slots, "sources", id, "tree", "a.c", NULL);
	g_autofree char *before = build_read(pristine), *after = build_read(tree);

	g_assert_cmpstr(before, ==, build_a_c);
	g_assert_cmpstr(after, ==, change_a);
}

/* A new variant begins with the objects of the nearest; so do mutants, which share a slot. */
static void test_clone(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;

	if (!vf_sandbox_available(FALSE, &error)) {
		g_test_skip(error->message);
		return;
	}
	g_autoptr(VfKernel) full = build_well(f, "full", "a.patch", NULL);
	g_autoptr(VfKernel) near = NULL, mutant = NULL, other = NULL;
	g_autofree char *path = g_canonicalize_filename("b.patch", NULL);
	g_autofree char *second = g_canonicalize_filename("mutant.patch", NULL);

	assert_compiled(f, "full", "a b");
	near = build_well(f, "near", "a.patch b.patch", NULL);
	assert_compiled(f, "near", "b");
	mutant = build_well(f, "full", "a.patch", path);
	g_assert_cmpstr(mutant->key, ==, near->key);
	build_patch("mutant.patch", "b.c", build_b_c, "int b(void)\n{\n\treturn -1;\n}\n");
	other = build_well(f, "full", "a.patch", second);
	assert_compiled(f, "full+mutants", "b");
	g_assert_cmpstr(other->key, !=, near->key);
}

/* Objects that are cloned into a tree of other files, older than the objects, are not believed. */
static void test_clone_beside_tree(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfArch) second = build_arch("second", "CONFIG_A=y\n");
	g_autoptr(VfVariant) full = build_variant("full", "a.patch"),
			     near = build_variant("near", "b.patch");
	g_autoptr(VfKernel) one = NULL, two = NULL, three = NULL;
	g_autofree char *four = NULL, *fresh = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *vmlinux = NULL;
	gsize length;

	/* the tree of "near" is there before the objects of "full" for the second architecture */
	one = build_well(f, "near", "b.patch", NULL);
	two = build_kernel(f->builder, second, full, NULL, NULL, &error);
	g_assert_no_error(error);
	three = build_kernel(f->builder, second, near, NULL, NULL, &error);
	g_assert_no_error(error);
	g_file_get_contents(three->vmlinux, &four, &length, NULL);
	g_file_get_contents(one->vmlinux, &fresh, &length, NULL);
	g_assert_cmpmem(four, length, fresh, length);
}

static void test_reconfigure(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) first = build_well(f, "v", "", NULL), second = NULL;
	g_autofree char *config = NULL;

	scratch_write("kernels/tiny/config", "CONFIG_A=y\nCONFIG_B=y\n");
	second = build_well(f, "v", "", NULL);
	config = build_read(second->config);
	g_assert_cmpstr(second->key, !=, first->key);
	g_assert_cmpstr(config, ==, "CONFIG_A=y\nCONFIG_B=y\n");
}

static void test_bad_config(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *log = NULL;
	g_autoptr(VfKernel) good = NULL;

	scratch_write("kernels/tiny/config", "CONFIG_A=y\nCONFIG_UNKNOWN=y\n");
	build_badly(f, "", VF_ERROR_CONFIG,
		    "CONFIG_UNKNOWN=y (./kernels/tiny/config:2) came out as n", &log);
	g_assert_true(g_file_test(log, G_FILE_TEST_IS_REGULAR));
	scratch_write("kernels/tiny/config", "CONFIG_A=y\n");
	good = build_well(f, "bad", "", NULL);
	g_assert_nonnull(good);
}

static void test_compile_error(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *log = NULL, *text = NULL;
	g_autoptr(VfKernel) repaired = NULL;

	build_patch("bad.patch", "b.c", build_b_c, "int b(void)\n{\n\treturn missing;\n}\n");
	build_badly(f, "bad.patch", VF_ERROR_COMPILE, "b.c:3:16: error: 'missing' undeclared",
		    &log);
	text = build_read(log);
	g_assert_nonnull(strstr(text, "  CC      b.o\n"));
	build_badly(f, "bad.patch", VF_ERROR_COMPILE, "b.c:3:16: error: ", NULL);
	repaired = build_well(f, "bad", "b.patch", NULL);
	g_assert_false(repaired->cached);
}

static void test_reject(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *log = NULL;

	build_patch("bad.patch", "b.c", "something else\n", "x\n");
	build_badly(f, "a.patch bad.patch", VF_ERROR_PATCH,
		    "bad.patch: hunk 1 at b.c:1 does not apply", &log);
	g_assert_true(g_file_test(log, G_FILE_TEST_IS_REGULAR));
}

static void test_missing_compiler(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;

	f->arch->kernel.cross_compile = g_strdup("no-such-cpu-");
	g_strfreev(f->arch->kernel.packages);
	f->arch->kernel.packages = g_strsplit("gcc-no-such-cpu", " ", -1);
	g_assert_false(vf_builder_check_tools(f->builder, f->arch, &error));
	g_assert_cmpstr(error->message, ==, "no program no-such-cpu-gcc: install gcc-no-such-cpu");
	build_badly(f, "", VF_ERROR_MISSING, "install gcc-no-such-cpu", NULL);
}

/* Each file of an entry in turn is gone or cut short; the record as well. */
static void test_damaged(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const char *const names[] = {"vmlinux", "image",	    "System.map",
					    "config",  "build.log", "kernel.json"};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(VfKernel) first = build_well(f, "v", "", NULL), again = NULL;
		g_autofree char *path = g_build_filename(first->dir, names[i], NULL);

		if (i % 2)
			g_assert_cmpint(unlink(path), ==, 0);
		else
			scratch_write(path, "{");
		again = build_well(f, "v", "", NULL);
		g_assert_false(again->cached);
		g_assert_cmpstr(again->key, ==, first->key);
	}
}

static void on_progress(const char *what, G_GNUC_UNUSED double fraction, gpointer data)
{
	g_ptr_array_add(data, g_strdup(what));
}

/* The second waits for the first, and is not in its way. */
static void test_queue(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfVariant) one = build_variant("one", "a.patch"),
			     two = build_variant("two", "b.patch");
	g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GAsyncResult) first = NULL, second = NULL;
	g_autoptr(VfKernel) kernel_one = NULL, kernel_two = NULL;
	GAsyncResult *done_one = NULL, *done_two = NULL;
	g_autoptr(GError) error = NULL;

	vf_builder_kernel_async(f->builder, f->arch, one, NULL, NULL, NULL, NULL, NULL, build_done,
				&done_one);
	vf_builder_kernel_async(f->builder, f->arch, two, NULL, NULL, NULL, on_progress, said,
				build_done, &done_two);
	g_assert_cmpstr(said->pdata[0], ==, "waiting for another kernel");
	first = build_wait(&done_one);
	kernel_one = vf_builder_kernel_finish(f->builder, first, NULL, &error);
	g_assert_no_error(error);
	second = build_wait(&done_two);
	kernel_two = vf_builder_kernel_finish(f->builder, second, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(kernel_one->key, !=, kernel_two->key);
}

static gboolean cancel_when_half(gpointer data)
{
	GPtrArray *both = data;

	if (!g_file_test(both->pdata[0], G_FILE_TEST_EXISTS))
		return G_SOURCE_CONTINUE;
	g_cancellable_cancel(both->pdata[1]);
	return G_SOURCE_REMOVE;
}

/* The file that make had in work when it was stopped is not taken for a result. */
static void test_cancel(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfVariant) variant = build_variant("v", "a.patch");
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autofree char *half = slot_path("v", "tiny/half", f);
	g_autoptr(GPtrArray) both = g_ptr_array_new();
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(VfKernel) kernel = NULL;
	GAsyncResult *done = NULL;
	g_autoptr(GError) error = NULL;

	scratch_write("kernels/tiny/config", "CONFIG_SLOW=y\n");
	g_ptr_array_add(both, half);
	g_ptr_array_add(both, cancellable);
	g_timeout_add(20, cancel_when_half, both);
	vf_builder_kernel_async(f->builder, f->arch, variant, NULL, NULL, cancellable, NULL, NULL,
				build_done, &done);
	result = build_wait(&done);
	g_assert_null(vf_builder_kernel_finish(f->builder, result, NULL, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_CANCELLED);
	g_assert_true(g_file_test(half, G_FILE_TEST_EXISTS));

	scratch_write("kernels/tiny/config", "CONFIG_A=y\n");
	kernel = build_well(f, "v", "a.patch", NULL);
	g_assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
}

/* Another process of the same program, which builds until it is killed. */
static int build_until_killed(void)
{
	g_autoptr(VfBuilder) builder = open_builder();
	g_autoptr(VfArch) arch = build_arch("tiny", "CONFIG_SLOW=y\n");
	g_autoptr(VfVariant) variant = build_variant("v", "a.patch");
	g_autoptr(VfKernel) kernel = build_kernel(builder, arch, variant, NULL, NULL, NULL);

	return kernel ? 0 : 1;
}

static pid_t start_other(void)
{
	char *argv[] = {"/proc/self/exe", "--build-until-killed", NULL};
	g_autoptr(GError) error = NULL;
	GPid pid;

	g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
	g_assert_no_error(error);
	return pid;
}

static void await_file(const char *path)
{
	for (int i = 0; i < 3000 && !g_file_test(path, G_FILE_TEST_EXISTS); i++)
		g_usleep(10000);
	g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_killed(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *half = slot_path("v", "tiny/half", f);
	g_autoptr(VfKernel) kernel = NULL;
	pid_t other = start_other();

	await_file(half);
	kill(other, SIGKILL);
	g_assert_cmpint(waitpid(other, NULL, 0), ==, other);
	scratch_write("kernels/tiny/config", "CONFIG_A=y\n");
	kernel = build_well(f, "v", "a.patch", NULL);
	g_assert_false(kernel->cached);
	g_assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
}

/*
 * A bwrap that does not work comes first in PATH: the same must come out, and the log must say
 * so. Nothing kills compilers with a killed run then, but the next run waits for them to end.
 */
static void test_without_sandbox(G_GNUC_UNUSED Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const char *const tests[] = {"/kernel/members", "/kernel/debug-paths",
					    "/kernel/incremental", "/kernel/compile-error",
					    "/kernel/killed"};
	g_autofree char *here = g_get_current_dir();
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *path = g_strdup_printf("PATH=%s/bin:%s", here, g_getenv("PATH"));

	scratch_write("bin/bwrap", "#!/bin/sh\necho not today\nexit 1\n");
	g_assert_cmpint(g_chmod("bin/bwrap", 0755), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_assert_cmpint(build_run("env", path, "NO_SANDBOX=1", self, "-p", tests[i], NULL),
				==, 0);
}

static gboolean kill_other(gpointer pid)
{
	kill(*(pid_t *)pid, SIGKILL);
	return G_SOURCE_REMOVE;
}

/* A second run waits for the lock of the first, says so, and has it as soon as that is gone. */
static void test_two_runs(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *half = slot_path("v", "tiny/half", f);
	g_autoptr(VfVariant) variant = build_variant("v", "a.patch");
	g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(VfKernel) kernel = NULL;
	g_autoptr(GError) error = NULL;
	GAsyncResult *done = NULL;
	pid_t other = start_other();
	gboolean waited = FALSE;

	await_file(half);
	scratch_write("kernels/tiny/config", "CONFIG_A=y\n");
	g_timeout_add(300, kill_other, &other);
	vf_builder_kernel_async(f->builder, f->arch, variant, NULL, NULL, NULL, on_progress, said,
				build_done, &done);
	result = build_wait(&done);
	kernel = vf_builder_kernel_finish(f->builder, result, NULL, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < said->len; i++)
		waited = waited || !strcmp(said->pdata[i], "waiting for another run");
	g_assert_true(waited);
	g_assert_cmpint(waitpid(other, NULL, 0), ==, other);
}

/* As it is while a sync from one stack to another goes on that touches b.c as well. */
static void make_dirty(const char *path)
{
	json_t *state = json_load_file(path, 0, NULL);

	g_assert_true(json_is_false(json_object_get(state, "dirty")));
	json_object_set_new(state, "dirty", json_true());
	json_object_set_new(json_object_get(state, "files"), "b.c", json_string("unknown"));
	g_assert_cmpint(json_dump_file(state, path, 0), ==, 0);
	json_decref(state);
}

/* Killed between two files of a sync: one is garbage, one is still that of the stack before. */
static void test_half_synced(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) first = build_well(f, "v", "a.patch", NULL), second = NULL;
	g_autofree char *a = slot_path("v", "tree/a.c", f), *b = slot_path("v", "tree/b.c", f);
	g_autofree char *state = slot_path("v", "tree.json", f);
	g_autofree char *a_after = NULL, *b_after = NULL;

	unlink(b);
	scratch_write(b, "gar");
	make_dirty(state);
	assert_compiled(f, "v", "a b");
	second = build_well(f, "v", "", NULL);
	a_after = build_read(a);
	b_after = build_read(b);
	g_assert_cmpstr(a_after, ==, build_a_c);
	g_assert_cmpstr(b_after, ==, build_b_c);
	assert_compiled(f, "v", "a b");
}

/*
 * A tree or objects without a readable state are made anew, and objects of a tree that is gone as
 * well: in the new one, the file that the patch no longer touches is older than they are.
 */
static void test_lost_state(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const struct {
		const char *name;
		gboolean damaged;
	} names[] = {
		{"tree.json", FALSE}, {"tiny.json", FALSE}, {"tree", FALSE},
		{"tree.json", TRUE},  {"tiny.json", TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *lost = slot_path("v", names[i].name, f);
		g_autofree char *slot = slot_path("v", "", f);
		g_autofree char *store = g_build_filename(vf_dirs_cache(), "kernels", NULL);
		g_autoptr(VfKernel) first = build_well(f, "v", "a.patch", NULL);
		g_autoptr(VfKernel) second = NULL;

		assert_compiled(f, "v", "a b");
		if (names[i].damaged)
			scratch_write(lost, "{");
		else
			g_assert_true(vf_dirs_remove(lost, NULL));
		second = build_well(f, "v", "", NULL);
		assert_compiled(f, "v", "a b");
		g_assert_true(vf_dirs_remove(slot, NULL) && vf_dirs_remove(store, NULL));
	}
}

static void test_skipped(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfKernel) kernel = NULL, again = NULL;

	build_patch("0-old.patch", "b.c", NULL, build_b_c);
	kernel = build_well(f, "v", "0-old.patch a.patch", NULL);
	again = build_well(f, "v", "a.patch", NULL);
	g_assert_cmpuint(g_strv_length(kernel->skipped), ==, 1);
	g_assert_cmpstr(kernel->skipped[0], ==, "0-old.patch");
	g_assert_true(again->cached);
	g_assert_cmpuint(g_strv_length(again->skipped), ==, 0);
}

/* A compiler that is replaced by another is asked again. */
static void test_compiler_version(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *here = g_get_current_dir();
	g_autofree char *path = g_strdup_printf("%s/bin:%s", here, g_getenv("PATH"));
	g_autofree char *first = NULL, *again = NULL, *second = NULL;
	g_autofree char *before = g_strdup(g_getenv("PATH"));

	f->arch->kernel.cross_compile = g_strdup("tiny-");
	scratch_write("bin/tiny-gcc", "#!/bin/sh\necho $0 >> asked\necho compiler 1\n");
	scratch_write("bin/tiny-ld", "#!/bin/sh\necho linker 1\n");
	g_assert_cmpint(g_chmod("bin/tiny-gcc", 0755) | g_chmod("bin/tiny-ld", 0755), ==, 0);
	g_setenv("PATH", path, TRUE);
	first = vf_tools_kernel_compiler(f->arch, NULL);
	g_assert_cmpint(unlink("asked"), ==, 0);
	again = vf_tools_kernel_compiler(f->arch, NULL);
	g_assert_false(g_file_test("asked", G_FILE_TEST_EXISTS));
	scratch_write("bin/tiny-gcc", "#!/bin/sh\necho compiler 2\n");
	g_assert_cmpint(g_chmod("bin/tiny-gcc", 0755), ==, 0);
	second = vf_tools_kernel_compiler(f->arch, NULL);
	g_setenv("PATH", before, TRUE);
	g_assert_cmpstr(first, ==, "compiler 1, linker 1");
	g_assert_cmpstr(again, ==, first);
	g_assert_cmpstr(second, ==, "compiler 2, linker 1");
}

/* In a process of its own: the place of the cache is found out once. */
static int open_without_cache(void)
{
	g_autoptr(VfBuilder) builder = NULL;
	g_autoptr(GError) error = NULL;

	g_setenv("XDG_CACHE_HOME", "/proc/no-cache-here", TRUE);
	builder = vf_builder_new(".", "linux", 1, &error);
	g_assert_null(builder);
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_nonnull(strstr(error->message, "/proc/no-cache-here/vifarm"));
	return 0;
}

static void test_unwritable(G_GNUC_UNUSED Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

	g_assert_cmpint(build_run(self, "--open-without-cache", NULL), ==, 0);
}

/* Builds @patch on top of @base, to be compared with @like. */
static VfKernel *build_mutant(Fixture *f, const VfVariant *base, const char *patch,
			      const VfKernel *like)
{
	g_autofree char *path = g_canonicalize_filename(patch, NULL);
	g_autoptr(VfVariant) variant = vf_variant_mutant(base, "m", "a mutant", path);
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	GAsyncResult *done = NULL;
	VfKernel *kernel;

	vf_builder_kernel_async(f->builder, f->arch, variant, NULL, like, NULL, NULL, NULL,
				build_done, &done);
	result = build_wait(&done);
	kernel = vf_builder_kernel_finish(f->builder, result, NULL, &error);
	g_assert_no_error(error);
	return kernel;
}

/* What a kernel is not built from cannot change it; anything that might is built. */
static void test_like(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const struct {
		const char *path, *from, *to;
		gboolean like;
	} cases[] = {
		{"unused.c", build_b_c, build_a_c, TRUE},
		{"b.c", build_b_c, change_b, FALSE},
		{"common.h", build_common_h, "#define COMMON 8\n", FALSE},
		{"Kconfig", "# nothing\n", "# something\n", FALSE},
		{"new.h", NULL, "#define NEW\n", FALSE},
		{"unused.c", build_b_c, NULL, FALSE},
		{"scripts/new.c", NULL, build_a_c, FALSE},
	};
	g_autoptr(VfVariant) base = build_variant("base", "a.patch");
	g_autoptr(GError) error = NULL;
	g_autoptr(VfKernel) first = build_kernel(f->builder, f->arch, base, NULL, NULL, &error);
	g_autofree char *list = NULL;

	g_assert_no_error(error);
	g_assert_nonnull(first->sources);
	list = build_read(first->sources);
	g_assert_cmpstr(list, ==, "a.c\nb.c\ncommon.h\n");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(VfKernel) kernel = NULL;

		build_patch("m.patch", cases[i].path, cases[i].from, cases[i].to);
		kernel = build_mutant(f, base, "m.patch", first);
		g_assert_cmpint(kernel->like, ==, cases[i].like);
		g_assert_cmpint(!strcmp(kernel->key, first->key), ==, cases[i].like);
	}
	build_patch("m.patch", "unused.c", build_b_c, build_a_c);
	g_assert_cmpint(unlink(first->sources), ==, 0);
	{
		g_autoptr(VfKernel) unknown = build_mutant(f, base, "m.patch", first);

		g_assert_false(unknown->like);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *path;
		void (*run)(Fixture *, gconstpointer);
	} tests[] = {
		{"/kernel/members", test_members},
		{"/kernel/debug-paths", test_debug_paths},
		{"/kernel/hit", test_hit},
		{"/kernel/key", test_key},
		{"/kernel/incremental", test_incremental},
		{"/kernel/incremental-git", test_incremental_git},
		{"/kernel/pristine", test_pristine},
		{"/kernel/clone", test_clone},
		{"/kernel/clone-beside-tree", test_clone_beside_tree},
		{"/kernel/reconfigure", test_reconfigure},
		{"/kernel/bad-config", test_bad_config},
		{"/kernel/compile-error", test_compile_error},
		{"/kernel/reject", test_reject},
		{"/kernel/missing-compiler", test_missing_compiler},
		{"/kernel/damaged", test_damaged},
		{"/kernel/queue", test_queue},
		{"/kernel/cancel", test_cancel},
		{"/kernel/killed", test_killed},
		{"/kernel/two-runs", test_two_runs},
		{"/kernel/without-sandbox", test_without_sandbox},
		{"/kernel/half-synced", test_half_synced},
		{"/kernel/lost-state", test_lost_state},
		{"/kernel/skipped", test_skipped},
		{"/kernel/compiler-version", test_compiler_version},
		{"/kernel/unwritable", test_unwritable},
		{"/kernel/like", test_like},
	};

	if (argc > 1 && !strcmp(argv[1], "--build-until-killed"))
		return build_until_killed();
	if (argc > 1 && !strcmp(argv[1], "--open-without-cache"))
		return open_without_cache();
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].path, Fixture, tests[i].path, set_up, tests[i].run, tear_down);
	return build_fixture_main();
}
