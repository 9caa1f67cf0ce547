// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that parses mails. */
#include <errno.h>
#include <iconv.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "mail/charset.h"
#include "mail/message-impl.h"
#include "mail/message-wire.h"
#include "mail/parser-impl.h"
#include "mail/parser.h"

/* A mail of 8 MiB in which every byte becomes three takes 150 MiB. */
#define MEMORY_BYTES (G_GUINT64_CONSTANT(512) << 20)
/* A parser lives for a whole archive; one mail's time is the other side's to measure. */
#define CPU_SECONDS 3600

/* All that is needed to compute, and to talk over descriptors that are open already. */
static const int calls[] = {
	SCMP_SYS(read),		SCMP_SYS(write),	  SCMP_SYS(brk),
	SCMP_SYS(mmap),		SCMP_SYS(munmap),	  SCMP_SYS(mremap),
	SCMP_SYS(mprotect),	SCMP_SYS(madvise),	  SCMP_SYS(futex),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),	  SCMP_SYS(sched_yield),
	SCMP_SYS(exit),		SCMP_SYS(exit_group),	  SCMP_SYS(restart_syscall),
};

static void limit(int resource, guint64 value)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	setrlimit(resource, &both);
}

/* Everything else fails with EPERM, as if nothing were there. */
static gboolean filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	gboolean ok = filter != NULL;

	for (gsize i = 0; ok && i < G_N_ELEMENTS(calls); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
	ok = ok && seccomp_load(filter) == 0;
	if (filter)
		seccomp_release(filter);
	return ok;
}

/* A sanitizer's shadow is larger than any limit, and it reads /proc. */
static gboolean give_up_rights(void)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_CPU, CPU_SECONDS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return FALSE;
#ifdef __SANITIZE_ADDRESS__
	(void)filter_calls;
	return TRUE;
#else
	limit(RLIMIT_AS, MEMORY_BYTES);
	limit(RLIMIT_NOFILE, 0);
	return filter_calls();
#endif
}

/* FALSE at the end, or when nobody listens any more. */
static gboolean transfer(int fd, void *data, gsize length, gboolean writing)
{
	char *at = data;

	while (length) {
		gssize count = writing ? write(fd, at, length) : read(fd, at, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return FALSE;
		at += count;
		length -= (gsize)count;
	}
	return TRUE;
}

static gboolean answer(int fd, VfParserAnswer kind, const char *bytes, gsize length)
{
	VfParserHead head = {.kind = kind, .length = (guint32)length};

	return transfer(fd, &head, sizeof(head), TRUE) && transfer(fd, (void *)bytes, length, TRUE);
}

static gboolean serve_one(int fd, guint32 length, VfMailParse parse)
{
	g_autofree char *bytes = g_malloc((gsize)length + 1);
	g_autoptr(VfMessage) message = NULL;
	g_autoptr(GBytes) packed = NULL;
	g_autoptr(GError) error = NULL;

	if (!transfer(fd, bytes, length, FALSE))
		return FALSE;
	message = parse(bytes, length, NULL, &error);
	if (!message)
		return answer(fd, VF_PARSER_REFUSAL, error->message, strlen(error->message));
	packed = vf_message_pack(message);
	return answer(fd, VF_PARSER_MESSAGE, g_bytes_get_data(packed, NULL),
		      g_bytes_get_size(packed));
}

int vf_mail_parser_serve(int fd, VfMailParse parse)
{
	guint32 length;

	/* what is loaded on demand has to be there before files are out of reach */
	vf_charset_load();
	vf_message_start();
	if (!give_up_rights() || !answer(fd, VF_PARSER_READY, NULL, 0))
		return 1;
	while (transfer(fd, &length, sizeof(length), FALSE) && length <= VF_MESSAGE_BYTES_MAX &&
	       serve_one(fd, length, parse))
		;
	return 0;
}
