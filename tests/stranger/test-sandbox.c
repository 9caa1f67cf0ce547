// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attacks on the sandbox from inside. A copy of this program is bound into the sandbox and started
 * there as "attack NAME [ARGUMENT]": status 0 means that the attack worked.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "both-users.h"
#include "build-fixture.h"
#include "kernel/cgroup.h"

#define REFUSED 9 /* status of an attack that did not work; what else is not 0 is a broken test */
#define SECRET	"VIFARM-SECRET-3e1d"
#define MIB(n)	((guint64)(n) << 20)

typedef gboolean (*Attack)(const char *argument); /* TRUE: it worked */

static gboolean trace_first(G_GNUC_UNUSED const char *argument)
{
	return ptrace(PTRACE_SEIZE, 1, NULL, NULL) == 0;
}

static gboolean trace_child(G_GNUC_UNUSED const char *argument)
{
	pid_t pid = fork();
	gboolean worked;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	worked = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
	kill(pid, SIGKILL);
	return worked;
}

static gboolean write_first(G_GNUC_UNUSED const char *argument)
{
	return open("/proc/1/mem", O_RDWR | O_CLOEXEC) >= 0 ||
	       open("/proc/1/task/1/mem", O_RDWR | O_CLOEXEC) >= 0;
}

static gboolean read_first(G_GNUC_UNUSED const char *argument)
{
	char here = 0;
	struct iovec local = {&here, 1}, remote = {&here, 1};

	/* nothing has to be at that address: the answer says whether we may look */
	return process_vm_readv(1, &local, 1, &remote, 1, 0) == 1 || errno == EFAULT;
}

/* @argument: a process outside. */
static gboolean signal_outside(const char *argument)
{
	return kill(atoi(argument), 0) == 0;
}

static gboolean read_keyring(G_GNUC_UNUSED const char *argument)
{
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			   "vifarm-test", 0);
	char text[100] = "";

	return key > 0 && syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)) > 0;
}

static gboolean list_keys(G_GNUC_UNUSED const char *argument)
{
	g_autofree char *keys = NULL;

	return g_file_get_contents("/proc/keys", &keys, NULL, NULL) && *keys;
}

static gboolean add_key(G_GNUC_UNUSED const char *argument)
{
	return syscall(SYS_add_key, "user", "x", "x", 1, KEY_SPEC_PROCESS_KEYRING) > 0;
}

static gboolean new_namespace(const char *argument)
{
	return unshare(atoi(argument)) == 0;
}

static int do_nothing(G_GNUC_UNUSED void *data)
{
	return 0;
}

static gboolean cloned_namespace(const char *argument)
{
	static char stack[65536] __attribute__((aligned(16)));

	return clone(do_nothing, stack + sizeof(stack), atoi(argument) | SIGCHLD, NULL) > 0;
}

static gboolean clone3_namespace(const char *argument)
{
	struct clone_args args = {.flags = (guint64)atoi(argument), .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

/* Without rights the kernel says EPERM to both: ENOSYS to the second is the filter's. */
static gboolean new_mount(G_GNUC_UNUSED const char *argument)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL) == 0 || errno != EPERM ||
	       syscall(SYS_fsopen, "tmpfs", 0) >= 0 || errno != ENOSYS;
}

static gboolean memory_file(G_GNUC_UNUSED const char *argument)
{
	return memfd_create("x", 0) >= 0 || syscall(SYS_memfd_secret, 0) >= 0;
}

static gboolean sysv_memory(G_GNUC_UNUSED const char *argument)
{
	return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0;
}

static gboolean sysv_messages(G_GNUC_UNUSED const char *argument)
{
	return msgget(IPC_PRIVATE, IPC_CREAT | 0600) >= 0 ||
	       semget(IPC_PRIVATE, 1, IPC_CREAT | 0600) >= 0;
}

static gboolean posix_messages(G_GNUC_UNUSED const char *argument)
{
	return mq_open("/x", O_RDWR | O_CREAT, 0600, NULL) >= 0;
}

static gboolean kernel_calls(G_GNUC_UNUSED const char *argument)
{
	static const long calls[] = {SYS_bpf,
				     SYS_perf_event_open,
				     SYS_userfaultfd,
				     SYS_io_uring_setup,
				     SYS_open_by_handle_at,
				     SYS_kexec_load,
				     SYS_finit_module};

	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
		if (syscall(calls[i], 0, 0, 0, 0, 0) >= 0 || (errno != EPERM && errno != ENOSYS))
			return TRUE;
	return FALSE;
}

static gboolean other_families(G_GNUC_UNUSED const char *argument)
{
	static const int families[] = {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG};

	for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
		if (socket(families[i], SOCK_DGRAM, 0) >= 0 || errno != EAFNOSUPPORT)
			return TRUE;
	return FALSE;
}

#ifdef __x86_64__
/* getpid() by the table of 32-bit programs, where ptrace() has the number of setuid() in ours */
static gboolean other_abi(G_GNUC_UNUSED const char *argument)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result > 0;
}
#endif

static gboolean type_into(int tty)
{
	return tty >= 0 && (ioctl(tty, TIOCSTI, "x") == 0 ||
			    syscall(SYS_ioctl, tty, 0x100000000UL | TIOCSTI, "x") == 0);
}

/* Into the terminal of whom started us. */
static gboolean type(G_GNUC_UNUSED const char *argument)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0 ||
	       type_into(open("/dev/tty", O_RDWR | O_CLOEXEC)) || type_into(0) || type_into(1);
}

/* The filter alone: a terminal of our own would take it. */
static gboolean type_at_home(G_GNUC_UNUSED const char *argument)
{
	int ours, theirs;

	return openpty(&ours, &theirs, NULL, NULL, NULL) == 0 && setsid() &&
	       ioctl(theirs, TIOCSCTTY, 0) == 0 && type_into(theirs);
}

/* A lock or a pipe of the caller's. */
static gboolean find_descriptor(G_GNUC_UNUSED const char *argument)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return TRUE;
	return FALSE;
}

static void take_memory(gsize bytes)
{
	volatile char *memory = g_malloc(bytes);

	for (gsize i = 0; i < bytes; i += 4096)
		memory[i] = 1;
}

/*
 * Leaves a process that has a session of its own and no ears, and that takes its time to die. It
 * holds a lock on @argument, and the pipe.
 */
static gboolean survive(const char *argument)
{
	int ready[2];
	char byte;

	if (pipe(ready) < 0)
		return FALSE;
	if (fork() != 0) {
		close(ready[1]);
		return read(ready[0], &byte, 1) == 1;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	take_memory(MIB(400));
	if (flock(open(argument, O_RDWR | O_CREAT, 0666), LOCK_EX) == 0 &&
	    write(ready[1], "x", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

static gboolean fill_file(const char *path, guint mib)
{
	static char block[1 << 20];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	memset(block, 1, sizeof(block));
	for (guint i = 0; i < mib; i++)
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return FALSE;
	return TRUE;
}

/* Memory of no process: a file in one of the sandbox's own file systems. */
static gboolean fill(G_GNUC_UNUSED const char *argument)
{
	return fill_file("/tmp/fill", 200);
}

static gboolean overfill(G_GNUC_UNUSED const char *argument)
{
	static const char *const paths[] = {"/tmp/fill", "/dev/shm/fill", "/dev/fill",
					    "/fill",	 "/etc/fill",	  "/proc/1/fill"};

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		if (fill_file(paths[i], (VF_SANDBOX_TMP >> 20) + 1))
			return TRUE;
	return FALSE;
}

static const struct {
	const char *name;
	Attack attack;
	int flag; /* becomes the argument */
} attacks[] = {
	{"trace-first", trace_first, 0},
	{"trace-child", trace_child, 0},
	{"write-first", write_first, 0},
	{"read-first", read_first, 0},
	{"read-keyring", read_keyring, 0},
	{"list-keys", list_keys, 0},
	{"add-key", add_key, 0},
	{"user-namespace", new_namespace, CLONE_NEWUSER},
	{"clone-user-namespace", cloned_namespace, CLONE_NEWUSER},
	{"clone-pid-namespace", cloned_namespace, CLONE_NEWUSER | CLONE_NEWPID},
	{"clone3-user-namespace", clone3_namespace, CLONE_NEWUSER},
	{"mount", new_mount, 0},
	{"memory-file", memory_file, 0},
	{"sysv-memory", sysv_memory, 0},
	{"sysv-messages", sysv_messages, 0},
	{"posix-messages", posix_messages, 0},
	{"kernel-calls", kernel_calls, 0},
	{"other-families", other_families, 0},
	{"type", type, 0},
	{"type-at-home", type_at_home, 0},
	{"find-descriptor", find_descriptor, 0},
#ifdef __x86_64__
	{"other-abi", other_abi, 0},
#endif
	/* with arguments of their own */
	{"signal-outside", signal_outside, -1},
	{"survive", survive, -1},
	{"fill", fill, -1},
	{"overfill", overfill, -1},
};

static int run_attack(const char *name, const char *argument)
{
	for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++)
		if (!strcmp(attacks[i].name, name))
			return attacks[i].attack(argument) ? 0 : REFUSED;
	return 1;
}

/* The sandboxes that there are. */
typedef enum { OURS, STRANGERS, PATHS } Kind;

typedef struct Fixture {
	Scratch *scratch;
	VfLock *lock;
} Fixture;

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autoptr(GError) error = NULL;

	f->scratch = scratch_new();
	scratch_write("objects/file", "object\n");
	scratch_write("ccache/file", "cached\n");
	g_assert_cmpint(g_mkdir("tree", 0755), ==, 0);
	g_assert_cmpint(build_run("cp", "--", self, "tree/attack", NULL), ==, 0);
	g_assert_cmpint(g_chmod("objects", 0777), ==, 0);
	f->lock = vf_lock_try("lock", VF_LOCK_EXCLUSIVE, &error);
	g_assert_no_error(error);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	vf_lock_free(f->lock);
	scratch_free(f->scratch);
}

/* A sandbox of @kind. Caller frees. */
static VfArgv *sandbox_argv(const Fixture *f, Kind kind)
{
	const VfSandbox sandbox = {.tree = "tree",
				   .objects = "objects",
				   .ccache = "ccache",
				   .stranger = kind == STRANGERS};
	g_autofree char *tree = g_build_filename(f->scratch->path, "tree", NULL);
	const char *paths[] = {tree, NULL};
	g_auto(GStrv) env = vf_child_env("ASAN_OPTIONS=detect_leaks=0", NULL);
	VfArgv *argv = vf_argv_new();

	if (kind == PATHS)
		vf_sandbox_wrap_paths(argv, paths, NULL, env);
	else
		vf_sandbox_wrap(argv, &sandbox, env);
	return argv;
}

/* Command line of an attack in there. Caller frees. */
static char **attack_argv(const Fixture *f, Kind kind, const char *name, const char *argument)
{
	g_autoptr(VfArgv) argv = sandbox_argv(f, kind);

	vf_argv_format(argv, "%s%s/attack", kind == PATHS ? f->scratch->path : "",
		       kind == PATHS ? "/tree" : VF_SANDBOX_TREE);
	vf_argv_add(argv, "attack", name, argument, NULL);
	return vf_argv_end(argv);
}

static int status_of(const Fixture *f, Kind kind, const char *name, const char *argument)
{
	static const VfLimits limits = {.seconds = 60, .resident = MIB(2000)};
	g_auto(GStrv) argv = attack_argv(f, kind, name, argument);
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	vf_child_run(&(VfChild){.argv = argv, .keep = 4096, .limits = &limits, .lock = f->lock},
		     &end, &error);
	g_assert_no_error(error);
	if (end.status != REFUSED)
		g_test_message("%s in %d: status %d: %s", name, kind, end.status, end.output);
	return end.status;
}

/* Honest builds need what lies behind /etc/alternatives, compilers and interpreters. */
static void test_tools(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char script[] = "awk 'BEGIN{}' && perl -e 1 && python3 -c 'import os' &&"
				     " echo 'int main(void){return 0;}' | gcc -x c -o x - && ./x";

	for (Kind kind = OURS; kind <= STRANGERS; kind++) {
		g_autoptr(VfArgv) words = sandbox_argv(f, kind);
		g_auto(GStrv) argv = NULL;
		g_auto(VfChildEnd) end = {0};

		vf_argv_add(words, "sh", "-c", script, NULL);
		argv = vf_argv_end(words);
		g_assert_true(vf_child_run(&(VfChild){.argv = argv, .keep = 4096}, &end, NULL));
		g_test_message("%s", end.output);
		g_assert_cmpint(end.status, ==, 0);
		g_unlink("objects/x");
	}
}

/* A key that whoever shares our session keyring can read. */
static void add_secret(void)
{
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	g_assert_cmpint(syscall(SYS_add_key, "user", "vifarm-test", SECRET, strlen(SECRET),
				KEY_SPEC_SESSION_KEYRING),
			>, 0);
}

static void test_refused(Fixture *f, gconstpointer data)
{
	guint i = GPOINTER_TO_UINT(data);
	g_autofree char *flag = g_strdup_printf("%d", attacks[i].flag);

	add_secret();
	for (Kind kind = OURS; kind <= PATHS; kind++) {
		int status = status_of(f, kind, attacks[i].name, flag);

		/* a foreign ABI ends the process */
		g_assert_true(status == REFUSED || status == 128 + SIGSYS);
	}
}

static void test_signal(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *pid = g_strdup_printf("%d", getpid());

	for (Kind kind = OURS; kind <= PATHS; kind++)
		g_assert_cmpint(status_of(f, kind, "signal-outside", pid), ==, REFUSED);
}

static gboolean is_free(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	gboolean is = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

	close(fd);
	return is;
}

/* A child has ended when nothing that it started lives any more. */
static void test_survivor(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	for (Kind kind = OURS; kind <= STRANGERS; kind++) {
		g_assert_cmpint(status_of(f, kind, "survive", VF_SANDBOX_OBJECTS "/alive"), ==, 0);
		g_assert_true(is_free("objects/alive"));
		g_assert_cmpint(g_unlink("objects/alive"), ==, 0);
	}
}

/* The same without a namespace: git, tar, QEMU's helpers. */
static void test_daemon(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *self = g_build_filename(f->scratch->path, "tree", "attack", NULL);
	char *argv[] = {self, "attack", "survive", "alive", NULL};
	g_auto(VfChildEnd) end = {0};

	g_assert_true(vf_child_run(&(VfChild){.argv = argv}, &end, NULL));
	g_assert_cmpint(end.status, ==, 0);
	g_assert_true(is_free("alive"));
}

/* A program of ours that is killed: its lock is free when its child's last process is gone. */
static void test_killed(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_auto(GStrv) argv = attack_argv(f, OURS, "survive", VF_SANDBOX_OBJECTS "/alive");
	pid_t pid;
	int rounds = 0;

	pid = fork();
	if (pid == 0) {
		vf_child_run(&(VfChild){.argv = argv, .lock = f->lock}, &(VfChildEnd){0}, NULL);
		_exit(0);
	}
	g_clear_pointer(&f->lock, vf_lock_free);
	while (!g_file_test("objects/alive", G_FILE_TEST_EXISTS) || is_free("objects/alive"))
		g_usleep(1000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (!is_free("lock") && rounds++ < 10000)
		g_usleep(1000);
	g_assert_cmpint(rounds, <, 10000);
	g_assert_true(is_free("objects/alive"));
}

/* In a process that has a terminal: nothing can be typed into it. */
static void test_terminal(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	int ours, status, waiting = 0;
	pid_t pid = forkpty(&ours, NULL, NULL, NULL);

	if (pid == 0) {
		g_autofree char *self = g_build_filename(f->scratch->path, "tree", "attack", NULL);
		char *argv[] = {self, "attack", "type", NULL};
		g_auto(VfChildEnd) end = {0};
		gboolean safe = TRUE;

		for (Kind kind = OURS; kind <= PATHS; kind++)
			safe &= status_of(f, kind, "type", NULL) == REFUSED;
		/* the one with no sandbox around it */
		vf_child_run(&(VfChild){.argv = argv}, &end, NULL);
		safe &= end.status == REFUSED;
		ioctl(0, FIONREAD, &waiting);
		_exit(!safe || waiting);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	close(ours);
}

/* Whoever works on strangers' data finds nothing to fill without end. */
static void test_overfill(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	for (Kind kind = STRANGERS; kind <= PATHS; kind++)
		g_assert_cmpint(status_of(f, kind, "overfill", NULL), ==, REFUSED);
}

/* Where a cgroup is delegated, what no process holds counts as well. */
static void test_cgroup(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const VfLimits limits = {.resident = MIB(100), .seconds = 60};
	g_auto(GStrv) argv = attack_argv(f, STRANGERS, "fill", NULL);
	VfCgroup *cgroup = vf_cgroup_new(&limits);
	g_auto(VfChildEnd) end = {0};

	if (!cgroup) {
		g_test_skip("no cgroup is delegated to this process");
		return;
	}
	g_assert_false(vf_cgroup_out_of_memory(cgroup));
	vf_cgroup_free(cgroup);
	g_assert_true(vf_child_run(&(VfChild){.argv = argv, .keep = 4096, .limits = &limits}, &end,
				   NULL));
	g_test_message("status %d: %s", end.status, end.output);
	g_assert_cmpstr(end.exceeded, ==, "memory");
	/* survivors end by cgroup.kill */
	test_survivor(f, NULL);
}

static void add(const char *path, gconstpointer data, void (*test)(Fixture *, gconstpointer))
{
	g_test_add(path, Fixture, data, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc > 2 && !strcmp(argv[1], "attack"))
		return run_attack(argv[2], argv[3]);
	both_users();
	g_test_init(&argc, &argv, NULL);
	if (!vf_sandbox_available(TRUE, &error)) {
		g_print("1..0 # SKIP %s\n", error->message);
		return 0;
	}
	for (guint i = 0; i < G_N_ELEMENTS(attacks) && attacks[i].flag >= 0; i++) {
		g_autofree char *path = g_strconcat("/sandbox/refused/", attacks[i].name, NULL);

		add(path, GUINT_TO_POINTER(i), test_refused);
	}
	add("/sandbox/tools", NULL, test_tools);
	add("/sandbox/signal", NULL, test_signal);
	add("/sandbox/survivor", NULL, test_survivor);
	add("/sandbox/daemon", NULL, test_daemon);
	add("/sandbox/killed", NULL, test_killed);
	add("/sandbox/terminal", NULL, test_terminal);
	add("/sandbox/overfill", NULL, test_overfill);
	add("/sandbox/cgroup", NULL, test_cgroup);
	return g_test_run();
}
