// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Other people's formats, each a view of results.json (docs/results.schema.json); nothing is
 * judged or measured here.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct VfExportOptions {
	const char *origin; /* who submits: ^[a-z0-9_]+$ */
	const char *url;    /* where the state directory's runs/ can be reached, or NULL */
} VfExportOptions;

typedef struct VfExportFormat {
	const char *name;
	const char *summary;
	const char *content_type;
	/* Caller frees. NULL with VF_ERROR_PROTOCOL when the outcome breaks the format's rules. */
	char *(*render)(const json_t *results, const VfExportOptions *options, GError **error);
} VfExportFormat;

extern const VfExportFormat vf_export_formats[]; /* ended by a NULL name */

/* VF_ERROR_USAGE names the known ones. */
const VfExportFormat *vf_export_format(const char *name, GError **error);

/* KCIDB v5.3, checked by vf_kcidb_check(). New reference. */
json_t *vf_kcidb_new(const json_t *results, const VfExportOptions *options, GError **error);

/* The rules of KCIDB v5.3: VF_ERROR_PROTOCOL names the object's id, the field and the rule. */
gboolean vf_kcidb_check(const json_t *document, GError **error);

/*
 * Whether all that is wrong with an architecture (a member of "architectures") came and went: some
 * of its tests are flaky, and none of its FAILs was confirmed.
 */
gboolean vf_export_only_flaky(const json_t *arch);

/* SQUAD's submission: {tests, metrics, metadata} of one architecture. New reference. */
json_t *vf_squad_new(const json_t *results, const char *arch);

char *vf_kcidb_render(const json_t *results, const VfExportOptions *options, GError **error);
char *vf_junit_render(const json_t *results, const VfExportOptions *options, GError **error);
char *vf_ktap_render(const json_t *results, const VfExportOptions *options, GError **error);
