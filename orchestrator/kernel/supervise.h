// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process between this program and each child of it. Whatever the child starts stays below it,
 * also what leaves the process group or the session, is orphaned or has a PID namespace of its own.
 * It ends when all of that has ended, with the status of the child (128 + signal). It kills all of
 * that as soon as the child has ended, and when the other end of @control is closed, which also
 * happens when this program dies.
 */
#pragma once

#include <glib.h>

#include "kernel/child.h"

typedef struct VfSupervise {
	const VfLimits *limits; /* NULL: none */
	int control;		/* read end of a pipe */
	int lock;		/* -1, or a descriptor that stays open until all have ended */
	int enter, kill;	/* build/cgroup.h, or -1 */
	gboolean sandbox;	/* the child is bwrap and takes the seccomp filter */
} VfSupervise;

/*
 * A GSpawnChildSetupFunc, @data is a VfSupervise: the process that it is called in becomes the
 * supervisor, and a child of that returns. Only async-signal-safe calls.
 */
void vf_supervise(gpointer data);

/*
 * What each child of ours begins with, for those who start processes otherwise (between fork and
 * exec): a session without a terminal, an empty session keyring, no core files, and @limits, which
 * may be NULL.
 */
void vf_child_enter(const VfLimits *limits);
