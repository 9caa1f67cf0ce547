// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where things live. All follow the XDG base directory specification:
 *   cache  $XDG_CACHE_HOME/vifarm   sources, object directories, kernels, initramfs, ccache
 *   state  $XDG_STATE_HOME/vifarm   results.db, artefacts of runs
 *   data   the checkout: kernels/, jobs/, rootfs/, patches/
 */
#pragma once

#include <glib.h>

const char *vf_dirs_cache(void);
const char *vf_dirs_state(void);

/*
 * The directory with kernels/, jobs/, rootfs/ and patches/: $VIFARM_DATA, or the source tree that
 * this program was built from. Not owned by the caller.
 */
const char *vf_dirs_data(void);

/* Where this build has vifarm.so; it may not be built. Caller frees. */
char *vf_dirs_plugin(void);

/* The program of mail/parser.h. Caller frees. */
char *vf_dirs_mail_parser(void);

/* mkdir -p with the path in the error. */
gboolean vf_dirs_make(const char *path, GError **error);

/* rm -rf that stays on @path's file system and never follows links. Missing is fine. */
gboolean vf_dirs_remove(const char *path, GError **error);

/* Writes @contents to @path by temporary file, fsync and rename. @length -1: up to NUL. */
gboolean vf_dirs_write(const char *path, const char *contents, gssize length, GError **error);

/*
 * @path as errors show it: relative to the working directory when it lies below that. Points into
 * @path.
 */
const char *vf_dirs_shown(const char *path);
