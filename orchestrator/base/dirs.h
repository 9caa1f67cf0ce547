// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where things live. All follow the XDG base directory specification:
 *   cache  $XDG_CACHE_HOME/vifarm   sources, object directories, kernels, initramfs, ccache
 *   state  $XDG_STATE_HOME/vifarm   results.db, artefacts of runs
 *   data   kernels/, jobs/, rootfs/, patches/: the checkout, or PREFIX/share/vifarm
 */
#pragma once

#include <glib.h>

const char *vf_dirs_cache(void);
const char *vf_dirs_state(void);

/*
 * The prefix that @program, an absolute path, is installed below: the directory above its bin/. NULL
 * when it lies in the build directory. Caller frees.
 */
char *vf_dirs_prefix_of(const char *program);

/*
 * The directory with kernels/, jobs/, rootfs/ and patches/: $VIFARM_DATA; else the source tree for
 * a program in its build directory; else share/vifarm below the prefix. Not owned by the caller.
 */
const char *vf_dirs_data(void);

/* vifarm.so of this build or installation; it may be missing. Caller frees. */
char *vf_dirs_plugin(void);

/*
 * The program @name of this build or installation that we run to read what others wrote. Caller
 * frees.
 */
char *vf_dirs_program(const char *name);

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
