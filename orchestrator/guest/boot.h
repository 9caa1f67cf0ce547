// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One boot, whatever runs it: watched, collected and turned into evidence. The back end starts the
 * guest, feeds what it says, tells its events, and says how it ended; the boot decides when the
 * guest has had enough time, and calls back to have it stopped.
 */
#pragma once

#include "guest/guest.h"

typedef struct VfBoot VfBoot;

/* @guest is the back end's own. None of these may end the boot from within. */
typedef struct VfBootCalls {
	void (*stop)(gpointer guest); /* lets the emulator finish what it writes */
	void (*kill)(gpointer guest); /* at once; may come after stop, and more than once */
	void (*free)(gpointer guest); /* the last call */
} VfBootCalls;

/*
 * Exactly one of vf_boot_abort(), vf_boot_not_started() and vf_boot_ended() ends the boot: they
 * free it and @guest and lead to @done, whose result is for vf_boot_finish(). @spec, @calls and
 * @progress_data live until then.
 */
VfBoot *vf_boot_new(const VfGuestSpec *spec, GCancellable *cancellable, VfGuestProgress progress,
		    gpointer progress_data, const VfBootCalls *calls, gpointer guest,
		    GAsyncReadyCallback done, gpointer data);

/* Opens the artefacts. VF_ERROR_IO, or _CANCELLED when the user was faster. */
gboolean vf_boot_prepare(VfBoot *boot, GError **error);

/* From now on time counts; the user's wish to stop becomes a call of kill. */
void vf_boot_begin(VfBoot *boot);

/* Bytes of the guest, and of the emulator's stderr; @data is the boot (VfStreamRead). */
void vf_boot_console(const char *bytes, gsize length, gpointer data);
void vf_boot_result(const char *bytes, gsize length, gpointer data);
void vf_boot_messages(const char *bytes, gsize length, gpointer data);

void vf_boot_panicked(VfBoot *boot); /* pvpanic */
void vf_boot_watchdog(VfBoot *boot); /* the board's watchdog fired */

/* Whether the end of the guest was asked for: by the watch, the user or an error. */
gboolean vf_boot_stopping(const VfBoot *boot);

/* Takes @error, which is the result. */
void vf_boot_abort(VfBoot *boot, GError *error);

/* A guest that could not be started is evidence, too. */
void vf_boot_not_started(VfBoot *boot, const char *why);

typedef struct VfBootEnd {
	VfEnd end;	      /* _EXIT, _SIGNAL or _LOST: what happened when nobody asked for it */
	int status;	      /* exit status or signal */
	const char *error;    /* for _LOST; may be NULL */
	const char *emulator; /* name and version, may be NULL */
} VfBootEnd;

/* All bytes have been fed, the model's report is complete in @spec's directory. */
void vf_boot_ended(VfBoot *boot, const VfBootEnd *end);

VfEvidence *vf_boot_finish(GAsyncResult *result, GError **error);
