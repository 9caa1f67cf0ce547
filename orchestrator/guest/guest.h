// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest: one boot of one task. Back ends (qemu, libvirt) fill the same evidence.
 * The artefact directory receives console.log, result.log (raw channel), qemu.log (stderr),
 * argv (shell-quoted, one line), model.jsonl when the model runs.
 */
#pragma once

#include <gio/gio.h>

#include "kernel/build.h"
#include "evidence/evidence.h"
#include "plan/plan.h"

typedef struct VfGuestSpec {
	const VfTask *task;
	const VfKernel *kernel;
	const VfInitramfs *initramfs;
	const char *plugin;	/* path of vifarm.so, NULL: not wanted by the job */
	const char *directory;	/* for artefacts; exists */
	const char *run_id;	/* the child's VIFARM_RUN: strays are found by it */
	const char *result;	/* vifarm.result=; NULL: the board's own port */
	char **append;		/* --append words, NULL-terminated, may be NULL */
	char **inject;		/* device properties for error injection, may be NULL */
	const VfLayout *layout; /* NULL: as board and job say */
	gboolean curve;		/* the model runs caches of real sizes beside */
	guint attempt;		/* number of this one, from 1 */
	guint timeout;		/* seconds; 0: the job's */
} VfGuestSpec;

typedef enum {
	VF_GUEST_STARTED,
	VF_GUEST_BOOTING, /* first byte on the console */
	VF_GUEST_TESTING, /* first record on the channel */
	VF_GUEST_ENDING,  /* end marker seen */
} VfGuestStage;

typedef void (*VfGuestProgress)(VfGuestStage stage, const char *detail, gpointer data);

typedef struct VfGuestBackend VfGuestBackend;
struct VfGuestBackend {
	const char *name; /* "qemu" */
	/*
	 * FALSE when @task cannot be run here, with the class of its verdict: VF_ERROR_MISSING, or
	 * VF_ERROR_UNFIT. Does not wait.
	 */
	gboolean (*check)(const VfGuestBackend *self, const VfTask *task, GError **error);
	/* Whether a guest for @task would start now instead of waiting; NULL: always. */
	gboolean (*has_room)(const VfGuestBackend *self, const VfTask *task);
	/* Runs the guest to its end, whatever that is. Only VF_ERROR_IO and _CANCELLED fail. */
	void (*run_async)(const VfGuestBackend *self, const VfGuestSpec *spec,
			  GCancellable *cancellable, VfGuestProgress progress,
			  gpointer progress_data, GAsyncReadyCallback done, gpointer data);
	VfEvidence *(*run_finish)(GAsyncResult *result, GError **error);
	/* The command that boots the same guest by hand, with the console on the terminal. */
	char *(*reproducer)(const VfGuestSpec *spec);
};

extern const VfGuestBackend vf_guest_qemu;

/* Ends guests that a killed orchestrator of this user left; returns how many. */
guint vf_guest_qemu_reap(void);
