// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/targets.h"

#include <string.h>

#include "base/error.h"
#include "base/json-reader.h"
#include "base/secret.h"
#include "base/text.h"
#include "output/post/origin.h"

#define TIMEOUT_DEFAULT 60
#define TIMEOUT_MAX	3600

static const VfTargetType *const types[] = {
	&vf_target_webhook,   &vf_target_kcidb, &vf_target_squad,
	&vf_target_patchwork, &vf_target_smtp,
};

void vf_target_free(VfTarget *target)
{
	if (!target)
		return;
	g_free(target->name);
	g_free(target->url);
	g_free(target->token_file);
	g_free(target->group);
	g_free(target->project);
	g_free(target->origin);
	g_free(target->link);
	g_free(target->policy);
	g_free(target->user);
	g_free(target->ca_file);
	g_free(target);
}

/* A token must not cross a network in clear text. */
static gboolean check_url(VfJson *json, VfTarget *target, GError **error)
{
	g_auto(VfOrigin) origin = {0};
	const char *scheme = vf_origin_parse(target->url, &origin) ? origin.scheme : "";
	gboolean local = vf_origin_is_local(&origin);
	gsize length = strlen(target->url);

	if (origin.user)
		return vf_json_throw(json, error, "url",
				     "a URL here holds no user or password; use token_file");
	if (target->type == &vf_target_smtp) {
		if (strcmp(scheme, "smtp") && strcmp(scheme, "smtps"))
			return vf_json_throw(json, error, "url",
					     "expected smtp://HOST:PORT (with STARTTLS, except to "
					     "localhost) or smtps://HOST");
	} else if (strcmp(scheme, "https") && !(local && !strcmp(scheme, "http")))
		return vf_json_throw(json, error, "url",
				     "expected an https:// URL (http:// only to localhost)");
	while (length > 0 && target->url[length - 1] == '/')
		target->url[--length] = '\0';
	return TRUE;
}

static gboolean check_members(VfJson *json, const VfTarget *target, GError **error)
{
	const struct {
		const char *key, *value;
		const VfTargetType *type;
		gboolean required;
	} rules[] = {
		{"group", target->group, &vf_target_squad, TRUE},
		{"project", target->project, &vf_target_squad, TRUE},
		{"origin", target->origin, &vf_target_kcidb, TRUE},
		{"policy", target->policy, &vf_target_patchwork, FALSE},
		{"user", target->user, &vf_target_smtp, FALSE},
		{"ca_file", target->ca_file, &vf_target_smtp, FALSE},
		{"token_file", target->token_file, &vf_target_patchwork, TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
		if (rules[i].type == target->type && rules[i].required && !rules[i].value)
			return vf_json_throw(json, error, rules[i].key, "is missing");
		if (rules[i].type != target->type && rules[i].value &&
		    strcmp(rules[i].key, "token_file"))
			return vf_json_throw(json, error, rules[i].key, "only for type %s",
					     rules[i].type->name);
	}
	if (!target->user != !target->token_file && target->type == &vf_target_smtp)
		return vf_json_throw(json, error, "user", "needs token_file, and the reverse");
	if (target->origin &&
	    !g_regex_match_simple("^[a-z0-9_]+$", target->origin, G_REGEX_DOLLAR_ENDONLY, 0))
		return vf_json_throw(json, error, "origin",
				     "expected lower-case letters, digits and _");
	return TRUE;
}

static gboolean read_type(VfJson *json, const char *type, VfTarget *target, GError **error)
{
	const char *names[G_N_ELEMENTS(types) + 1] = {NULL};
	g_autofree char *list = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		names[i] = types[i]->name;
		if (!strcmp(types[i]->name, type))
			target->type = types[i];
	}
	list = vf_text_list(names);
	return target->type || vf_json_throw(json, error, "type", "expected one of %s", list);
}

static gboolean read_target(VfJson *json, const char *name, gpointer data, GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("url", STRING, VfTarget, url),
		VF_JSON_MEMBER("token_file", STRING, VfTarget, token_file,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("group", STRING, VfTarget, group, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("project", STRING, VfTarget, project, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("origin", STRING, VfTarget, origin, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("link", STRING, VfTarget, link, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("policy", STRING, VfTarget, policy, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("user", STRING, VfTarget, user, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("ca_file", STRING, VfTarget, ca_file, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("timeout", POSITIVE, VfTarget, timeout, .flags = VF_JSON_OPTIONAL),
		/* its word is looked up when all members are there */
		VF_JSON_MEMBER("type", STRING, VfTarget, name),
		{NULL},
	};
	g_autoptr(VfTarget) target = g_new0(VfTarget, 1);
	GPtrArray *targets = *(GPtrArray **)data;

	target->timeout = TIMEOUT_DEFAULT;
	if (!vf_json_read(json, members, target, error) ||
	    !read_type(json, target->name, target, error))
		return FALSE;
	g_free(target->name);
	target->name = g_strdup(name);
	if (target->timeout > TIMEOUT_MAX)
		return vf_json_throw(json, error, "timeout", "expected at most %d seconds",
				     TIMEOUT_MAX);
	if (!check_url(json, target, error) || !check_members(json, target, error))
		return FALSE;
	g_ptr_array_add(targets, g_steal_pointer(&target));
	return TRUE;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp((*(VfTarget *const *)a)->name, (*(VfTarget *const *)b)->name);
}

static const VfJsonMember file_members[] = {
	{.key = "targets", .type = VF_JSON_NAMED, .read = read_target},
	{NULL},
};

static GPtrArray *targets_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)vf_target_free);
}

GPtrArray *vf_targets_parse(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(GPtrArray) targets = targets_new();

	if (!vf_json_read_text(text, length, name, file_members, &targets, error))
		return NULL;
	g_ptr_array_sort(targets, by_name);
	return g_steal_pointer(&targets);
}

GPtrArray *vf_targets_load(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "%s: no targets file; docs/results.md shows how to write one",
				     path);
	text = vf_json_load(path, &length, error);
	return text ? vf_targets_parse(text, length, path, error) : NULL;
}

const VfTarget *vf_targets_find(GPtrArray *targets, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *list = NULL, *escaped = vf_text_escape(name, -1, 60);

	for (guint i = 0; i < targets->len; i++) {
		const VfTarget *target = targets->pdata[i];

		if (!strcmp(target->name, name))
			return target;
		g_ptr_array_add(names, target->name);
	}
	g_ptr_array_add(names, NULL);
	list = vf_text_list((const char *const *)names->pdata);
	return vf_throw_null(error, VF_ERROR_USAGE, "unknown target \"%s\"; known: %s", escaped,
			     list);
}

/* The header that carries the token, or NULL when the target has none. */
static gboolean authorization(const VfTarget *target, char **header, GError **error)
{
	g_autofree char *token = NULL;

	*header = NULL;
	if (!target->token_file)
		return TRUE;
	token = vf_secret_read(target->token_file, error);
	if (!token)
		return vf_prefix(error, "target %s: token_file", target->name);
	if (!vf_secret_is_word(token))
		return vf_throw(error, VF_ERROR_USAGE,
				"target %s: token_file: %s: expected one word of printable ASCII",
				target->name, target->token_file);
	/* one of the formats in the types table, with one %s */
	g_auto(GStrv) halves = g_strsplit(target->type->authorization, "%s", 2);
	*header = g_strconcat(halves[0], token, halves[1], NULL);
	return TRUE;
}

gboolean vf_target_owns(const VfTarget *target, const char *url, GError **error)
{
	g_autofree char *other = NULL, *own = NULL;

	if (vf_origin_same(url, target->url))
		return TRUE;
	other = vf_origin_show(url);
	own = vf_origin_show(target->url);
	return vf_throw(error, VF_ERROR_USAGE,
			"not sent: it is for %s, but the target %s is at %s; put the target's URL "
			"back, or post the run again under another target",
			other, target->name, own);
}

VfHttpAnswer *vf_target_request(const VfTarget *target, const VfHttpRequest *request,
				GError **error)
{
	g_autoptr(GPtrArray) headers = g_ptr_array_new();
	g_autofree char *token = NULL;
	VfHttpRequest full = *request;

	if (!vf_target_owns(target, request->url, error) || !authorization(target, &token, error))
		return NULL;
	for (const char *const *header = request->headers; header && *header; header++)
		g_ptr_array_add(headers, (gpointer)*header);
	if (token)
		g_ptr_array_add(headers, token);
	g_ptr_array_add(headers, NULL);
	full.headers = (const char *const *)headers->pdata;
	full.timeout = (guint)target->timeout;
	return vf_http(&full, error);
}

/* Statuses that another try can change; 5xx and redirects are handled apart. */
static gboolean is_passing(guint status)
{
	static const guint statuses[] = {408, 409, 423, 425, 429};

	for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++)
		if (statuses[i] == status)
			return TRUE;
	return FALSE;
}

static char *body_line(const VfHttpAnswer *answer)
{
	return vf_text_escape(answer->body->str, (gssize)answer->body->len, 200);
}

VfDelivery vf_target_judge(const VfTargetType *type, const VfHttpAnswer *answer, char **why)
{
	g_autofree char *body = body_line(answer);
	const char *doubt;

	if (answer->status / 100 == 3) {
		g_autofree char *location = vf_text_escape(answer->location ?: "?", -1, 200);

		*why = g_strdup_printf("status %u: the server redirects to %s; correct the URL of "
				       "the target",
				       answer->status, location);
		return VF_DELIVERY_LATER;
	}
	if (answer->status / 100 != 2) {
		gboolean later = answer->status / 100 == 5 || is_passing(answer->status);

		*why = g_strdup_printf("status %u: %s", answer->status, body);
		return later ? VF_DELIVERY_LATER : VF_DELIVERY_NEVER;
	}
	/* a proxy or a login page, not the service */
	doubt = strstr(answer->content_type, "html") ? "an HTML page" : NULL;
	if (!doubt && type->doubt)
		doubt = type->doubt(answer);
	*why = g_strdup_printf("status %u%s%s: %s", answer->status, doubt ? ", but " : "",
			       doubt ?: "", body);
	return doubt ? VF_DELIVERY_LATER : VF_DELIVERY_DONE;
}

VfLetter *vf_target_letter(const VfTarget *target, const char *url, const char *content_type,
			   char *body, const char *what, const char *const *identity)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	VfLetter *letter = g_new0(VfLetter, 1);

	g_ptr_array_add(parts, target->name);
	for (; *identity; identity++)
		g_ptr_array_add(parts, (gpointer)*identity);
	g_ptr_array_add(parts, NULL);
	letter->key = vf_letter_key((const char *const *)parts->pdata);
	letter->target = g_strdup(target->name);
	letter->what = g_strdup(what);
	letter->method = g_strdup("POST");
	letter->url = g_strdup(url);
	letter->content_type = g_strdup(content_type);
	letter->body = body;
	letter->created = letter->due = g_get_real_time();
	return letter;
}

char *vf_target_link(const VfTarget *target, const char *run)
{
	g_auto(GStrv) parts = NULL;

	if (!target->link)
		return NULL;
	parts = g_strsplit(target->link, "{run}", -1);
	return g_strjoinv(run, parts);
}
