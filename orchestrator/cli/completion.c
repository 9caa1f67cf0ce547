// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/text.h"
#include "cli/describe.h"

/* Options whose values `orchestrator list` knows. */
static const struct {
	const char *option, *list;
} lists[] = {{"arch", "archs"}, {"job", "jobs"}, {"variant", "variants"}, {"mutant", "mutants"}};

static const char *list_of(const GOptionEntry *option)
{
	for (gsize i = 0; i < G_N_ELEMENTS(lists) && option->arg == G_OPTION_ARG_STRING; i++)
		if (!strcmp(lists[i].option, option->long_name))
			return lists[i].list;
	return NULL;
}

/* "text|json" are words; "FILE" and "LIST|all" are not. */
static gboolean is_words(const char *text)
{
	if (!text || !strchr(text, '|'))
		return FALSE;
	for (; *text; text++)
		if (g_ascii_isupper(*text))
			return FALSE;
	return TRUE;
}

/* Literal words among the arguments: "[archs|jobs]" or "kcidb|results FILE". Caller frees. */
static char *argument_words(const char *arguments)
{
	g_auto(GStrv) parts = g_strsplit_set(arguments, "[]| ", -1);
	GString *words = g_string_new(NULL);

	for (char **part = parts; *part; part++)
		if (g_ascii_islower(**part))
			g_string_append_printf(words, "%s%s", words->len ? " " : "", *part);
	return g_string_free(words, FALSE);
}

static gboolean takes_run(const char *arguments)
{
	return strstr(arguments, "RUN") || !strcmp(arguments, "A B");
}

/* What bash completes a value with; caller frees. */
static char *bash_value(const GOptionEntry *option)
{
	const char *list = list_of(option);
	g_autofree char *words = g_strdup(option->arg_description ?: "");

	if (list)
		return g_strdup_printf(
			"COMPREPLY=($(compgen -W \"$(_orchestrator_list %s) all\" -- "
			"\"$cur\"))",
			list);
	if (option->arg == G_OPTION_ARG_FILENAME)
		return g_strdup("COMPREPLY=($(compgen -f -- \"$cur\"))");
	if (is_words(words))
		return g_strdup_printf("COMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))",
				       g_strdelimit(words, "|", ' '));
	return g_strdup("COMPREPLY=()");
}

static void bash_options(GString *out, const VfDescription *description)
{
	for (guint i = 0; i < description->options->len; i++) {
		const GOptionEntry *option = &g_array_index(description->options, GOptionEntry, i);
		g_autofree char *value = NULL;

		if (option->arg == G_OPTION_ARG_NONE)
			continue;
		value = bash_value(option);
		g_string_append_printf(out, "  %s:--%s", description->command->name,
				       option->long_name);
		if (option->short_name)
			g_string_append_printf(out, " | %s:-%c", description->command->name,
					       option->short_name);
		g_string_append_printf(out, ") %s; return ;;\n", value);
	}
}

/* "--arch -a --help": caller frees */
static char *option_words(const VfDescription *description)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < description->options->len; i++) {
		const GOptionEntry *option = &g_array_index(description->options, GOptionEntry, i);

		g_string_append_printf(out, "%s--%s", i ? " " : "", option->long_name);
	}
	return g_string_free(out, FALSE);
}

static char *bash(GPtrArray *all)
{
	GString *out = g_string_new(
		"# bash completion for orchestrator, made by `orchestrator completion bash`\n"
		"_orchestrator_list() { orchestrator list \"$1\" 2>/dev/null | "
		"awk 'NR > 1 { print $1 }'; }\n"
		"_orchestrator() {\n"
		"  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
		"cmd=${COMP_WORDS[1]}\n"
		"  if [ \"$COMP_CWORD\" = 1 ]; then\n"
		"    COMPREPLY=($(compgen -W \"");

	for (guint i = 0; i < all->len; i++)
		g_string_append_printf(out, "%s%s", i ? " " : "",
				       ((VfDescription *)all->pdata[i])->command->name);
	g_string_append(out, " --help --version\" -- \"$cur\")); return\n  fi\n"
			     "  case $cmd:$prev in\n");
	for (guint i = 0; i < all->len; i++)
		bash_options(out, all->pdata[i]);
	g_string_append(out, "  esac\n  case $cmd in\n");
	for (guint i = 0; i < all->len; i++) {
		const VfDescription *description = all->pdata[i];
		g_autofree char *options = option_words(description);
		g_autofree char *words = argument_words(description->command->arguments);

		g_string_append_printf(
			out, "  %s) COMPREPLY=($(compgen -W \"%s %s%s\" -- \"$cur\")) ;;\n",
			description->command->name, options, words,
			takes_run(description->command->arguments)
				? " LAST $(_orchestrator_list runs)"
				: "");
	}
	g_string_append(out, "  esac\n}\ncomplete -F _orchestrator orchestrator\n");
	return g_string_free(out, FALSE);
}

/* For zsh and fish: the single-quoted string is interrupted for a single quote. Caller frees. */
static char *quoted(const char *text, const char *special)
{
	GString *out = g_string_new(NULL);

	for (; *text; text++) {
		if (*text == '\'')
			g_string_append(out, "'\\''");
		else if (strchr(special, *text))
			g_string_append_printf(out, "\\%c", *text);
		else
			g_string_append_c(out, *text);
	}
	return g_string_free(out, FALSE);
}

static char *zsh_value(const GOptionEntry *option)
{
	const char *list = list_of(option);
	g_autofree char *words = g_strdup(option->arg_description ?: "");

	if (option->arg == G_OPTION_ARG_NONE)
		return g_strdup("");
	if (list)
		return g_strdup_printf(":%s:{compadd all $(_orchestrator_list %s)}", list, list);
	if (option->arg == G_OPTION_ARG_FILENAME)
		return g_strdup(":file:_files");
	if (is_words(words))
		return g_strdup_printf(":value:(%s)", g_strdelimit(words, "|", ' '));
	return g_strdup(":value: ");
}

static void zsh_command(GString *out, const VfDescription *description)
{
	g_autofree char *words = argument_words(description->command->arguments);

	g_string_append_printf(out, "  %s) _arguments", description->command->name);
	for (guint i = 0; i < description->options->len; i++) {
		const GOptionEntry *option = &g_array_index(description->options, GOptionEntry, i);
		g_autofree char *help = quoted(option->description, "[]:");
		g_autofree char *value = zsh_value(option);

		g_string_append_printf(out, " \\\n    '--%s[%s]%s'", option->long_name, help,
				       value);
	}
	if (*words)
		g_string_append_printf(out, " \\\n    '*:argument:(%s)'", words);
	else if (takes_run(description->command->arguments))
		g_string_append(out, " \\\n    '*:run:{compadd LAST $(_orchestrator_list runs)}'");
	g_string_append(out, " ;;\n");
}

static char *zsh(GPtrArray *all)
{
	GString *out = g_string_new(
		"#compdef orchestrator\n"
		"# zsh completion for orchestrator, made by `orchestrator completion zsh`\n"
		"_orchestrator_list() { orchestrator list \"$1\" 2>/dev/null | "
		"awk 'NR > 1 { print $1 }'; }\n"
		"_orchestrator() {\n"
		"  if (( CURRENT == 2 )); then\n"
		"    local -a commands=(\n");

	for (guint i = 0; i < all->len; i++) {
		const VfDescription *description = all->pdata[i];
		g_autofree char *summary = quoted(description->command->summary, ":");

		g_string_append_printf(out, "      '%s:%s'\n", description->command->name, summary);
	}
	g_string_append(out, "    )\n    _describe command commands\n    return\n  fi\n"
			     "  local command=$words[2]\n"
			     "  shift words\n  (( CURRENT-- ))\n  case $command in\n");
	for (guint i = 0; i < all->len; i++)
		zsh_command(out, all->pdata[i]);
	g_string_append(out, "  esac\n}\n_orchestrator \"$@\"\n");
	return g_string_free(out, FALSE);
}

static void fish_option(GString *out, const char *command, const GOptionEntry *option)
{
	const char *list = list_of(option);
	g_autofree char *help = quoted(option->description, "\\");
	g_autofree char *words = g_strdup(option->arg_description ?: "");

	g_string_append_printf(out,
			       "complete -c orchestrator -n '__fish_seen_subcommand_from %s' -l %s",
			       command, option->long_name);
	if (option->short_name)
		g_string_append_printf(out, " -s %c", option->short_name);
	if (list)
		g_string_append_printf(out, " -x -a 'all (__orchestrator_list %s)'", list);
	else if (option->arg == G_OPTION_ARG_FILENAME)
		g_string_append(out, " -r -F");
	else if (is_words(words))
		g_string_append_printf(out, " -x -a '%s'", g_strdelimit(words, "|", ' '));
	else if (option->arg != G_OPTION_ARG_NONE)
		g_string_append(out, " -x");
	g_string_append_printf(out, " -d '%s'\n", help);
}

static void fish_command(GString *out, const VfDescription *description)
{
	const VfCommand *command = description->command;
	g_autofree char *summary = quoted(command->summary, "\\");
	g_autofree char *words = argument_words(command->arguments);

	g_string_append_printf(out,
			       "complete -c orchestrator -n __fish_use_subcommand -a %s -d '%s'\n",
			       command->name, summary);
	if (*words || takes_run(command->arguments))
		g_string_append_printf(
			out,
			"complete -c orchestrator -n '__fish_seen_subcommand_from %s' -a '%s%s'\n",
			command->name, words,
			takes_run(command->arguments) ? " LAST (__orchestrator_list runs)" : "");
	for (guint i = 0; i < description->options->len; i++)
		fish_option(out, command->name,
			    &g_array_index(description->options, GOptionEntry, i));
}

static char *fish(GPtrArray *all)
{
	GString *out = g_string_new(
		"# fish completion for orchestrator, made by `orchestrator completion fish`\n"
		"function __orchestrator_list\n"
		"  orchestrator list $argv[1] 2>/dev/null | awk 'NR > 1 { print $1 }'\n"
		"end\n"
		"complete -c orchestrator -f\n");

	for (guint i = 0; i < all->len; i++)
		fish_command(out, all->pdata[i]);
	return g_string_free(out, FALSE);
}

static const struct {
	const char *name;
	char *(*make)(GPtrArray *all);
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

char *vf_completion(const char *shell, GPtrArray *descriptions, GError **error)
{
	g_autofree char *escaped = vf_text_escape(shell, -1, 60);

	for (gsize i = 0; i < G_N_ELEMENTS(shells); i++)
		if (!strcmp(shells[i].name, shell))
			return shells[i].make(descriptions);
	return vf_throw_null(error, VF_ERROR_USAGE,
			     "completion: expected bash, zsh or fish, found \"%s\"", escaped);
}
