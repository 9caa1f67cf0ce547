// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.h"
#include "guest/lava/answers.h"

void vf_lava_page_free(VfLavaPage *page)
{
	if (!page)
		return;
	json_decref(page->results);
	g_free(page->next);
	g_free(page);
}

VfLavaPage *vf_lava_page_parse(const char *text, gsize length, GError **error)
{
	json_error_t why;
	json_auto_t *object = json_loadb(text, length, 0, &why);
	json_t *results = json_object_get(object, "results"), *member;
	VfLavaPage *page;
	gsize i;

	if (!object)
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "line %d, column %d: no JSON",
				     why.line, why.column);
	if (!json_is_array(results))
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "a page without results");
	json_array_foreach (results, i, member)
		if (!json_is_object(member))
			return vf_throw_null(error, VF_ERROR_PROTOCOL, "results.%zu: no object", i);
	page = g_new0(VfLavaPage, 1);
	page->results = json_incref(results);
	page->next = g_strdup(json_string_value(json_object_get(object, "next")));
	return page;
}
