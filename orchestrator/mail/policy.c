// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/policy.h"

#include <string.h>

#include "base/json-reader.h"
#include "plan/names.h"

static const char *const modes[] = {"dry-run", "moderate", "send", NULL};
static const char *const places[] = {"below", "above", NULL};
static const char *const copies[] = {"maintainers", "all", "lists", "none", NULL};
static const char *const answers[] = {"mail", "silent", NULL};
static const char *const successes[] = {"mail", "matrix", "silent", NULL};

#define OPTIONAL(...) VF_JSON_MEMBER(__VA_ARGS__, .flags = VF_JSON_OPTIONAL)

static const VfJsonMember reply_members[] = {
	OPTIONAL("name", STRING, VfMailPolicy, reply.name),
	OPTIONAL("address", STRING, VfMailPolicy, reply.address),
	OPTIONAL("contact", STRING, VfMailPolicy, reply.contact),
	OPTIONAL("cc", STRING, VfMailPolicy, reply.cc, .words = copies),
	OPTIONAL("recipients_max", POSITIVE, VfMailPolicy, reply.recipients_max),
	OPTIONAL("always", STRINGS, VfMailPolicy, reply.always),
	OPTIONAL("never", STRINGS, VfMailPolicy, reply.never),
	OPTIONAL("quiet_lists", STRINGS, VfMailPolicy, reply.quiet_lists),
	OPTIONAL("archive", STRING, VfMailPolicy, reply.archive),
	OPTIONAL("smtp", STRING, VfMailPolicy, reply.smtp),
	{NULL},
};

static const VfJsonMember when_members[] = {
	OPTIONAL("success", STRING, VfMailPolicy, when.success, .words = successes),
	OPTIONAL("broken", STRING, VfMailPolicy, when.broken, .words = answers),
	OPTIONAL("base_broken", STRING, VfMailPolicy, when.base_broken, .words = answers),
	OPTIONAL("flaky", STRING, VfMailPolicy, when.flaky, .words = answers),
	OPTIONAL("not_applied", STRING, VfMailPolicy, when.not_applied, .words = answers),
	OPTIONAL("incomplete", STRING, VfMailPolicy, when.incomplete, .words = answers),
	{NULL},
};

static const VfJsonMember limit_members[] = {
	OPTIONAL("minutes", POSITIVE, VfMailPolicy, limits.minutes),
	OPTIONAL("memory_mib", POSITIVE, VfMailPolicy, limits.memory_mib),
	OPTIONAL("total_memory_mib", POSITIVE, VfMailPolicy, limits.total_memory_mib),
	OPTIONAL("disk_mib", POSITIVE, VfMailPolicy, limits.disk_mib),
	OPTIONAL("processes", POSITIVE, VfMailPolicy, limits.processes),
	{NULL},
};

/* Something like an address, fit for a header as it is. */
static gboolean is_address(const char *text)
{
	return g_regex_match_simple("^[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+$", text,
				    G_REGEX_DOLLAR_ENDONLY, 0);
}

/* What `git rev-list --glob` takes for a pattern of references and for nothing else. */
static gboolean is_reference(const char *text)
{
	return !strstr(text, "..") &&
	       g_regex_match_simple("^refs/[A-Za-z0-9._/+*-]+$", text, G_REGEX_DOLLAR_ENDONLY, 0);
}

static gboolean check_addresses(VfJson *json, const VfMailPolicy *policy, GError **error)
{
	const char *single[] = {policy->reply.address, policy->reply.contact};
	static const char *const keys[] = {"address", "contact"};

	for (gsize i = 0; i < G_N_ELEMENTS(single); i++)
		if (single[i] && !is_address(single[i]))
			return vf_names_refuse(json, keys[i], "user@host", single[i], error);
	for (char **word = policy->reply.always; word && *word; word++)
		if (!is_address(*word))
			return vf_names_refuse(json, "always", "user@host", *word, error);
	for (char **word = policy->reply.never; word && *word; word++)
		if (**word != '@' && !is_address(*word))
			return vf_names_refuse(json, "never", "user@host or @domain", *word, error);
	if (strpbrk(policy->reply.name, "\r\n\"\\<>"))
		return vf_names_refuse(json, "name", "plain words", policy->reply.name, error);
	if (policy->reply.archive && !strstr(policy->reply.archive, "{id}"))
		return vf_json_throw(json, error, "archive", "expected a URL with \"{id}\" in it");
	return TRUE;
}

static gboolean read_reply(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			   GError **error)
{
	return vf_json_read(json, reply_members, target, error) &&
	       check_addresses(json, target, error);
}

static gboolean read_when(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			  GError **error)
{
	return vf_json_read(json, when_members, target, error);
}

static gboolean read_limits(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			    GError **error)
{
	return vf_json_read(json, limit_members, target, error);
}

static gboolean read_in(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			GError **error)
{
	VfMailPolicy *policy = target;

	vf_mail_in_clear(&policy->in);
	return vf_mail_in_read(json, &policy->in, error);
}

static const VfJsonMember members[] = {
	OPTIONAL("mode", STRING, VfMailPolicy, mode, .words = modes),
	OPTIONAL("tree", STRING, VfMailPolicy, tree),
	OPTIONAL("trusted", STRINGS, VfMailPolicy, trusted),
	OPTIONAL("variant", STRING, VfMailPolicy, variant),
	OPTIONAL("support", STRING, VfMailPolicy, support, .words = places),
	OPTIONAL("archs", STRING, VfMailPolicy, archs),
	OPTIONAL("boards", STRING, VfMailPolicy, boards),
	{.key = "reply", .type = VF_JSON_OBJECT, .flags = VF_JSON_OPTIONAL, .read = read_reply},
	{.key = "when", .type = VF_JSON_OBJECT, .flags = VF_JSON_OPTIONAL, .read = read_when},
	OPTIONAL("patches_max", POSITIVE, VfMailPolicy, patches_max),
	OPTIONAL("bisect_runs", NATURAL, VfMailPolicy, bisect_runs),
	OPTIONAL("mails_day", NATURAL, VfMailPolicy, mails_day),
	OPTIONAL("author_mails_day", NATURAL, VfMailPolicy, author_mails_day),
	OPTIONAL("series_day", NATURAL, VfMailPolicy, series_day),
	OPTIONAL("post", STRINGS, VfMailPolicy, post),
	OPTIONAL("targets", STRING, VfMailPolicy, targets),
	{.key = "limits", .type = VF_JSON_OBJECT, .flags = VF_JSON_OPTIONAL, .read = read_limits},
	{.key = "in", .type = VF_JSON_OBJECT, .flags = VF_JSON_OPTIONAL, .read = read_in},
	{NULL},
};

/* All that a policy may leave out. */
static const char defaults[] =
	"{\"mode\": \"dry-run\", \"trusted\": [\"refs/heads/*\", \"refs/remotes/origin/*\"], "
	"\"variant\": \"full\", \"support\": \"below\", \"archs\": \"all\","
	" \"boards\": \"all\","
	" \"reply\": {\"name\": \"vifarm\", \"address\": \"vifarm@localhost\", \"cc\": "
	"\"maintainers\", \"recipients_max\": 20,"
	"  \"always\": [], \"never\": [], \"quiet_lists\": []},"
	" \"when\": {\"success\": \"matrix\", \"broken\": \"mail\", \"base_broken\": \"silent\","
	"  \"flaky\": \"silent\", \"not_applied\": \"mail\", \"incomplete\": \"silent\"},"
	" \"patches_max\": 100, \"bisect_runs\": 8,"
	" \"mails_day\": 20, \"author_mails_day\": 4, \"series_day\": 100, \"post\": [],"
	" \"limits\": {\"minutes\": 60, \"memory_mib\": 8192, \"total_memory_mib\": 8192,"
	"  \"disk_mib\": 4096, \"processes\": 1000}}";

static void clear_strings(char **const *strings, gsize count)
{
	for (gsize i = 0; i < count; i++)
		g_free(*strings[i]);
}

void vf_mail_policy_free(VfMailPolicy *policy)
{
	if (!policy)
		return;
	clear_strings((char **const[]){&policy->mode, &policy->tree, &policy->variant,
				       &policy->support, &policy->archs, &policy->boards,
				       &policy->reply.name, &policy->reply.address,
				       &policy->reply.contact, &policy->reply.cc,
				       &policy->reply.archive, &policy->reply.smtp,
				       &policy->when.success, &policy->when.broken,
				       &policy->when.base_broken, &policy->when.flaky,
				       &policy->when.not_applied, &policy->when.incomplete,
				       &policy->targets},
		      19);
	g_strfreev(policy->reply.always);
	g_strfreev(policy->reply.never);
	g_strfreev(policy->reply.quiet_lists);
	g_strfreev(policy->post);
	g_strfreev(policy->trusted);
	vf_mail_in_clear(&policy->in);
	g_free(policy);
}

static gboolean check(VfJson *json, const VfMailPolicy *policy, GError **error)
{
	if (strcmp(policy->mode, "dry-run") && !policy->reply.smtp)
		return vf_json_throw(json, error, "reply.smtp",
				     "mode \"%s\" needs the name of an SMTP target", policy->mode);
	if (strcmp(policy->mode, "dry-run") &&
	    g_str_has_suffix(policy->reply.address, "@localhost"))
		return vf_json_throw(json, error, "reply.address",
				     "mode \"%s\" needs an address that can be answered",
				     policy->mode);
	for (char **pattern = policy->trusted; *pattern; pattern++)
		if (!is_reference(*pattern))
			return vf_names_refuse(json, "trusted", "refs/... with * for any name",
					       *pattern, error);
	if (!vf_name_is_path(policy->variant) || strchr(policy->variant, '/'))
		return vf_names_refuse(json, "variant", "the name of a variant", policy->variant,
				       error);
	return TRUE;
}

static gboolean read_policy(VfJson *json, G_GNUC_UNUSED const char *name, gpointer target,
			    GError **error)
{
	return vf_json_read(json, members, target, error) && check(json, target, error);
}

VfMailPolicy *vf_mail_policy_parse(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(VfMailPolicy) policy = g_new0(VfMailPolicy, 1);

	vf_mail_in_init(&policy->in);
	if (!vf_json_parse(defaults, strlen(defaults), "default policy", read_policy, policy,
			   error) ||
	    (text && !vf_json_parse(text, length, name, read_policy, policy, error)))
		return NULL;
	return g_steal_pointer(&policy);
}

VfMailPolicy *vf_mail_policy_load(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	gsize length;

	if (!path)
		return vf_mail_policy_parse(NULL, 0, NULL, error);
	text = vf_json_load(path, &length, error);
	return text ? vf_mail_policy_parse(text, length, path, error) : NULL;
}

VfLimits vf_mail_policy_limits(const VfMailPolicy *policy)
{
	return (VfLimits){
		.cpu_seconds = policy->limits.minutes * 60,
		.seconds = policy->limits.minutes * 60,
		.memory = policy->limits.memory_mib << 20,
		.resident = policy->limits.total_memory_mib << 20,
		.disk = policy->limits.disk_mib << 20,
		.file_size = policy->limits.disk_mib << 19,
		.processes = policy->limits.processes,
	};
}
