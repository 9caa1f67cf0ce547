// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/debian-mirror.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "kernel/child.h"

#define OUTPUT_BYTES (4 << 20)

/* The value of "NAME: value" in a stanza, or NULL. Caller frees. */
static char *field(const char *stanza, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(stanza, "\n", -1);

	for (char **line = lines; *line; line++) {
		gsize length = strlen(name);

		if (g_str_has_prefix(*line, name) && (*line)[length] == ':')
			return g_strdup(g_strstrip(*line + length + 1));
	}
	return NULL;
}

static gboolean is(const char *stanza, const char *name, const char *value)
{
	g_autofree char *found = field(stanza, name);

	return !g_strcmp0(found, value);
}

/* "Signed-By: ..." of the stanza @number in the deb822 file @text, a key in it included. */
static char *key_of_stanza(const char *text, guint number)
{
	g_auto(GStrv) stanzas = g_regex_split_simple("\\n(?:[ \\t]*\\n)+", text, 0, 0);
	g_autoptr(GRegex) key = g_regex_new("^Signed-By:[^\\n]*(?:\\n[ \\t#][^\\n]*)*",
					    G_REGEX_MULTILINE | G_REGEX_CASELESS, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (!number || number > g_strv_length(stanzas) ||
	    !g_regex_match(key, stanzas[number - 1], 0, &match))
		return NULL;
	return g_match_info_fetch(match, 0);
}

/* The same of line @number of a one-line-style file. */
static char *key_of_line(const char *text, guint number)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GRegex) key =
		g_regex_new("^[^#]*\\[[^]]*signed-by=([^] ]+)", G_REGEX_CASELESS, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *value = NULL;

	if (!number || number > g_strv_length(lines) ||
	    !g_regex_match(key, lines[number - 1], 0, &match))
		return NULL;
	value = g_match_info_fetch(match, 1);
	g_strdelimit(value, ",", ' ');
	return g_strconcat("Signed-By: ", value, NULL);
}

/* Of the entry "FILE:NUMBER"; NULL: apt's trusted keys. */
static char *key_of_entry(const char *entry)
{
	const char *colon = entry ? strrchr(entry, ':') : NULL;
	g_autofree char *path = colon ? g_strndup(entry, (gsize)(colon - entry)) : NULL;
	g_autofree char *text = NULL;
	guint number;

	if (!colon || !g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	number = (guint)g_ascii_strtoull(colon + 1, NULL, 10);
	return g_str_has_suffix(path, ".sources") ? key_of_stanza(text, number)
						  : key_of_line(text, number);
}

char *vf_debian_sources(const char *targets, const char *suite, GError **error)
{
	g_auto(GStrv) stanzas = g_strsplit(targets, "\n\n", -1);

	for (char **stanza = stanzas; *stanza; stanza++) {
		g_autofree char *uri = field(*stanza, "Repo-URI");
		g_autofree char *entry = field(*stanza, "Sourcesentry");
		g_autofree char *key = NULL;

		if (!uri || !is(*stanza, "Origin", "Debian") || !is(*stanza, "Label", "Debian") ||
		    !is(*stanza, "Component", "main"))
			continue;
		key = key_of_entry(entry);
		return g_strdup_printf("Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n%s%s",
				       uri, suite, key ? key : "", key ? "\n" : "");
	}
	return vf_throw_null(error, VF_ERROR_MISSING,
			     "apt knows no mirror of Debian here: add one to its sources and run "
			     "\"apt-get update\"");
}

/* What apt says, in the machine's own configuration. Caller frees. */
static char *ask(const char *program, const char *first, const char *second, GError **error)
{
	const char *config = g_getenv("APT_CONFIG");
	g_autofree char *word = g_strconcat("APT_CONFIG=", config, NULL);
	g_auto(GStrv) env = vf_child_env(config ? word : NULL, NULL);
	char *argv[] = {(char *)program, (char *)first, (char *)second, NULL};
	g_auto(VfChildEnd) end = {0};

	if (!vf_child_run(&(VfChild){.argv = argv, .env = env, .keep = OUTPUT_BYTES}, &end,
			  error) ||
	    !vf_child_check(&end, VF_ERROR_MISSING, error, "%s %s", program, first))
		return NULL;
	return g_steal_pointer(&end.output);
}

/* How the machine reaches its mirrors, and how old an answer of theirs may be. */
static void add_transport(GString *text, const char *acquire)
{
	static const char *const kept[] = {"Acquire::http", "Acquire::https", "Acquire::Force",
					   "Acquire::Check-"};
	g_auto(GStrv) lines = g_strsplit(acquire, "\n", -1);

	for (char **line = lines; *line; line++)
		for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
			if (g_ascii_strncasecmp(*line, kept[i], strlen(kept[i])) == 0) {
				g_string_append_printf(text, "%s\n", *line);
				break;
			}
}

/* Where the machine keeps the keys that entries without one rely on. Caller frees. */
static char *trusted_keys(const char *dump)
{
	static const char *const names[] = {"Dir::Etc::trusted ", "Dir::Etc::trustedparts "};
	g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
	GString *text = g_string_new(NULL);

	for (char **line = lines; *line; line++)
		for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
			if (g_str_has_prefix(*line, names[i]))
				g_string_append_printf(text, "%s\n", *line);
	return g_string_free(text, FALSE);
}

/* The first lines keep apt from reading the machine's files, and with them its hooks. */
static char *configuration(const char *directory, const char *trusted, const char *acquire)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text,
			       "Dir::Etc::parts \"/dev/null\";\n"
			       "Dir::Etc::main \"/dev/null\";\n"
			       "Dir::Etc::sourcelist \"%s/debian.sources\";\n"
			       "Dir::Etc::sourceparts \"/dev/null\";\n"
			       "Dir::Etc::preferences \"/dev/null\";\n"
			       "Dir::Etc::preferencesparts \"/dev/null\";\n"
			       "%s"
			       "Dir::State \"%s/state\";\n"
			       "Dir::State::status \"%s/state/status\";\n"
			       "Dir::Cache \"%s/cache\";\n",
			       directory, trusted, directory, directory, directory);
	/* apt's own user cannot write below a private cache */
	g_string_append(text, "APT::Sandbox::User \"root\";\n"
			      "Acquire::http::Timeout \"30\";\n"
			      "Acquire::https::Timeout \"30\";\n"
			      "Acquire::Retries \"2\";\n"
			      "Acquire::IndexTargets::deb::Packages::KeepCompressed \"true\";\n");
	add_transport(text, acquire);
	g_string_append(text, "Acquire::Languages \"none\";\n");
	return g_string_free(text, FALSE);
}

static gboolean make_directories(const char *directory, GError **error)
{
	static const char *const names[] = {"state/lists/partial", "cache/archives/partial"};
	g_autofree char *status = g_build_filename(directory, "state", "status", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);

		if (!vf_dirs_make(path, error))
			return FALSE;
	}
	return vf_dirs_write(status, "", 0, error);
}

gboolean vf_debian_configure(const char *directory, const char *suite, GError **error)
{
	g_autofree char *targets = ask("apt-get", "indextargets", "Identifier: Packages", error);
	g_autofree char *dump = targets ? ask("apt-config", "dump", NULL, error) : NULL;
	g_autofree char *entry = dump ? vf_debian_sources(targets, suite, error) : NULL;
	g_autofree char *conf = g_build_filename(directory, "apt.conf", NULL);
	g_autofree char *list = g_build_filename(directory, "debian.sources", NULL);
	g_autofree char *trusted = NULL, *text = NULL;

	if (!entry || !make_directories(directory, error))
		return FALSE;
	trusted = trusted_keys(dump);
	text = configuration(directory, trusted, dump);
	return vf_dirs_write(conf, text, -1, error) && vf_dirs_write(list, entry, -1, error);
}
