// SPDX-License-Identifier: GPL-2.0-or-later
/* An architecture: kernels/<name>/arch.json, docs/arch-file.md. Immutable after loading. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* The data cache that the kernel believes in on this board (kernels/<name>/arch.json: "cache"). */
typedef struct VfCacheGeometry {
	char *index;  /* "vipt", "vivt" or "pipt" */
	guint64 size; /* bytes */
	guint64 ways;
	guint64 line;	 /* bytes */
	guint64 alias;	 /* bytes after which an index repeats, where that is not a way; 0: a way */
	guint64 colours; /* alias period / page size; 1: no aliases */
	char *write;	 /* "back" or "through" */
	char *source;	 /* where the figures come from */
} VfCacheGeometry;

typedef struct VfBoard {
	char *name; /* key in arch.json; "default" exists always */
	char *title;
	char *machine; /* -machine */
	char *cpu;     /* -cpu, NULL: QEMU's default */
	guint64 memory_mib;
	guint64 smp;
	GStrv arguments; /* further QEMU arguments, verbatim */
	struct {
		guint64 serial; /* index of the console among QEMU's -serial options */
		char *tty;
	} console;
	struct {
		GStrv device; /* QEMU arguments that connect chardev "result" */
		char *guest;  /* value of vifarm.result= */
	} result;
	char *append;  /* kernel command line */
	GStrv pvpanic; /* QEMU arguments, empty where the board has none */
	char *pci_bus; /* "bus=" for added PCI devices, NULL: the default bus */
	VfCacheGeometry cache;
	char *snoop; /* which cached copies DMA sees: "none", "linear" or "all" */
	GStrv limits;
} VfBoard;

typedef struct VfTriagePattern {
	char *class;	/* "panic", "oops", "warning", ... */
	char *pattern;	/* PCRE; group 1, if any, is the reason */
	gboolean fatal; /* the guest will not go on: stop it and judge */
} VfTriagePattern;

typedef struct VfArch {
	char *name;
	char *title;
	char *dir; /* of arch.json */
	struct {
		char *arch;	     /* make ARCH= */
		char *cross_compile; /* make CROSS_COMPILE=, may be "" (NULL here) */
		GStrv packages;
		char *target;	 /* make target */
		char *image;	 /* file that QEMU boots, relative to the object directory */
		GStrv config;	 /* fragments, relative to kernels/ */
		guint64 objects; /* object files of a full build, for the progress display */
	} kernel;
	struct {
		GStrv cc;
		GStrv flags;
		GStrv packages;
	} guest;
	struct {
		char *binary;
		char *package;
		char *minimum;		/* version */
		char *libvirt_arch;	/* libvirt's name of the architecture; NULL: the binary's */
		GStrv libvirt_features; /* of the domain; may be NULL */
	} qemu;
	guint64 page_size;
	char *endian; /* "big" or "little" */
	guint64 bits;
	GHashTable *boards; /* name to VfBoard */
	struct {
		char *decode;	     /* decoder in vifarm.so */
		GStrv symbols;	     /* kernel symbols that the model wants as sym.NAME=ADDRESS */
		GHashTable *options; /* further options of the model, NAME to VALUE */
	} model;
	/* of VfTriagePattern: kernels/triage.json, then the architecture's own */
	GPtrArray *triage;
	GStrv limits;
} VfArch;

void vf_arch_free(VfArch *arch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfArch, vf_arch_free)

/*
 * Loads kernels/@name/arch.json and kernels/triage.json below @data. What is malformed, or does not
 * fit the rest of the file, is VF_ERROR_DATA with the file and the key.
 */
VfArch *vf_arch_load(const char *data, const char *name, GError **error);

/* The same for @length bytes of text instead of kernels/@name/arch.json. */
VfArch *vf_arch_parse(const char *text, gsize length, const char *data, const char *name,
		      GError **error);

/* Names of all architectures below @data, sorted. Caller frees with g_strfreev(). */
GStrv vf_arch_names(const char *data, GError **error);

/* NULL when the architecture has no such board. Owned by @arch. */
const VfBoard *vf_arch_board(const VfArch *arch, const char *name);

/* The order of boards everywhere: "default", then by name; as strcmp(). */
int vf_board_order(const char *a, const char *b);
