// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/lab.h"

#include <string.h>

#include "base/error.h"
#include "base/json-reader.h"
#include "output/post/origin.h"

enum { QUEUE_SECONDS = 3600, PATIENCE_SECONDS = 600, REQUEST_SECONDS = 60 };
enum { SECONDS_MAX = 30 * 86400, REQUEST_SECONDS_MAX = 3600, JOBS_MAX = 1000 };

static void token_clear(VfLabToken *token)
{
	g_free(token->file);
	g_free(token->environment);
}

static void device_free(gpointer data)
{
	VfLabDevice *device = data;

	g_free(device->name);
	g_free(device->device_type);
	g_free(device->word);
	g_clear_pointer(&device->context, g_hash_table_unref);
	g_strfreev(device->tags);
	g_free(device->method);
	g_free(device->commands);
	g_free(device->kernel_type);
	g_free(device->append);
	g_free(device->dtb);
	g_free(device);
}

void vf_lab_free(VfLab *lab)
{
	if (!lab)
		return;
	g_free(lab->name);
	g_free(lab->url);
	token_clear(&lab->token);
	g_free(lab->tls);
	g_free(lab->ca);
	g_free(lab->artefacts.method);
	g_free(lab->artefacts.path);
	g_free(lab->artefacts.url);
	token_clear(&lab->artefacts.token);
	g_free(lab->visibility);
	g_strfreev(lab->groups);
	g_free(lab->priority);
	g_strfreev(lab->tags);
	g_clear_pointer(&lab->devices, g_hash_table_unref);
	g_free(lab);
}

static gboolean read_token(VfJson *json, G_GNUC_UNUSED const char *name, VfLabToken *token,
			   GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("file", STRING, VfLabToken, file, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("environment", STRING, VfLabToken, environment,
			       .flags = VF_JSON_OPTIONAL),
		{NULL},
	};

	if (!vf_json_read(json, members, token, error))
		return FALSE;
	if (!token->file == !token->environment)
		return vf_json_throw(json, error, NULL,
				     "expected either \"file\" or \"environment\"");
	return TRUE;
}

static gboolean read_lab_token(VfJson *json, const char *name, gpointer lab, GError **error)
{
	return read_token(json, name, &((VfLab *)lab)->token, error);
}

static gboolean read_artefact_token(VfJson *json, const char *name, gpointer lab, GError **error)
{
	return read_token(json, name, &((VfLab *)lab)->artefacts.token, error);
}

/* A token must not cross a network in clear text unless that was asked for. */
static gboolean check_url(VfJson *json, const VfLab *lab, const char *key, const char *url,
			  gboolean file, GError **error)
{
	g_auto(VfOrigin) origin = {0};
	const char *scheme = vf_origin_parse(url, &origin) ? origin.scheme : "";

	if (file && g_str_has_prefix(url, "file:///"))
		return TRUE;
	if (origin.user)
		return vf_json_throw(json, error, key, "a URL here holds no user or password");
	if (*scheme && strpbrk(url, "?#"))
		return vf_json_throw(json, error, key, "expected a URL without ? and #");
	if (!strcmp(scheme, "https") ||
	    (!strcmp(scheme, "http") && (!lab->verify || vf_origin_is_local(&origin))))
		return TRUE;
	return vf_json_throw(json, error, key,
			     "expected an https:// URL (http:// only to this machine, or with "
			     "\"tls\": \"none\")%s",
			     file ? " or a file:// URL" : "");
}

static char *with_slash(char *url, gboolean slash)
{
	g_autofree char *owned = url;
	gsize n = strlen(url);

	while (n && url[n - 1] == '/')
		n--;
	return g_strdup_printf("%.*s%s", (int)n, url, slash ? "/" : "");
}

static gboolean read_artefacts(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			       GError **error)
{
	static const char *const methods[] = {"directory", "put", NULL};
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("method", STRING, VfLab, artefacts.method, .words = methods),
		VF_JSON_MEMBER("path", STRING, VfLab, artefacts.path, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("url", STRING, VfLab, artefacts.url),
		{.key = "token",
		 .type = VF_JSON_OBJECT,
		 .flags = VF_JSON_OPTIONAL,
		 .read = read_artefact_token},
		{NULL},
	};
	VfLab *lab = target;

	if (!vf_json_read(json, members, lab, error))
		return FALSE;
	lab->artefacts.put = !strcmp(lab->artefacts.method, "put");
	if (lab->artefacts.put == (lab->artefacts.path != NULL))
		return vf_json_throw(json, error, "path",
				     "belongs to the method \"directory\" and is needed there");
	if (lab->artefacts.path && !g_path_is_absolute(lab->artefacts.path))
		return vf_json_throw(json, error, "path", "expected an absolute path");
	if (!lab->artefacts.put && (lab->artefacts.token.file || lab->artefacts.token.environment))
		return vf_json_throw(json, error, "token", "only for the method \"put\"");
	lab->artefacts.url = with_slash(lab->artefacts.url, FALSE);
	return TRUE;
}

/* Members that describe hardware, and whether hardware has to have them. */
static gboolean check_kind(VfJson *json, const VfLabDevice *device, GError **error)
{
	const struct {
		const char *key, *value;
		gboolean required;
	} members[] = {
		{"method", device->method, TRUE}, {"commands", device->commands, TRUE},
		{"append", device->append, TRUE}, {"kernel_type", device->kernel_type, FALSE},
		{"dtb", device->dtb, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		if (device->kind == VF_LAB_QEMU && members[i].value)
			return vf_json_throw(json, error, members[i].key,
					     "only for kind \"board\"");
		if (device->kind == VF_LAB_BOARD && members[i].required && !members[i].value)
			return vf_json_throw(json, error, members[i].key, "is missing");
	}
	return TRUE;
}

static gboolean read_device(VfJson *json, const char *name, gpointer target, GError **error)
{
	static const char *const kinds[] = {"qemu", "board", NULL};
	static const char *const types[] = {"image", "uimage", "zimage", NULL};
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("kind", STRING, VfLabDevice, word, .words = kinds),
		VF_JSON_MEMBER("device_type", STRING, VfLabDevice, device_type),
		VF_JSON_MEMBER("context", MAP, VfLabDevice, context, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("tags", STRINGS, VfLabDevice, tags, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("method", STRING, VfLabDevice, method, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("commands", STRING, VfLabDevice, commands,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("kernel_type", STRING, VfLabDevice, kernel_type,
			       .flags = VF_JSON_OPTIONAL, .words = types),
		VF_JSON_MEMBER("append", STRING, VfLabDevice, append, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("dtb", STRING, VfLabDevice, dtb, .flags = VF_JSON_OPTIONAL),
		{NULL},
	};
	VfLabDevice *device = g_new0(VfLabDevice, 1);
	VfLab *lab = target;

	if (!g_regex_match_simple("^[a-z0-9_]+(/[a-z0-9_-]+)?$", name, G_REGEX_DOLLAR_ENDONLY, 0)) {
		g_free(device);
		return vf_json_throw(json, error, NULL, "expected ARCH or ARCH/BOARD as name");
	}
	device->name = g_strdup(name);
	g_hash_table_replace(lab->devices, device->name, device);
	if (!vf_json_read(json, members, device, error))
		return FALSE;
	device->kind = strcmp(device->word, "board") ? VF_LAB_QEMU : VF_LAB_BOARD;
	if (strlen(device->device_type) > 200)
		return vf_json_throw(json, error, "device_type", "is longer than 200 characters");
	if (g_hash_table_contains(device->context, "extra_options"))
		return vf_json_throw(json, error, "context.extra_options",
				     "is made from the board's own description");
	return check_kind(json, device, error);
}

static gboolean check_numbers(VfJson *json, const VfLab *lab, GError **error)
{
	const struct {
		const char *key;
		guint64 value, max;
	} numbers[] = {
		{"jobs", lab->jobs, JOBS_MAX},
		{"queue", lab->queue, SECONDS_MAX},
		{"patience", lab->patience, SECONDS_MAX},
		{"timeout", lab->timeout, REQUEST_SECONDS_MAX},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (numbers[i].value > numbers[i].max)
			return vf_json_throw(json, error, numbers[i].key,
					     "expected at most %" G_GUINT64_FORMAT, numbers[i].max);
	return TRUE;
}

static gboolean check_lab(VfJson *json, const VfLab *lab, GError **error)
{
	gboolean group = !strcmp(lab->visibility, "group");

	if (group != (lab->groups && *lab->groups))
		return vf_json_throw(json, error, "groups",
				     "belongs to the visibility \"group\" and is needed there");
	if (!g_hash_table_size(lab->devices))
		return vf_json_throw(json, error, "devices", "expected at least one device");
	return check_numbers(json, lab, error) &&
	       check_url(json, lab, "url", lab->url, FALSE, error) &&
	       check_url(json, lab, "artefacts.url", lab->artefacts.url, !lab->artefacts.put,
			 error);
}

static gboolean read_lab(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			 GError **error)
{
	static const char *const tls[] = {"verify", "none", NULL};
	static const char *const visibilities[] = {"public", "personal", "group", NULL};
	static const char *const priorities[] = {"low", "medium", "high", NULL};
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("url", STRING, VfLab, url),
		{.key = "token",
		 .type = VF_JSON_OBJECT,
		 .flags = VF_JSON_OPTIONAL,
		 .read = read_lab_token},
		VF_JSON_MEMBER("tls", STRING, VfLab, tls, .flags = VF_JSON_OPTIONAL, .words = tls),
		VF_JSON_MEMBER("ca", STRING, VfLab, ca, .flags = VF_JSON_OPTIONAL),
		{.key = "artefacts", .type = VF_JSON_OBJECT, .read = read_artefacts},
		VF_JSON_MEMBER("visibility", STRING, VfLab, visibility, .flags = VF_JSON_OPTIONAL,
			       .words = visibilities),
		VF_JSON_MEMBER("groups", STRINGS, VfLab, groups, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("priority", STRING, VfLab, priority, .flags = VF_JSON_OPTIONAL,
			       .words = priorities),
		VF_JSON_MEMBER("tags", STRINGS, VfLab, tags, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("jobs", POSITIVE, VfLab, jobs, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("queue", POSITIVE, VfLab, queue, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("timeout", POSITIVE, VfLab, timeout, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("patience", POSITIVE, VfLab, patience, .flags = VF_JSON_OPTIONAL),
		{.key = "devices", .type = VF_JSON_NAMED, .read = read_device},
		{NULL},
	};
	VfLab *lab = target;

	if (!vf_json_read(json, members, lab, error))
		return FALSE;
	lab->verify = strcmp(lab->tls, "none") != 0;
	lab->url = with_slash(lab->url, TRUE);
	return check_lab(json, lab, error);
}

VfLab *vf_lab_parse(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(VfLab) lab = g_new0(VfLab, 1);
	g_autofree char *file = g_path_get_basename(name);

	lab->name = g_strndup(file, strlen(file) - (g_str_has_suffix(file, ".json") ? 5 : 0));
	lab->tls = g_strdup("verify");
	lab->visibility = g_strdup("public");
	lab->priority = g_strdup("medium");
	lab->queue = QUEUE_SECONDS;
	lab->patience = PATIENCE_SECONDS;
	lab->timeout = REQUEST_SECONDS;
	lab->devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, device_free);
	return vf_json_parse(text, length, name, read_lab, lab, error) ? g_steal_pointer(&lab)
								       : NULL;
}

VfLab *vf_lab_load(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return vf_throw_null(
			error, VF_ERROR_USAGE,
			"%s: no such lab file; docs/lab-file.md shows how to write one", path);
	text = vf_json_load(path, &length, error);
	return text ? vf_lab_parse(text, length, path, error) : NULL;
}

const VfLabDevice *vf_lab_device(const VfLab *lab, const VfArch *arch, const VfBoard *board)
{
	g_autofree char *full = g_strdup_printf("%s/%s", arch->name, board->name);
	const VfLabDevice *device = g_hash_table_lookup(lab->devices, full);

	return device ? device : g_hash_table_lookup(lab->devices, arch->name);
}

char *vf_lab_skip(const VfLab *lab, const VfTask *task)
{
	const VfLabDevice *device = vf_lab_device(lab, task->arch, task->board);

	if (!device)
		return g_strdup_printf("the lab %s has no device for %s/%s", lab->name,
				       task->arch->name, task->board->name);
	if (device->kind == VF_LAB_QEMU)
		return NULL;
	if (task->job->devices && *task->job->devices)
		return g_strdup_printf("%s is hardware, the job needs the emulated chip",
				       device->device_type);
	if (task->job->model.present)
		return g_strdup_printf("%s is hardware, the job needs the coherence model",
				       device->device_type);
	return NULL;
}
