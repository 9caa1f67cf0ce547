// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/adopt.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SESSION_FIELD 6 /* of /proc/PID/stat, from 1; proc(5) */
#define KNOWN_MAX     1024

/* Whoever waits for a child does so within this time; us. */
#define DAEMON_US (G_USEC_PER_SEC / 10)
#define ORPHAN_US (3 * G_USEC_PER_SEC)

typedef struct Ear {
	VfAdoptEnded ended;
	gpointer data;
} Ear;

static GHashTable *statuses; /* pid to wait status + 1 */
static GHashTable *ears;     /* pid to Ear, of the living */
static pid_t first;	     /* of those that wait to be buried, as waitid(2) told last */
static gint64 first_since;

static pid_t session_of(pid_t pid, gboolean *emulator)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
	g_autofree char *text = NULL;
	const char *at;

	/* the second field is the name in parentheses and may hold anything */
	if (!g_file_get_contents(path, &text, NULL, NULL) || !(at = strrchr(text, ')')))
		return -1;
	*emulator = strstr(text, "(qemu-") != NULL;
	for (int field = 2; at && field < SESSION_FIELD; field++)
		at = strchr(at + 1, ' ');
	return at ? (pid_t)g_ascii_strtoll(at + 1, NULL, 10) : -1;
}

/*
 * How long @pid may lie there. A process that libvirt puts into the background is in a session that
 * its parent, now gone, has led: it is ours at once. A QEMU that does it by itself leads its
 * session, as do the children of the back end qemu, which the main loop buries before it comes
 * here again. Any other has somebody who waits for it in a thread, or nobody at all.
 */
static gint64 patience(pid_t pid)
{
	gboolean emulator = FALSE;
	pid_t session = session_of(pid, &emulator);

	if (session > 0 && session != pid && session != getsid(0))
		return 0;
	return session == pid && emulator ? DAEMON_US : ORPHAN_US;
}

static void tell(pid_t pid)
{
	g_autofree Ear *ear = NULL;

	if (g_hash_table_steal_extended(ears, GINT_TO_POINTER(pid), NULL, (gpointer *)&ear))
		ear->ended(ear->data);
}

static gboolean bury_one(void)
{
	siginfo_t info = {.si_pid = 0};
	gint64 now = g_get_monotonic_time();
	pid_t pid;
	int status;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
		return FALSE;
	if (info.si_pid != first) {
		first = info.si_pid;
		first_since = now;
	}
	pid = first;
	if (now - first_since < patience(pid) || waitpid(pid, &status, WNOHANG) != pid)
		return FALSE;
	if (g_hash_table_size(statuses) >= KNOWN_MAX) /* nobody asked for them */
		g_hash_table_remove_all(statuses);
	g_hash_table_insert(statuses, GINT_TO_POINTER(pid), GINT_TO_POINTER(status + 1));
	first = 0;
	tell(pid);
	return TRUE;
}

static gboolean on_tick(G_GNUC_UNUSED gpointer data)
{
	while (bury_one())
		;
	return G_SOURCE_CONTINUE;
}

void vf_adopt_begin(void)
{
	if (statuses)
		return;
	statuses = g_hash_table_new(NULL, NULL);
	ears = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	g_timeout_add(VF_ADOPT_TICK_MS, on_tick, NULL);
}

gboolean vf_adopt_status(pid_t pid, int *status)
{
	gpointer found = statuses ? g_hash_table_lookup(statuses, GINT_TO_POINTER(pid)) : NULL;

	if (!found)
		return FALSE;
	*status = GPOINTER_TO_INT(found) - 1;
	g_hash_table_remove(statuses, GINT_TO_POINTER(pid));
	return TRUE;
}

void vf_adopt_notify(pid_t pid, VfAdoptEnded ended, gpointer data)
{
	const Ear ear = {ended, data};

	g_hash_table_insert(ears, GINT_TO_POINTER(pid), g_memdup2(&ear, sizeof(ear)));
	if (g_hash_table_contains(statuses, GINT_TO_POINTER(pid)))
		tell(pid);
}

void vf_adopt_forget(pid_t pid)
{
	if (ears)
		g_hash_table_remove(ears, GINT_TO_POINTER(pid));
}

/* Nobody but us can bury it, and so make its id free for another. */
void vf_adopt_kill(pid_t pid)
{
	if (statuses && !g_hash_table_contains(statuses, GINT_TO_POINTER(pid)))
		kill(pid, SIGKILL);
}
