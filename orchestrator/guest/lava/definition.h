// SPDX-License-Identifier: GPL-2.0-or-later
/* A task as a LAVA job definition: a function of the descriptions and of the artefacts. */
#pragma once

#include "guest/guest.h"
#include "guest/lava/lab.h"

/* Longest wait for what a guest does within its own time: LAVA's machinery comes on top. */
enum { VF_LAVA_MARGIN_S = 60, VF_LAVA_DEPLOY_S = 300, VF_LAVA_GRACE_S = 600 };

/* A file as the lab gets it. */
typedef struct VfLavaFile {
	char *path;   /* here; NULL: not needed by the task */
	char *sha256; /* 64 hex digits */
	char *name;   /* in the lab's store: hash and name */
	char *url;
} VfLavaFile;

typedef struct VfLavaFiles {
	VfLavaFile kernel, ramdisk, plugin;
} VfLavaFiles;

void vf_lava_files_free(VfLavaFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLavaFiles, vf_lava_files_free)

/* What @spec boots, hashed and named for @lab; VF_ERROR_IO. */
VfLavaFiles *vf_lava_files_new(const VfLab *lab, const VfGuestSpec *spec, GError **error);

/* "vifarm RUN TASK ATTEMPT": unique, by which a submission is found again. Caller frees. */
char *vf_lava_name(const VfGuestSpec *spec);

/* The kernel command line in the lab. Caller frees. */
char *vf_lava_append(const VfLabDevice *device, const VfGuestSpec *spec);

/* YAML; caller frees. @device is vf_lab_device() of the task. Errors as vf_qemu_argv(). */
char *vf_lava_definition(const VfLab *lab, const VfLabDevice *device, const VfGuestSpec *spec,
			 const VfLavaFiles *files, GError **error);

/*
 * Seconds after which a job has exceeded all time limits of its definition, and the server has had
 * VF_LAVA_GRACE_S to end it.
 */
guint vf_lava_limit(const VfLab *lab, const VfGuestSpec *spec);
