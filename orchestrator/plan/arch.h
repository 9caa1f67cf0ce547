// SPDX-License-Identifier: GPL-2.0-or-later
/* An architecture: kernels/<name>/arch.json, docs/arch-file.md. Immutable after loading. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* The data cache that the kernel believes in on this board (kernels/<name>/arch.json: "cache"). */
typedef struct VfCacheGeometry {
	char *index;  /* "vipt" or "pipt" */
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

/* What a line of the console that matches means; docs/arch-file.md, "Crash patterns". */
typedef enum {
	VF_TRIAGE_FAIL,	  /* the kernel complains */
	VF_TRIAGE_FATAL,  /* it will not go on: stop the guest and judge */
	VF_TRIAGE_WARN,	  /* WARN(): group 1 is its place, the message stands beside it */
	VF_TRIAGE_STACK,  /* head of a stack dump; without a report, the line before is one */
	VF_TRIAGE_PLACE,  /* group 1 is where the code of the report was */
	VF_TRIAGE_NOTE,	  /* told, fails nothing */
	VF_TRIAGE_HINT,	  /* told only when a panic follows */
	VF_TRIAGE_IGNORE, /* nothing, with the stack dump after it */
	VF_TRIAGE_EXPECT, /* complaints are expected from here */
	VF_TRIAGE_EXPECT_END,
} VfTriageEffect;

/* One row of kernels/triage.json or of an arch.json. */
typedef struct VfTriagePattern {
	char *class;   /* "panic", "oops", "warning", ...; NULL for effects that need none */
	char *pattern; /* PCRE, matched where a message starts; group 1, if any, is the reason */
	VfTriageEffect effect;
	gboolean follows; /* belongs to the report before it, if there is one */
	gboolean inside;  /* matched in the middle of a line as well */
	char *source;	  /* file of the kernel that prints it; may be NULL */
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
	GPtrArray
		*triage; /* of VfTriagePattern: the architecture's own, then kernels/triage.json */
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
