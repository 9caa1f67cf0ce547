// SPDX-License-Identifier: GPL-2.0-or-later
/* What one boot of one guest left behind; the only input of the verdict. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* KCIDB's vocabulary; the order is the priority: the status of a set is its highest. */
typedef enum {
	VF_STATUS_SKIP,
	VF_STATUS_DONE,
	VF_STATUS_PASS,
	VF_STATUS_MISS,
	VF_STATUS_ERROR,
	VF_STATUS_FAIL,
} VfStatus;

const char *vf_status_name(VfStatus status); /* "PASS" */
gboolean vf_status_parse(const char *name, VfStatus *status);

/* One KTAP result line, flattened. */
typedef struct VfCase {
	char *name; /* "suite/case"; every byte printable */
	VfStatus status;
	char *detail; /* text after the directive, or the last "# ..." lines; may be NULL */
} VfCase;
void vf_case_free(VfCase *c);

/* How the guest ended. */
typedef enum {
	VF_END_EXIT,	/* QEMU exited by itself with @exit_status */
	VF_END_SIGNAL,	/* QEMU was killed by signal @exit_status that we did not send */
	VF_END_PANIC,	/* a fatal console pattern or pvpanic; we stopped it */
	VF_END_SILENCE, /* no byte for @limit seconds; we stopped it */
	VF_END_TIMEOUT, /* total time over after @limit seconds; we stopped it */
	VF_END_CANCELLED,
	VF_END_START, /* QEMU did not start: @error says why */
	VF_END_LOST,  /* nobody can tell us about it any more: @error says why */
} VfEnd;

/* One match of a crash pattern on the console. */
typedef struct VfSplat {
	char *class;
	char *reason;  /* escaped, one line */
	char *excerpt; /* escaped lines around it, at most 16 KiB */
	gsize offset;  /* in the console capture */
	gboolean fatal;
	gboolean linked;    /* follows the splat before it so closely that it may be its effect */
	gboolean after_end; /* after init's "vifarm: end" line: noted, not a FAIL */
	gboolean expected;  /* between "vifarm: expect-warning begin" and "... end" */
} VfSplat;
void vf_splat_free(VfSplat *splat);

#define VF_HAZARD_CALLERS 8

/* One hazard of the coherence model, resolved to source by the orchestrator; docs/model.md. */
typedef struct VfHazard {
	char *class;  /* "R", "A", "U", "W-armed", "W", "P", "D", "C" */
	char *window; /* name, or "" outside */
	char *bucket; /* "target": tested buffers; "audit": other memory */
	guint64 count, bytes;
	guint64 pc, caller, origin;	    /* 0: unknown */
	guint64 callers[VF_HAZARD_CALLERS]; /* call sites, innermost first; ended by 0 if fewer */
	char *pc_source;     /* "vpeirq drivers/...c:198", may be NULL, as the two others */
	char *caller_source; /* all of @callers, separated by " < " */
	char *origin_source;
	guint64 va, pa;
	guint colour, other_colour;
	int expected, found; /* byte values, -1: unknown */
	char *buffer;	     /* what memory it is, may be NULL */
} VfHazard;
void vf_hazard_free(VfHazard *hazard);

typedef struct VfEvidence {
	char *arch;	 /* name of the architecture */
	guint64 colours; /* of its board's data cache; 1: the kernel knows or uses no aliases */

	VfEnd end;
	int exit_status;
	guint limit;	/* seconds, for SILENCE and TIMEOUT */
	char *error;	/* for START, and what QEMU said on stderr otherwise; may be NULL */
	double seconds; /* from QEMU's start to its end */
	char *emulator; /* name and version as QMP's greeting gives them; NULL: it never came */

	gboolean channel;    /* at least one valid record came */
	gboolean end_marker; /* the E record came and its count is right */
	gboolean lingered;   /* the guest did not power off after it, or crashed, and was stopped */
	char *channel_error; /* first framing, CRC or sequence error: one line, or NULL */
	char *ktap_error;    /* first KTAP error, or NULL */
	int program_exit;    /* from I exit=: status, -1 none, 128+N for signal N */
	GPtrArray *cases;    /* of VfCase */
	GHashTable *info;    /* I records: key to value */

	gboolean init_end;    /* init's "vifarm: end" line was on the console */
	gboolean pvpanic;     /* QMP GUEST_PANICKED, or what libvirt makes of it */
	gboolean watchdog;    /* the same of WATCHDOG */
	gsize console_bytes;  /* all that the guest wrote */
	gboolean console_cut; /* more than was captured */
	GPtrArray *splats;    /* of VfSplat, in order */
	GPtrArray *notes;     /* of char *, "class: reason": complaints that fail nothing */

	gboolean model;	    /* the model's end record came */
	char *model_error;  /* unreadable output, self-check failed ...; or NULL */
	GPtrArray *hazards; /* of VfHazard */
	json_t *coverage;   /* the model's other records, evidence/hazards.h; or NULL */
} VfEvidence;

VfEvidence *vf_evidence_new(void);
void vf_evidence_free(VfEvidence *evidence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfEvidence, vf_evidence_free)
