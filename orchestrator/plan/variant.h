// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A variant of the kernel: patches/variants/<name>.json, docs/variant-file.md. Immutable after
 * loading.
 */
#pragma once

#include <glib.h>

typedef struct VfVariant {
	char *name;
	char *title;
	GPtrArray *patches;	      /* of char *: absolute paths, in the order of application */
	GStrv config;		      /* Kconfig fragments, absolute paths */
	GStrv provides;		      /* features that jobs can need */
	const struct VfVariant *base; /* what this is a mutant of, not owned; NULL: no mutant */
	/* A patch or the source is a stranger's: what is built from it is neither trusted nor kept */
	gboolean stranger;
} VfVariant;

/* Ends the name of a variant with a stranger's series on it; no file can be named so. */
#define VF_VARIANT_STRANGER "+series"

void vf_variant_free(VfVariant *variant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfVariant, vf_variant_free)

/*
 * Loads patches/variants/@name.json below @data and the series that it names; VF_ERROR_DATA names
 * the file and the key or the line.
 */
VfVariant *vf_variant_load(const char *data, const char *name, GError **error);

/* The same for @length bytes of text instead of the file. */
VfVariant *vf_variant_parse(const char *text, gsize length, const char *data, const char *name,
			    GError **error);

/* @base with @patch on top, as variant "BASE+NAME". @base must outlive it. */
VfVariant *vf_variant_mutant(const VfVariant *base, const char *name, const char *title,
			     const char *patch);

/* Where a series lies, seen from the variant's own patches. */
typedef enum {
	VF_SERIES_ABOVE,
	VF_SERIES_BELOW,
	VF_SERIES_ALONE, /* the source has the variant's patches already */
} VfSeriesPlace;

/* The source that @variant is built from is a stranger's; its name becomes NAME+series. */
void vf_variant_distrust(VfVariant *variant);

/*
 * Puts a stranger's @patch (a path) into @variant, which is then another one: its name is
 * NAME+series.
 */
void vf_variant_add_series(VfVariant *variant, const char *patch, VfSeriesPlace place);

/* Names of all variants below @data, sorted. Caller frees with g_strfreev(). */
GStrv vf_variant_names(const char *data, GError **error);
gboolean vf_variant_provides(const VfVariant *variant, const char *feature);
