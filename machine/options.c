// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "options.h"
#include "qemu/cutils.h"

G_DEFINE_QUARK(vf - error - quark, vf_error)

static GPtrArray *modules;

void vf_module_register(const VfModule *module)
{
	if (!modules)
		modules = g_ptr_array_new();
	g_ptr_array_add(modules, (gpointer)module);
}

const GPtrArray *vf_modules(void)
{
	return modules;
}

bool vf_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value, GError **error)
{
	const char *end;
	uint64_t v;

	if (!g_ascii_isdigit(*text) || qemu_strtou64(text, &end, 0, &v) < 0 || *end) {
		g_set_error(error, VF_ERROR, VF_ERROR_OPTION, "\"%s\" is not a number", text);
		return false;
	}
	if (v < min || v > max) {
		g_set_error(error, VF_ERROR, VF_ERROR_OPTION,
			    "%" PRIu64 " is outside %" PRIu64 "..%" PRIu64, v, min, max);
		return false;
	}
	*value = v;
	return true;
}

bool vf_parse_bool(const char *text, bool *value, GError **error)
{
	*value = g_str_equal(text, "on");
	if (*value || g_str_equal(text, "off"))
		return true;
	g_set_error(error, VF_ERROR, VF_ERROR_OPTION, "\"%s\" is neither on nor off", text);
	return false;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static char *known_options(void)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const VfOption *o;

	for (guint i = 0; i < modules->len; i++)
		for (o = ((const VfModule *)modules->pdata[i])->options; o && o->name; o++)
			g_ptr_array_add(names, (gpointer)o->name);
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	return g_strjoinv(", ", (char **)names->pdata);
}

static bool is_meant(const VfOption *o, const char *name)
{
	return g_str_has_suffix(o->name, ".") ? g_str_has_prefix(name, o->name)
					      : g_str_equal(o->name, name);
}

static const VfOption *find_option(const char *name)
{
	const VfOption *o;

	for (guint i = 0; i < modules->len; i++)
		for (o = ((const VfModule *)modules->pdata[i])->options; o && o->name; o++)
			if (is_meant(o, name))
				return o;
	return NULL;
}

bool vf_option_set(const char *argument, GError **error)
{
	g_auto(GStrv) pair = g_strsplit(argument, "=", 2);
	const VfOption *o = find_option(pair[0]);

	if (!o) {
		g_autofree char *known = known_options();

		g_set_error(error, VF_ERROR, VF_ERROR_OPTION,
			    "unknown option \"%s\"; known are: %s", pair[0], known);
		return false;
	}
	if (!pair[1]) {
		g_set_error(error, VF_ERROR, VF_ERROR_OPTION,
			    "option %s needs a value (%s=VALUE: %s)", pair[0], pair[0], o->help);
		return false;
	}
	if (!o->set(pair[0], pair[1], error)) {
		g_prefix_error(error, "option %s: ", pair[0]);
		return false;
	}
	return true;
}
