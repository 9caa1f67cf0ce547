// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/seccomp.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* Libraries take ENOSYS for an old kernel and do without. */
static const struct {
	int error;
	int syscalls[40]; /* ends with 0, which is no system call on this list */
} refused[] = {
	/* other processes */
	{EPERM,
	 {SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	  SCMP_SYS(process_madvise), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp)}},
	/* keys belong to the user, not to a namespace */
	{EPERM, {SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key)}},
	/* namespaces and mounts */
	{EPERM,
	 {SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(umount),
	  SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(open_by_handle_at),
	  SCMP_SYS(name_to_handle_at), SCMP_SYS(quotactl), SCMP_SYS(quotactl_fd), SCMP_SYS(swapon),
	  SCMP_SYS(swapoff)}},
	{ENOSYS,
	 {SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick),
	  SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(mount_setattr)}},
	/* its flags are in memory, where no filter sees them; glibc falls back to clone() */
	{ENOSYS, {SCMP_SYS(clone3)}},
	/* memory that no limit of a process counts and no process shows */
	{ENOSYS, {SCMP_SYS(memfd_create), SCMP_SYS(memfd_secret)}},
	{EPERM,
	 {SCMP_SYS(shmget), SCMP_SYS(shmat), SCMP_SYS(shmctl), SCMP_SYS(msgget), SCMP_SYS(semget),
	  SCMP_SYS(ipc), SCMP_SYS(mq_open), SCMP_SYS(vmsplice)}},
	/* large parts of the kernel that no build needs */
	{ENOSYS, {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register)}},
	{EPERM, {SCMP_SYS(bpf),		  SCMP_SYS(perf_event_open),
		 SCMP_SYS(userfaultfd),	  SCMP_SYS(fanotify_init),
		 SCMP_SYS(kexec_load),	  SCMP_SYS(kexec_file_load),
		 SCMP_SYS(init_module),	  SCMP_SYS(finit_module),
		 SCMP_SYS(delete_module), SCMP_SYS(reboot),
		 SCMP_SYS(acct),	  SCMP_SYS(syslog),
		 SCMP_SYS(iopl),	  SCMP_SYS(ioperm),
		 SCMP_SYS(modify_ldt),	  SCMP_SYS(lookup_dcookie),
		 SCMP_SYS(nfsservctl),	  SCMP_SYS(uselib),
		 SCMP_SYS(vhangup),	  SCMP_SYS(settimeofday),
		 SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime),
		 SCMP_SYS(adjtimex),	  SCMP_SYS(move_pages),
		 SCMP_SYS(migrate_pages)}},
};

/* Of clone(); CLONE_NEWTIME shares its bit with the signal, and is not taken there. */
static const unsigned int namespaces[] = {
	CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNS,     CLONE_NEWNET,
	CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP,
};

/* Typing into a terminal, and line disciplines. */
static const unsigned int ioctls[] = {TIOCSTI, TIOCLINUX, TIOCSETD};

static int refuse_calls(scmp_filter_ctx filter)
{
	int status = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
		for (const int *nr = refused[i].syscalls; *nr && !status; nr++)
			status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(refused[i].error), *nr, 0);
	return status;
}

/* The kernel takes 32 bits of these arguments and ignores the others, so do the comparisons. */
static int refuse_arguments(scmp_filter_ctx filter)
{
	int status = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(namespaces) && !status; i++)
		status =
			seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(ioctls) && !status; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
					  SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, ioctls[i]));
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
					  SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1,
					  SCMP_A0(SCMP_CMP_NE, 0));
	return status;
}

/* Calls by another ABI (int 0x80, x32) end the process: their numbers mean something else. */
static int write_filter(int fd)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int status = filter ? 0 : -ENOMEM;

	if (!status)
		status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!status)
		status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!status)
		status = refuse_calls(filter);
	if (!status)
		status = refuse_arguments(filter);
	if (!status)
		status = seccomp_export_bpf(filter, fd);
	seccomp_release(filter);
	return status;
}

#define NUMBER_MIN 16

static int filter_fd = -1;
static char filter_path[64];

/* Children get descriptors of ours under small numbers: the filter's must be none of these. */
static int above_wires(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, NUMBER_MIN);

	if (fd >= 0)
		close(fd);
	return high;
}

int vf_seccomp_fd(GError **error)
{
	int fd, status;

	if (filter_fd >= 0)
		return filter_fd;
	fd = above_wires(memfd_create("vifarm-seccomp", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	if (fd < 0) {
		vf_throw_errno(error, "memfd_create");
		return -1;
	}
	status = write_filter(fd);
	if (status < 0) {
		close(fd);
		vf_throw(error, VF_ERROR_IO, "cannot make the seccomp filter: %s",
			 g_strerror(-status));
		return -1;
	}
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	snprintf(filter_path, sizeof(filter_path), "/proc/self/fd/%d", fd);
	filter_fd = fd;
	return fd;
}

/* Opened anew: readers that share a descriptor would share its position as well. */
void vf_seccomp_inherit(void)
{
	int fd = open(filter_path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		dup2(fd, filter_fd);
}
