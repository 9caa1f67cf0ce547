// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/config.h"

#include <string.h>

#define PATIENCE_SECONDS 3600
#define KEEP_DAYS	 90
/* An archive of years is no list of things to do. */
#define FIRST_DAYS 7

static const char *const types[] = {"mbox", "maildir", "public-inbox", "imap", NULL};

static const VfJsonMember source_members[] = {
	VF_JSON_MEMBER("name", STRING, VfMailSourceConfig, name),
	VF_JSON_MEMBER("type", STRING, VfMailSourceConfig, type, .words = types),
	VF_JSON_MEMBER("path", STRING, VfMailSourceConfig, path, .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("url", STRING, VfMailSourceConfig, url, .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("user", STRING, VfMailSourceConfig, user, .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("password_file", STRING, VfMailSourceConfig, password_file,
		       .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("first_days", NATURAL, VfMailSourceConfig, days, .flags = VF_JSON_OPTIONAL),
	{NULL},
};

static const VfJsonMember sender_members[] = {
	VF_JSON_MEMBER("allow", STRINGS, VfMailSenders, allow),
	VF_JSON_MEMBER("authenticated_by", STRING, VfMailSenders, authenticated,
		       .flags = VF_JSON_OPTIONAL),
	{NULL},
};

static void free_source(gpointer source)
{
	vf_mail_source_config_free(source);
}

void vf_mail_in_init(VfMailIn *in)
{
	*in = (VfMailIn){.sources = g_ptr_array_new_with_free_func(free_source),
			 .patience = PATIENCE_SECONDS,
			 .keep_days = KEEP_DAYS};
}

void vf_mail_in_clear(VfMailIn *in)
{
	g_clear_pointer(&in->sources, g_ptr_array_unref);
	g_free(in->filter);
	g_strfreev(in->commands.allow);
	g_free(in->commands.authenticated);
	memset(in, 0, sizeof(*in));
}

static gboolean read_source(VfJson *json, const char *name, gpointer target, GError **error)
{
	VfMailIn *in = target;
	g_autoptr(VfMailSourceConfig) config = g_new0(VfMailSourceConfig, 1);
	g_autoptr(VfMailSource) probe = NULL;
	g_autoptr(GError) local = NULL;

	(void)name;
	config->days = FIRST_DAYS;
	if (!vf_json_read(json, source_members, config, error))
		return FALSE;
	for (guint i = 0; i < in->sources->len; i++)
		if (!strcmp(((VfMailSourceConfig *)in->sources->pdata[i])->name, config->name))
			return vf_json_throw(json, error, "name",
					     "another source has the name \"%s\"", config->name);
	probe = vf_mail_source_new(config, &local);
	if (!probe)
		return vf_json_throw(json, error, NULL, "%s", local->message);
	g_ptr_array_add(in->sources, g_steal_pointer(&config));
	return TRUE;
}

static gboolean read_senders(VfJson *json, const char *name, gpointer target, GError **error)
{
	VfMailIn *in = target;

	(void)name;
	if (!vf_json_read(json, sender_members, &in->commands, error))
		return FALSE;
	for (guint i = 0; in->commands.allow[i]; i++)
		if (!strchr(in->commands.allow[i], '@'))
			return vf_json_throw(json, error, "allow",
					     "expected \"user@host\" or \"@host\", found \"%s\"",
					     in->commands.allow[i]);
	return TRUE;
}

static const VfJsonMember in_members[] = {
	{.key = "sources", .type = VF_JSON_OBJECTS, .read = read_source},
	VF_JSON_MEMBER("filter", STRING, VfMailIn, filter, .flags = VF_JSON_OPTIONAL),
	{.key = "commands",
	 .type = VF_JSON_OBJECT,
	 .flags = VF_JSON_OPTIONAL,
	 .read = read_senders},
	VF_JSON_MEMBER("patience_seconds", NATURAL, VfMailIn, patience, .flags = VF_JSON_OPTIONAL),
	VF_JSON_MEMBER("keep_days", POSITIVE, VfMailIn, keep_days, .flags = VF_JSON_OPTIONAL),
	{NULL},
};

gboolean vf_mail_in_read(VfJson *json, VfMailIn *in, GError **error)
{
	vf_mail_in_init(in);
	return vf_json_read(json, in_members, in, error);
}
