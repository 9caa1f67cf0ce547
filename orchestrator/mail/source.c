// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/source-impl.h"

#include <string.h>

#include "base/error.h"
#include "mail/message.h"

static const VfMailSourceType *const types[] = {
	&vf_mail_source_mbox,
	&vf_mail_source_maildir,
	&vf_mail_source_public_inbox,
	&vf_mail_source_imap,
};

void vf_mail_source_config_free(VfMailSourceConfig *config)
{
	if (!config)
		return;
	g_free(config->type);
	g_free(config->path);
	g_free(config->url);
	g_free(config->user);
	g_free(config->password_file);
	g_free(config->name);
	g_free(config);
}

static gboolean check(const VfMailSourceConfig *config, const VfMailSourceType *type,
		      GError **error)
{
	const char *missing = NULL, *useless = NULL;

	if (type->url) {
		missing = !config->url ? "url" : !config->user ? "user" : NULL;
		if (!missing && !config->password_file)
			missing = "password_file";
		useless = config->path ? "path" : NULL;
	} else {
		missing = !config->path ? "path" : NULL;
		useless = config->url		  ? "url"
			  : config->user	  ? "user"
			  : config->password_file ? "password_file"
						  : NULL;
	}
	if (missing)
		return vf_throw(error, VF_ERROR_DATA, "a source of type \"%s\" needs \"%s\"",
				type->name, missing);
	if (useless)
		return vf_throw(error, VF_ERROR_DATA, "a source of type \"%s\" has no \"%s\"",
				type->name, useless);
	return TRUE;
}

VfMailSource *vf_mail_source_new(const VfMailSourceConfig *config, GError **error)
{
	VfMailSource *source;
	gsize i = 0;

	while (i < G_N_ELEMENTS(types) && strcmp(types[i]->name, config->type))
		i++;
	if (i == G_N_ELEMENTS(types))
		return vf_throw_null(error, VF_ERROR_DATA, "no type of source is called \"%s\"",
				     config->type);
	if (!check(config, types[i], error))
		return NULL;
	source = g_new0(VfMailSource, 1);
	source->config = config;
	source->type = types[i];
	source->cursor = json_object();
	return source;
}

void vf_mail_source_free(VfMailSource *source)
{
	if (!source)
		return;
	json_decref(source->cursor);
	g_free(source);
}

const char *vf_mail_source_name(const VfMailSource *source)
{
	return source->config->name;
}

gboolean vf_mail_source_read(VfMailSource *source, const char *cursor, VfMailTake take,
			     VfMailSkip skip, gpointer data, GError **error)
{
	VfMailSink sink = {take, skip, data};
	json_t *start = cursor ? json_loads(cursor, 0, NULL) : json_object();

	if (!json_is_object(start)) {
		json_decref(start);
		return vf_throw(error, VF_ERROR_DATA,
				"source \"%s\": the stored position is damaged: %s",
				source->config->name, cursor);
	}
	json_decref(source->cursor);
	source->cursor = start;
	return source->type->read(source, &sink, error);
}

char *vf_mail_source_cursor(const VfMailSource *source)
{
	char *text = json_dumps(source->cursor, JSON_COMPACT | JSON_SORT_KEYS);
	char *copy = g_strdup(text);

	free(text);
	return copy;
}

gint64 vf_mail_cursor_number(const VfMailSource *source, const char *key)
{
	return json_integer_value(json_object_get(source->cursor, key));
}

void vf_mail_cursor_set_number(VfMailSource *source, const char *key, gint64 value)
{
	json_object_set_new(source->cursor, key, json_integer(value));
}

const char *vf_mail_cursor_text(const VfMailSource *source, const char *key)
{
	return json_string_value(json_object_get(source->cursor, key));
}

void vf_mail_cursor_set_text(VfMailSource *source, const char *key, const char *value)
{
	json_object_set_new(source->cursor, key, json_string(value));
}

void vf_mail_skip_large(const VfMailSink *sink, const char *where, guint64 bytes)
{
	g_autofree char *why = g_strdup_printf("%s: it has %" G_GUINT64_FORMAT
					       " bytes, more than the %d that are read",
					       where, bytes, VF_MESSAGE_BYTES_MAX);

	sink->skip(why, sink->data);
}
