// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/git.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/read.h"

#define POINTER_BYTES  4096	      /* HEAD, .git as a file, commondir */
#define TEXT_BYTES     (1 << 20)      /* config, exclude, alternates */
#define NOWHERE	       "/nonexistent" /* a PATH without programs */
#define ALTERNATES_MAX 16

/* Where git keeps what, of a work tree that may be one of several. */
typedef struct Places {
	char *own;    /* HEAD and index */
	char *common; /* everything else */
	char *work;   /* or NULL */
} Places;

static void places_clear(Places *places)
{
	g_free(places->own);
	g_free(places->common);
	g_free(places->work);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Places, places_clear)

void vf_git_view_free(VfGitView *view)
{
	if (!view)
		return;
	if (view->directory)
		vf_dirs_remove(view->directory, NULL);
	g_free(view->directory);
	g_free(view->work);
	g_free(view->objects);
	g_free(view->index);
	g_free(view->shallow);
	g_free(view);
}

static gboolean has(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean is_bare(const char *directory)
{
	return has(directory, "HEAD") && has(directory, "objects") && has(directory, "refs");
}

gboolean vf_git_is_repository(const char *path)
{
	return has(path, ".git") || is_bare(path);
}

/* The one line of the file @name, less @prefix; NULL when it is not there or has no such form. */
static char *read_pointer(const char *directory, const char *name, const char *prefix)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autofree char *text = vf_read_bounded(path, POINTER_BYTES, NULL, NULL);

	if (!text || !g_str_has_prefix(text, prefix))
		return NULL;
	return g_strdup(g_strchomp(text + strlen(prefix)));
}

static gboolean find_own(const char *path, Places *places, GError **error)
{
	g_autofree char *dot = g_build_filename(path, ".git", NULL);
	g_autofree char *pointer = NULL;

	if (!g_file_test(dot, G_FILE_TEST_EXISTS)) {
		places->own = g_strdup(path);
		return is_bare(path) ||
		       vf_throw(error, VF_ERROR_USAGE, "%s: not a git repository", path);
	}
	places->work = g_strdup(path);
	if (g_file_test(dot, G_FILE_TEST_IS_DIR)) {
		places->own = g_steal_pointer(&dot);
		return TRUE;
	}
	pointer = read_pointer(path, ".git", "gitdir: ");
	if (!pointer)
		return vf_throw(error, VF_ERROR_USAGE, "%s: names no repository", dot);
	places->own = g_canonicalize_filename(pointer, path);
	return TRUE;
}

static gboolean find_places(const char *path, Places *places, GError **error)
{
	g_autofree char *common = NULL;

	if (!find_own(path, places, error))
		return FALSE;
	common = read_pointer(places->own, "commondir", "");
	places->common =
		common ? g_canonicalize_filename(common, places->own) : g_strdup(places->own);
	return (has(places->common, "objects") && has(places->common, "refs")) ||
	       vf_throw(error, VF_ERROR_USAGE, "%s: not a git repository", path);
}

/* What of their configuration the view has as well: how content is stored, nothing that is run. */
static const struct {
	const char *section, *key;
	const char *values[5];
} settings[] = {
	{"core", "filemode", {"true", "false"}},
	{"core", "symlinks", {"true", "false"}},
	{"core", "ignorecase", {"true", "false"}},
	{"core", "autocrlf", {"true", "false", "input"}},
	{"core", "eol", {"lf", "crlf", "native"}},
	{"core", "sparsecheckout", {"true", "false"}},
	{"core", "sparsecheckoutcone", {"true", "false"}},
	{"extensions", "objectformat", {"sha1", "sha256"}},
};

/* Adds "key = value" of @line to @config when it is one of the above. */
static void add_setting(GString *config, const char *section, char *line)
{
	char *equals = strchr(line, '=');
	const char *value = equals ? g_strstrip(equals + 1) : "true";

	if (equals)
		*equals = '\0';
	g_strchomp(line);
	for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
		if (!strcmp(settings[i].section, section) &&
		    !g_ascii_strcasecmp(settings[i].key, line) &&
		    g_strv_contains(settings[i].values, value))
			g_string_append_printf(config, "[%s]\n\t%s = %s\n", section,
					       settings[i].key, value);
}

/* Includes are not followed, and a value that goes over two lines is none of the above. */
static void add_settings(GString *config, const char *common)
{
	g_autofree char *path = g_build_filename(common, "config", NULL);
	g_autofree char *text = vf_read_bounded(path, TEXT_BYTES, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ?: "", "\n", -1);
	g_autofree char *section = g_strdup("");

	for (char **line = lines; *line; line++) {
		char *start = g_strstrip(*line);

		if (*start != '[') {
			add_setting(config, section, start);
			continue;
		}
		g_free(section);
		section = g_ascii_strdown(start + 1, (gssize)strcspn(start + 1, "]"));
	}
}

static gboolean write_file(const VfGitView *view, const char *name, const char *text,
			   GError **error)
{
	g_autofree char *path = g_build_filename(view->directory, name, NULL);

	return vf_dirs_write(path, text, -1, error);
}

/* A version above 1, or another store of references, shows as an unreadable HEAD. */
static gboolean write_config(const VfGitView *view, const Places *places, GError **error)
{
	g_autoptr(GString) config = g_string_new(NULL);

	g_string_printf(config, "[core]\n\trepositoryformatversion = 1\n\tbare = %s\n",
			places->work ? "false" : "true");
	add_settings(config, places->common);
	return write_file(view, "config", config->str, error);
}

/* A name of a branch, or an object; as a symbolic link git would not take it here. */
static gboolean write_head(const VfGitView *view, const Places *places, GError **error)
{
	g_autofree char *text = read_pointer(places->own, "HEAD", "");
	g_autofree char *line = text ? g_strconcat(text, "\n", NULL) : NULL;

	if (!text || (!g_str_has_prefix(text, "ref: refs/") &&
		      strspn(text, "0123456789abcdef") != strlen(text)))
		return vf_throw(error, VF_ERROR_USAGE, "%s: no HEAD that git could read",
				places->own);
	return write_file(view, "HEAD", line, error);
}

static gboolean write_objects(const VfGitView *view, GError **error)
{
	g_autofree char *info = g_build_filename(view->directory, "objects", "info", NULL);
	g_autofree char *entry = vf_git_quote_path(view->objects);
	g_autofree char *line = g_strconcat(entry, "\n", NULL);

	return vf_dirs_make(info, error) &&
	       write_file(view, "objects/info/alternates", line, error);
}

/* The larger part of an index that is split lies beside it. */
static gboolean link_shared_index(const VfGitView *view, const Places *places, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(places->own, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *from = g_build_filename(places->own, name, NULL);
		g_autofree char *to = g_build_filename(view->directory, name, NULL);

		if (g_str_has_prefix(name, "sharedindex.") && symlink(from, to) < 0)
			return vf_throw_errno(error, "cannot link %s", to);
	}
	return TRUE;
}

/* Links what git opens in place. */
static gboolean link_common(const VfGitView *view, const Places *places, GError **error)
{
	static const char *const names[] = {"refs", "packed-refs", "shallow"};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *from = g_build_filename(places->common, names[i], NULL);
		g_autofree char *to = g_build_filename(view->directory, names[i], NULL);

		if (!g_file_test(from, i ? G_FILE_TEST_IS_REGULAR : G_FILE_TEST_IS_DIR))
			continue;
		if (symlink(from, to) < 0)
			return vf_throw_errno(error, "cannot link %s", to);
	}
	return TRUE;
}

static gboolean copy_exclude(const VfGitView *view, const Places *places, GError **error)
{
	g_autofree char *from = g_build_filename(places->common, "info", "exclude", NULL);
	g_autofree char *info = g_build_filename(view->directory, "info", NULL);
	g_autofree char *text = vf_read_bounded(from, TEXT_BYTES, NULL, NULL);

	return !text ||
	       (vf_dirs_make(info, error) && write_file(view, "info/exclude", text, error));
}

VfGitView *vf_git_view_new(const char *path, GError **error)
{
	g_autoptr(VfGitView) view = g_new0(VfGitView, 1);
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GError) local = NULL;
	g_auto(Places) places = {0};

	if (!find_places(whole, &places, error))
		return NULL;
	view->directory = g_dir_make_tmp("vifarm-git-XXXXXX", &local);
	if (!view->directory)
		return vf_throw_null(error, VF_ERROR_IO, "%s", local->message);
	view->objects = g_build_filename(places.common, "objects", NULL);
	view->shallow = g_build_filename(places.common, "shallow", NULL);
	view->work = g_strdup(places.work);
	if (places.work)
		view->index = g_build_filename(places.own, "index", NULL);
	if (!write_config(view, &places, error) || !write_head(view, &places, error) ||
	    !write_objects(view, error) || !link_common(view, &places, error) ||
	    !link_shared_index(view, &places, error) || !copy_exclude(view, &places, error))
		return NULL;
	return g_steal_pointer(&view);
}

static void add_alternates(GPtrArray *all, const char *objects)
{
	g_autofree char *path = g_build_filename(objects, "info", "alternates", NULL);
	g_autofree char *text = vf_read_bounded(path, TEXT_BYTES, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ?: "", "\n", -1);

	for (char **line = lines; *line && all->len < ALTERNATES_MAX; line++)
		if (**line && **line != '#')
			g_ptr_array_add(all, g_canonicalize_filename(*line, objects));
}

GStrv vf_git_view_objects(const VfGitView *view)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(all, g_strdup(view->objects));
	for (guint i = 0; i < all->len; i++)
		add_alternates(all, all->pdata[i]);
	return vf_argv_end(all);
}

void vf_git_options(VfArgv *argv)
{
	static const char *const options[] = {
		"core.hooksPath=/dev/null",
		"core.fsmonitor=false",
		"core.attributesFile=/dev/null",
		"core.alternateRefsCommand=",
		"core.sshCommand=false",
		"core.protectNTFS=true",
		"core.protectHFS=true",
		"commit.gpgSign=false",
		"tag.gpgSign=false",
		"gpg.program=false",
		"gc.auto=0",
		"maintenance.auto=false",
		"protocol.allow=never",
		"submodule.recurse=false",
	};

	vf_argv_add(argv, "--no-pager", "--no-replace-objects", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
		vf_argv_add(argv, "-c", options[i], NULL);
}

/* Ends with the words of @args. */
static char **environment(VfArgv *words, const char *first, va_list args)
{
	static const char *const fixed[] = {
		"LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_ASKPASS=false",
		"GIT_EDITOR=true",
		NULL,
	};

	vf_argv_format(words, "HOME=%s", g_getenv("HOME") ?: "/");
	vf_argv_strv(words, fixed);
	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(words, word, NULL);
	return vf_argv_end(words);
}

char **vf_git_env(const char *first, ...)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	char **env;
	va_list args;

	vf_argv_format(words, "PATH=%s", g_getenv("PATH") ?: "/usr/bin:/bin");
	va_start(args, first);
	env = environment(words, first, args);
	va_end(args);
	return env;
}

char **vf_git_view_env(const VfGitView *view, const char *first, ...)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	char **env;
	va_list args;

	vf_argv_add(words, "PATH=" NOWHERE, "GIT_EXEC_PATH=" NOWHERE, NULL);
	vf_argv_format(words, "GIT_DIR=%s", view->directory);
	if (view->work)
		vf_argv_format(words, "GIT_WORK_TREE=%s", view->work);
	va_start(args, first);
	env = environment(words, first, args);
	va_end(args);
	return env;
}

char *vf_git_quote_path(const char *path)
{
	g_autofree char *escaped = NULL;

	if (*path != '"' && !strpbrk(path, ":\n"))
		return g_strdup(path);
	escaped = g_strescape(path, NULL);
	return g_strdup_printf("\"%s\"", escaped);
}
