// SPDX-License-Identifier: GPL-2.0-or-later
/* A LAVA lab: the lab file, docs/lab-file.md. Immutable after loading. */
#pragma once

#include "plan/plan.h"

/* How a kernel gets onto a device. */
typedef enum {
	VF_LAB_QEMU,  /* LAVA starts a QEMU with the board's own command line */
	VF_LAB_BOARD, /* hardware: deployed by TFTP, booted by its boot loader */
} VfLabKind;

typedef struct VfLabDevice {
	char *name; /* "hppa" or "hppa/c3700" */
	char *device_type;
	char *word; /* "qemu" or "board" */
	VfLabKind kind;
	GHashTable *context; /* further members of the definition's "context" */
	GStrv tags;
	/* hardware only */
	char *method;	   /* LAVA's boot method */
	char *commands;	   /* its command set */
	char *kernel_type; /* "image", "uimage" or "zimage" */
	char *append;	   /* kernel command line of the board */
	char *dtb;	   /* URL, or NULL */
} VfLabDevice;

typedef struct VfLabToken {
	char *file;	   /* mode 0600, one line */
	char *environment; /* name of a variable */
} VfLabToken;

typedef struct VfLab {
	char *name; /* the file's name without directory and ".json" */
	char *url;  /* ends with a slash */
	VfLabToken token;
	char *tls;	 /* "verify" or "none" */
	gboolean verify; /* the server's certificate, and that there is one */
	char *ca;	 /* path of further certificates, or NULL */
	struct {
		char *method; /* "directory" or "put" */
		gboolean put; /* HTTP PUT below @url; otherwise linked into @path */
		char *path;   /* directory that the lab sees as @url */
		char *url;    /* without a slash at its end */
		VfLabToken token;
	} artefacts;
	char *visibility; /* "public", "personal" or "group" */
	GStrv groups;
	char *priority; /* "low", "medium", "high" */
	GStrv tags;
	guint64 jobs;	     /* in the lab at once; 0: all */
	guint64 queue;	     /* seconds that a job may wait for its device */
	guint64 timeout;     /* seconds for one request */
	guint64 patience;    /* seconds that the server may be out of reach */
	GHashTable *devices; /* name to VfLabDevice */
} VfLab;

void vf_lab_free(VfLab *lab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLab, vf_lab_free)

/* VF_ERROR_USAGE: no such file; VF_ERROR_DATA names file and key. */
VfLab *vf_lab_load(const char *path, GError **error);
VfLab *vf_lab_parse(const char *text, gsize length, const char *name, GError **error);

/* The device for a board of an architecture: ARCH/BOARD before ARCH; NULL: the lab has none. */
const VfLabDevice *vf_lab_device(const VfLab *lab, const VfArch *arch, const VfBoard *board);

/* Why @task cannot be done in the lab, or NULL. Caller frees. */
char *vf_lab_skip(const VfLab *lab, const VfTask *task);
