// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sandbox of builds: bubblewrap, with the source read-only at VF_SANDBOX_TREE, the objects at
 * VF_SANDBOX_OBJECTS, no network, no home, an empty /tmp, and of the host only /usr and what its
 * programs need of /etc. Fixed paths keep make's .cmd files and ccache valid from slot to slot.
 * Inside, a seccomp filter (build/seccomp.h) refuses to trace others, new namespaces, mounts, keys.
 */
#pragma once

#include <sys/types.h>

#include "base/argv.h"

/* The first word of what vf_sandbox_wrap() makes. */
#define VF_SANDBOX_PROGRAM "bwrap"

#define VF_SANDBOX_TREE	   "/vifarm/linux"
#define VF_SANDBOX_OBJECTS "/vifarm/build"
#define VF_SANDBOX_CCACHE  "/vifarm/ccache"

/* Host paths of what is bound there. */
typedef struct VfSandbox {
	const char *tree;
	const char *objects;
	const char *ccache;
	/*
	 * What runs inside is a stranger's: it reads @ccache and does not write it, has no writable
	 * directory but @objects and small ones in memory, may have @processes at once, and is not
	 * root even where the caller is: @objects must then have been given to vf_sandbox_uid().
	 */
	gboolean stranger;
	guint64 processes; /* 0: no limit */
} VfSandbox;

/*
 * User and group of strangers where the caller is root, whose processes the kernel does not limit.
 * Nobody's, and another one for each process of ours: the kernel counts all processes of a user.
 */
uid_t vf_sandbox_uid(void);

/* Whose files a build leaves. */
uid_t vf_sandbox_owner(gboolean stranger);

/* Bytes of /tmp and of /dev/shm of strangers. */
#define VF_SANDBOX_TMP (G_GUINT64_CONSTANT(256) << 20)

/*
 * Whether bubblewrap works on this host, for our own code or for @stranger's; tried once (some
 * 10 ms) and remembered. FALSE with VF_ERROR_MISSING and why not.
 */
gboolean vf_sandbox_available(gboolean stranger, GError **error);

/* Adds bwrap and its options up to "--" to @argv; @env ("NAME=value") becomes all of the
 * environment. */
void vf_sandbox_wrap(VfArgv *argv, const VfSandbox *sandbox, char **env);

/*
 * The same for our own program on strangers' data: all that it sees are the paths @read_only and
 * @writable (NULL-terminated, or NULL), under their own names.
 */
void vf_sandbox_wrap_paths(VfArgv *argv, const char *const *read_only, const char *const *writable,
			   char **env);

/*
 * The same for an emulator whose guest is a stranger's: as VfSandbox.stranger, so @writable must have
 * been given to vf_sandbox_uid() where the caller is root.
 */
void vf_sandbox_wrap_guest(VfArgv *argv, const char *const *read_only, const char *const *writable,
			   char **env);
