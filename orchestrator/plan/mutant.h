// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mutant: a patch that breaks a good kernel, and where that must be seen.
 * patches/mutants/NAME.json beside NAME.patch, docs/mutant-file.md. Immutable after loading.
 */
#pragma once

#include "plan/arch.h"
#include "plan/job.h"

/* One place where the mutant must be red. On all other boards of its jobs it must be green. */
typedef struct VfMutantRed {
	char *job;
	GStrv on;      /* "hppa/default": architecture and board */
	GStrv hazards; /* classes, each of which must be found in a tested buffer; may be empty */
	char *failed;  /* KTAP case that must have failed, NULL: any or none */
	char *reason;  /* what the verdict's reason must contain, NULL: anything */
} VfMutantRed;

typedef struct VfMutant {
	char *name;
	char *title;	/* what is broken, one line */
	char *kind;	/* a word of vf_mutant_kinds */
	char *variant;	/* on top of which the patch applies */
	char *patch;	/* absolute path */
	GStrv jobs;	/* to be run */
	GPtrArray *red; /* of VfMutantRed, at least one; empty for a patch of the user's own */
} VfMutant;

extern const char *const vf_mutant_kinds[]; /* NULL-terminated */

void vf_mutant_free(VfMutant *mutant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMutant, vf_mutant_free)

/* Loads patches/mutants/@name.json below @data; VF_ERROR_DATA names the file and the key. */
VfMutant *vf_mutant_load(const char *data, const char *name, GError **error);

/* The same for @length bytes of text instead of the file. */
VfMutant *vf_mutant_parse(const char *text, gsize length, const char *data, const char *name,
			  GError **error);

/*
 * A patch of the user's own, of which nothing is expected: all @jobs on top of @variant. NULL with
 * VF_ERROR_USAGE when @path is no file or its name without .patch none that a mutant can have.
 */
VfMutant *vf_mutant_of_file(const char *path, const char *variant, const char *const *jobs,
			    GError **error);

/* Names of all mutants below @data, sorted. Caller frees with g_strfreev(). */
GStrv vf_mutant_names(const char *data, GError **error);

/* The entry that says that @mutant must be red there, or NULL. Owned by @mutant. */
const VfMutantRed *vf_mutant_red(const VfMutant *mutant, const char *arch, const char *board,
				 const char *job);
