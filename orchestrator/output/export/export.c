// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/export/export.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static char *render_json(const json_t *results, const VfExportOptions *options, GError **error)
{
	g_autofree char *text = json_dumps(results, JSON_INDENT(2));

	(void)options;
	(void)error;
	return g_strconcat(text, "\n", NULL);
}

const VfExportFormat vf_export_formats[] = {
	{"json", "results.json, docs/results.schema.json", "application/json", render_json},
	{"kcidb", "KCIDB v5.3 submission", "application/json", vf_kcidb_render},
	{"junit", "JUnit XML", "application/xml", vf_junit_render},
	{"ktap", "KTAP version 1", "text/plain", vf_ktap_render},
	{NULL},
};

const VfExportFormat *vf_export_format(const char *name, GError **error)
{
	const char *names[G_N_ELEMENTS(vf_export_formats)];
	g_autofree char *list = NULL, *escaped = vf_text_escape(name, -1, 60);
	gsize i;

	for (i = 0; vf_export_formats[i].name; i++) {
		if (!strcmp(vf_export_formats[i].name, name))
			return &vf_export_formats[i];
		names[i] = vf_export_formats[i].name;
	}
	names[i] = NULL;
	list = vf_text_list(names);
	return vf_throw_null(error, VF_ERROR_USAGE, "unknown format \"%s\"; known: %s", escaped,
			     list);
}

gboolean vf_export_only_flaky(const json_t *arch)
{
	const json_t *counts = json_object_get(arch, "counts");
	json_int_t failures = json_integer_value(json_object_get(counts, "FAIL"));

	return json_integer_value(json_object_get(arch, "flaky")) > 0 &&
	       failures == json_integer_value(json_object_get(arch, "flaky_failures"));
}
