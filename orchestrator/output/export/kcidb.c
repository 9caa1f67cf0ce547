// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KCIDB v5.3. A member that is not known is left out: one null and a server drops the whole
 * report. ids: checkout ORIGIN:RUN-VARIANT, build ORIGIN:RUN-ARCH-VARIANT, test ORIGIN:RUN-TEST,
 * its cases ORIGIN:RUN-TEST-N.
 */
#include "output/export/export.h"
#include "output/export/schema.h"
#include "schemas.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* What KCIDB allows in log_excerpt, in characters. */
#define EXCERPT_MAX 16384

typedef struct Export {
	const json_t *results, *run;
	const VfExportOptions *options;
	const char *run_id;
	json_t *checkouts, *builds, *tests; /* of the document */
	GHashTable *known_builds;	    /* ids that are in @builds */
} Export;

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* Sets @target's @key to @object's @from, when that is there. */
static void copy(json_t *target, const char *key, const json_t *object, const char *from)
{
	json_t *value = json_object_get(object, from);

	if (value)
		json_object_set(target, key, value);
}

/* KernelCI's name of an architecture is the kernel's, not QEMU's. */
static const char *architecture(const char *arch)
{
	static const struct {
		const char *ours, *theirs;
	} names[] = {{"hppa", "parisc"}, {"mips64", "mips"}};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (!strcmp(names[i].ours, arch))
			return names[i].theirs;
	return arch;
}

static json_t *object_new(const Export *export, json_t *id)
{
	return json_pack("{s:o, s:s}", "id", id, "origin", export->options->origin);
}

static json_t *checkout_id(const Export *export, const char *variant)
{
	return json_sprintf("%s:%s-%s", export->options->origin, export->run_id, variant);
}

static json_t *build_id(const Export *export, const json_t *object)
{
	return json_sprintf("%s:%s-%s-%s", export->options->origin, export->run_id,
			    text_of(object, "arch"), text_of(object, "variant"));
}

static json_t *find(const json_t *array, const json_t *id)
{
	json_t *object;
	gsize i;

	json_array_foreach (array, i, object) {
		if (json_equal(json_object_get(object, "id"), id))
			return object;
	}
	return NULL;
}

static void add_commit(json_t *checkout, const char *source)
{
	const char *commit = strncmp(source, "git ", 4) ? "" : source + 4;

	if (strspn(commit, "0123456789abcdef") >= 40)
		json_object_set_new(checkout, "git_commit_hash", json_stringn(commit, 40));
}

/* The checkout of @variant, made when it is not there yet. Not owned by the caller. */
static json_t *checkout_of(Export *export, const char *variant)
{
	json_auto_t *id = checkout_id(export, variant);
	json_t *checkout = find(export->checkouts, id), *misc;

	if (checkout)
		return checkout;
	checkout = object_new(export, json_incref(id));
	misc = json_pack("{s:s}", "variant", variant);
	copy(misc, "host", export->run, "host");
	copy(misc, "command", export->run, "command");
	copy(misc, "vifarm", export->run, "version");
	copy(misc, "altered", export->run, "altered");
	add_commit(checkout, text_of(export->run, "source"));
	copy(checkout, "comment", export->run, "source");
	copy(checkout, "message_id", export->run, "message_id");
	copy(checkout, "start_time", export->run, "started");
	json_object_set_new(checkout, "misc", misc);
	json_array_append_new(export->checkouts, checkout);
	return checkout;
}

/* A build for what @object (a build, or a test that never had one) belongs to. */
static json_t *build_new(Export *export, const json_t *object)
{
	json_t *checkout = checkout_of(export, text_of(object, "variant"));
	json_t *build = object_new(export, build_id(export, object));

	json_object_set(build, "checkout_id", json_object_get(checkout, "id"));
	json_object_set_new(build, "architecture",
			    json_string(architecture(text_of(object, "arch"))));
	json_object_set_new(build, "config_name",
			    json_sprintf("vifarm-%s", text_of(object, "arch")));
	json_array_append_new(export->builds, build);
	g_hash_table_add(export->known_builds, g_strdup(text_of(build, "id")));
	return build;
}

static void add_build(Export *export, const json_t *source)
{
	json_t *checkout = checkout_of(export, text_of(source, "variant"));
	json_t *build = build_new(export, source), *misc = json_object();

	copy(checkout, "patchset_hash", source, "patchset_hash");
	/* a kernel that was built had all its patches applied */
	if (!strcmp(text_of(source, "status"), "PASS"))
		json_object_set_new(checkout, "valid", json_true());
	copy(build, "status", source, "status");
	copy(build, "comment", source, "reason");
	copy(build, "command", source, "command");
	copy(build, "compiler", source, "compiler");
	copy(build, "duration", source, "seconds");
	copy(misc, "kernel_key", source, "kernel_key");
	copy(misc, "kernel_release", source, "kernel_release");
	copy(misc, "cached", source, "cached");
	copy(misc, "patches", source, "patches");
	json_object_set_new(build, "misc", misc);
}

/* "suite/a case" becomes "suite.a_case". */
static void append_path(GString *path, const char *name)
{
	gboolean start = TRUE;

	for (; *name; name++) {
		gboolean plain = g_ascii_isalnum(*name) || *name == '_' || *name == '-';

		if (*name == '/') {
			start = TRUE; /* an empty part is not allowed */
			continue;
		}
		if (start)
			g_string_append_c(path, '.');
		start = FALSE;
		g_string_append_c(path, plain ? *name : '_');
	}
}

static json_t *path_of(const char *job, const char *name)
{
	g_autoptr(GString) path = g_string_new("vifarm");

	append_path(path, job);
	append_path(path, name);
	return json_string(path->str);
}

static void add_excerpt(json_t *test, const char *excerpt)
{
	g_autofree char *cut = g_utf8_strlen(excerpt, -1) > EXCERPT_MAX
				       ? g_utf8_substring(excerpt, 0, EXCERPT_MAX)
				       : g_strdup(excerpt);

	if (*cut)
		json_object_set_new(test, "log_excerpt", json_string(cut));
}

static json_t *environment_of(const json_t *test)
{
	const json_t *platform = json_object_get(test, "platform");
	json_t *environment = json_object(), *misc = json_object();

	json_object_set_new(environment, "comment",
			    json_sprintf("%s %s", text_of(platform, "qemu"),
					 text_of(platform, "machine")));
	copy(misc, "board", test, "board");
	copy(misc, "qemu", test, "qemu_version");
	copy(misc, "platform", test, "platform");
	json_object_set_new(environment, "misc", misc);
	return environment;
}

static json_t *test_new(Export *export, const json_t *source, const char *suffix, const char *name)
{
	json_t *test =
		object_new(export,
			   json_sprintf("%s:%s-%" JSON_INTEGER_FORMAT "%s", export->options->origin,
					export->run_id,
					json_integer_value(json_object_get(source, "id")), suffix));

	json_object_set_new(test, "build_id", build_id(export, source));
	json_object_set_new(test, "path", path_of(text_of(source, "job"), name));
	json_object_set_new(test, "environment", environment_of(source));
	json_array_append_new(export->tests, test);
	return test;
}

static void add_log_url(const Export *export, json_t *test, const json_t *attempt)
{
	if (export->options->url && *text_of(attempt, "directory"))
		json_object_set_new(test, "log_url",
				    json_sprintf("%s/%s/console.log", export->options->url,
						 text_of(attempt, "directory")));
}

static void add_cases(Export *export, const json_t *source, const json_t *attempt)
{
	const json_t *c;
	gsize i;

	json_array_foreach (json_object_get(attempt, "cases"), i, c) {
		g_autofree char *suffix = g_strdup_printf("-%zu", i + 1);
		json_t *test = test_new(export, source, suffix, text_of(c, "name"));

		copy(test, "status", c, "status");
		copy(test, "comment", c, "detail");
	}
}

static void add_test(Export *export, const json_t *source)
{
	const json_t *attempts = json_object_get(source, "attempts");
	const json_t *last = json_array_get(attempts, json_array_size(attempts) - 1);
	json_t *test, *misc = json_object();
	json_auto_t *build = build_id(export, source);

	if (!g_hash_table_contains(export->known_builds, json_string_value(build)))
		build_new(export, source);
	test = test_new(export, source, "", "");
	copy(test, "status", source, "status");
	copy(test, "comment", source, "reason");
	copy(test, "start_time", source, "started");
	copy(test, "duration", source, "seconds");
	add_excerpt(test, text_of(last, "excerpt"));
	add_log_url(export, test, last);
	copy(misc, "name", source, "name");
	copy(misc, "flaky", source, "flaky");
	copy(misc, "kernel_sha256", source, "kernel_sha256");
	copy(misc, "initramfs_sha256", source, "initramfs_sha256");
	copy(misc, "reproducer", source, "reproducer");
	copy(misc, "hazards", last, "hazards");
	json_object_set_new(test, "misc", misc);
	add_cases(export, source, last);
}

gboolean vf_kcidb_check(const json_t *document, GError **error)
{
	json_auto_t *schema = vf_schema_embedded(schema_kcidb_schema_json);

	return vf_schema_check(schema, document, error) || vf_prefix(error, "KCIDB v5.3");
}

json_t *vf_kcidb_new(const json_t *results, const VfExportOptions *options, GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Export export = {.results = results,
			 .run = json_object_get(results, "run"),
			 .options = options,
			 .checkouts = json_array(),
			 .builds = json_array(),
			 .tests = json_array(),
			 .known_builds = known};
	json_auto_t *document = json_pack("{s:{s:i, s:i}, s:o, s:o, s:o}", "version", "major", 5,
					  "minor", 3, "checkouts", export.checkouts, "builds",
					  export.builds, "tests", export.tests);
	const json_t *object;
	gsize i;

	export.run_id = text_of(export.run, "id");
	json_array_foreach (json_object_get(results, "builds"), i, object)
		add_build(&export, object);
	json_array_foreach (json_object_get(results, "tests"), i, object)
		add_test(&export, object);
	if (!vf_kcidb_check(document, error))
		return NULL;
	return g_steal_pointer(&document);
}

char *vf_kcidb_render(const json_t *results, const VfExportOptions *options, GError **error)
{
	json_auto_t *document = vf_kcidb_new(results, options, error);
	g_autofree char *text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;

	return text ? g_strconcat(text, "\n", NULL) : NULL;
}
