// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of QEMU for a guest: a function of the descriptions and of System.map. */
#pragma once

#include "guest/guest.h"

/* Files of a guest as its emulator names them; not all are there on this machine. */
typedef struct VfQemuFiles {
	const char *image, *initramfs;
	const char *plugin;	      /* NULL: none */
	const char *model;	      /* the model's output */
	gboolean framed;	      /* which is a console that others write to */
	const char *console, *result; /* what the serial ports write to; of VF_QEMU_LIBVIRT */
} VfQemuFiles;

/* Descriptors that the child inherits when it is run by the orchestrator. */
enum {
	VF_QEMU_FD_CONSOLE = 3, /* write end of a pipe */
	VF_QEMU_FD_RESULT = 4,	/* write end of a pipe */
	VF_QEMU_FD_QMP = 5,	/* a connected socket */
};

typedef enum {
	VF_QEMU_RUN,	    /* console, result channel and QMP on the descriptors above */
	VF_QEMU_BY_HAND,    /* console on stdout, results nowhere, no QMP */
	VF_QEMU_ON_CONSOLE, /* as by hand, with the model's report on stdout */
} VfQemuWiring;

/* Whether the guest needs vifarm.so: for the model or for a device of the job. */
gboolean vf_qemu_wants_plugin(const VfGuestSpec *spec);

/* Path of the model's output for this guest. Caller frees. */
char *vf_qemu_model_path(const VfGuestSpec *spec);

guint64 vf_qemu_memory(const VfGuestSpec *spec); /* MiB */

/*
 * Bytes of address space that the emulator needs at most: the guest's memory, what the model may
 * allocate, and itself.
 */
guint64 vf_qemu_address_space(const VfGuestSpec *spec);

/* The kernel command line. Caller frees. */
char *vf_qemu_append(const VfGuestSpec *spec);

/*
 * Caller frees with g_strfreev(). @binary: what stands in argv[0]. VF_ERROR_IO when System.map
 * cannot be read.
 */
char **vf_qemu_argv(const VfGuestSpec *spec, const char *binary, VfQemuWiring wiring,
		    GError **error);

/*
 * What stands behind the words that libvirt makes of its own description, which has the machine's
 * name, memory, CPUs and kernel (guest/domain-xml.h). As vf_qemu_argv().
 */
char **vf_qemu_further_argv(const VfGuestSpec *spec, const VfQemuFiles *files, GError **error);

/*
 * The command that boots the same guest by hand; "" when there is none. A pipeline: what the guest
 * writes may be a stranger's, and control characters reach no terminal. Caller frees.
 */
char *vf_qemu_reproducer(const VfGuestSpec *spec);
