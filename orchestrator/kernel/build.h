// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The build room: from sources, patches and fragments to a bootable kernel and an initramfs.
 * Everything is content-addressed below vf_dirs_cache(): a hit costs a few file-system calls.
 *
 * Layout of the cache:
 *   sources/<source>/tree            pristine tree, never written after the rename into place
 *   stacks/<stack>/                  the files that a patch stack changes in a source
 *   slots/<source>-<variant>/tree    hard-linked clone of a source with a stack applied
 *   slots/<source>-<variant>/<arch>/ object directory; make works here incrementally
 *   kernels/<kernel key>/            vmlinux, image, System.map, config, build.log, sources,
 *                                    kernel.json
 *   initramfs/<key>.cpio.gz
 *   logs/                            of builds that failed
 *   ccache/  locks/
 * kernel key = sha256 over source identity, patched files, merged fragments, versions of compiler
 * and linker, and the architecture's kernel section.
 */
#pragma once

#include <gio/gio.h>

#include "kernel/child.h"
#include "plan/arch.h"
#include "plan/variant.h"

typedef struct VfSource VfSource;   /* a prepared pristine tree */
typedef struct VfBuilder VfBuilder; /* the room; one per process */

typedef struct VfKernel {
	char *key;     /* 64 hex digits */
	char *dir;     /* kernels/<key>/ */
	char *image;   /* what QEMU's -kernel gets */
	char *vmlinux; /* with debug info; paths in it begin with /vifarm/linux/ */
	char *symbols; /* System.map */
	char *config;
	char *log;	 /* of the build that made it */
	char *release;	 /* "6.12.117" */
	char *compiler;	 /* first line of cc --version */
	char *command;	 /* the make command, shell-quoted, for people */
	double seconds;	 /* of the build that made it */
	char *sources;	 /* list of the files of the tree that it was built from; NULL: not known */
	gboolean cached; /* nothing had to be built */
	gboolean like;	 /* is the kernel that it was to be compared with */
	GStrv skipped;	 /* patches that were found to be in the source already */
	VfLock *use;	 /* as long as it is held, nobody removes the files; may be NULL */
	char *stack;	 /* of patches, plan/stacks.h; NULL: there are none */
} VfKernel;

void vf_kernel_free(VfKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfKernel, vf_kernel_free)

typedef struct VfInitramfs {
	char *key;
	char *path;
	double seconds;
	gboolean cached;
} VfInitramfs;

void vf_initramfs_free(VfInitramfs *initramfs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfInitramfs, vf_initramfs_free)

/*
 * @what: "unpacking", "patching", "configuring", "building", "waiting for ...", ...; @fraction:
 * 0..1, or negative when nobody knows.
 */
typedef void (*VfBuildProgress)(const char *what, double fraction, gpointer data);

/*
 * @linux: a git tree, a directory, a tarball, "debian/SUITE" for the newest linux-source of that
 * suite, or NULL for Debian's linux-source-6.12 tarball.
 * @jobs: make -j. Cheap: nothing is unpacked yet. NULL with VF_ERROR_MISSING (package named) or
 * VF_ERROR_USAGE (no such tree), VF_ERROR_IO (cache not writable). To be freed when no call is
 * under way.
 */
VfBuilder *vf_builder_new(const char *data, const char *linux_source, guint jobs, GError **error);
void vf_builder_free(VfBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfBuilder, vf_builder_free)

/*
 * Identity of the source for results: "linux-source-6.12 6.12.117-1~deb12u1", "git COMMIT",
 * "git COMMIT with changes (tree ID)", "directory PATH" or the name of a tarball. The changes are
 * known from the first finished kernel on. Owned by @builder.
 */
const char *vf_builder_source_name(const VfBuilder *builder);

/*
 * What each build of a variant with a stranger's patch may use; disk_path is set by the builder.
 * Copied. Without this call it is what a kernel needs, with room.
 */
void vf_builder_limit_strangers(VfBuilder *builder, const VfLimits *limits);

/* Whether compilers and tools for @arch are there; VF_ERROR_MISSING names the Debian package. */
gboolean vf_builder_check_tools(VfBuilder *builder, const VfArch *arch, GError **error);

/*
 * Kernel of @variant for @arch. Kernel builds of one process run one after another (make has all
 * cores); the calls queue by themselves, and a hit passes the queue. @mutant: NULL or the path of
 * one more patch on top. @arch and @variant must live until @done.
 * @like: NULL, or the kernel of @variant->base: where the patches that @variant has more change only
 * C files that @like was not built from, nothing is built and the result is @like once more, with
 * its own key, and its member like set.
 * Errors: VF_ERROR_MISSING, VF_ERROR_PATCH ("FILE: hunk N at PATH:LINE does not apply"),
 * VF_ERROR_CONFIG, VF_ERROR_COMPILE (first compiler error; the log's path), VF_ERROR_IO,
 * VF_ERROR_HARNESS (the compiler was killed), VF_ERROR_DATA, VF_ERROR_CANCELLED. A stranger's
 * variant is built in the sandbox or not at all (VF_ERROR_MISSING), under limits, from a copy of
 * objects that is thrown away afterwards. On failure *log
 * (in finish, owned by the caller) is the path of the kept log or NULL.
 */
void vf_builder_kernel_async(VfBuilder *builder, const VfArch *arch, const VfVariant *variant,
			     const char *mutant, const VfKernel *like, GCancellable *cancellable,
			     VfBuildProgress progress, gpointer progress_data,
			     GAsyncReadyCallback done, gpointer data);
VfKernel *vf_builder_kernel_finish(VfBuilder *builder, GAsyncResult *result, char **log,
				   GError **error);

/*
 * The key of the kernel that would be built; synchronous, a few milliseconds. NULL without error
 * as long as the source was not looked at or the patches were never applied.
 */
char *vf_builder_kernel_key(VfBuilder *builder, const VfArch *arch, const VfVariant *variant,
			    const char *mutant, GError **error);

/* The initramfs of @arch, from rootfs/manifest.json. Does not wait for kernel builds. */
void vf_builder_initramfs_async(VfBuilder *builder, const VfArch *arch, GCancellable *cancellable,
				GAsyncReadyCallback done, gpointer data);
VfInitramfs *vf_builder_initramfs_finish(VfBuilder *builder, GAsyncResult *result, GError **error);
