// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/symbols.h"

#include <string.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/text.h"
#include "build/sandbox.h"

#define SOURCE_PREFIX  "/vifarm/linux/" /* where builds see the source tree */
#define NAME_MAX_BYTES 300
#define FUNCTION_MAX   (1024 * 1024) /* further from a symbol than this is not in it */

GHashTable *vf_symbols_lookup(const char *path, const char *const *names, GError **error)
{
	g_autoptr(GHashTable) found =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *text = NULL;
	GError *why = NULL;

	if (!g_file_get_contents(path, &text, NULL, &why)) {
		vf_throw(error, VF_ERROR_IO, "%s", why->message);
		g_error_free(why);
		return NULL;
	}
	for (char *line = text, *next; line; line = next) {
		char *end, *name;
		guint64 address = g_ascii_strtoull(line, &end, 16);

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		/* "ffffffff81000000 T _text" */
		if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
			continue;
		name = end + 3;
		if (g_strv_contains(names, name))
			g_hash_table_insert(found, g_strdup(name), g_memdup2(&address, 8));
	}
	return g_steal_pointer(&found);
}

static const char *strip_prefix(const char *file)
{
	const char *p = strstr(file, SOURCE_PREFIX);

	return p ? p + strlen(SOURCE_PREFIX) : file;
}

/* "name" and "file:line (discriminator 2)" as "name file:line", or NULL when nothing is known. */
static char *describe(const char *function, const char *place)
{
	g_autofree char *file = g_strdup(place);
	g_autofree char *both = NULL;
	char *space = strstr(file, " (discriminator");

	if (g_str_has_prefix(function, "??"))
		return NULL;
	if (space)
		*space = '\0';
	both = g_str_has_prefix(file, "??") ? g_strdup(function)
					    : g_strconcat(function, " ", strip_prefix(file), NULL);
	return vf_text_escape(both, -1, NAME_MAX_BYTES);
}

GHashTable *vf_symbols_parse(const char *text, gsize length)
{
	GHashTable *names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	g_autofree char *copy = g_strndup(length ? text : "", length);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);

	for (char **line = lines; *line; line++) {
		guint64 address;
		char *name;

		if (!g_str_has_prefix(*line, "0x") || !line[1] || !line[2])
			continue;
		address = g_ascii_strtoull(*line, NULL, 16);
		name = describe(line[1], line[2]);
		if (name)
			g_hash_table_insert(names, g_memdup2(&address, 8), name);
		line += 2;
	}
	return names;
}

typedef struct Resolve {
	GPtrArray *hazards;
	char *system_map;
	GArray *addresses; /* of guint64, sorted */
	GSubprocess *process;
	guint timer;
} Resolve;

static void resolve_free(gpointer data)
{
	Resolve *r = data;

	g_clear_handle_id(&r->timer, g_source_remove);
	g_clear_object(&r->process);
	g_ptr_array_unref(r->hazards);
	g_array_unref(r->addresses);
	g_free(r->system_map);
	g_free(r);
}

static int by_value(gconstpointer a, gconstpointer b)
{
	guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

	return x < y ? -1 : x > y;
}

static GArray *addresses_of(const GPtrArray *hazards)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(guint64));
	guint kept = 0;

	for (guint i = 0; i < hazards->len; i++) {
		const VfHazard *h = hazards->pdata[i];

		g_array_append_val(all, h->pc);
		g_array_append_val(all, h->caller);
		g_array_append_val(all, h->origin);
		g_array_append_vals(all, h->callers, VF_HAZARD_CALLERS);
	}
	g_array_sort(all, by_value);
	for (guint i = 0; i < all->len; i++) {
		guint64 address = g_array_index(all, guint64, i);

		if (address && (!kept || address != g_array_index(all, guint64, kept - 1)))
			g_array_index(all, guint64, kept++) = address;
	}
	g_array_set_size(all, kept);
	return all;
}

/* "symbol+0x1c", unless @names knows better or @symbol is too far away. */
static void add_symbol(GHashTable *names, guint64 address, const char *symbol, guint64 start)
{
	g_autofree char *name = NULL;

	if (!symbol || address - start > FUNCTION_MAX || g_hash_table_contains(names, &address))
		return;
	name = g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", symbol, address - start);
	g_hash_table_insert(names, g_memdup2(&address, 8),
			    vf_text_escape(name, -1, NAME_MAX_BYTES));
}

/* Names @addresses, which are sorted as System.map is, by the last function before each. */
static void add_from_map(GHashTable *names, const GArray *addresses, const char *path)
{
	g_autofree char *text = NULL;
	const char *symbol = NULL;
	guint64 start = 0;
	guint at = 0;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	for (char *line = text, *next; line; line = next) {
		char *end;
		guint64 address = g_ascii_strtoull(line, &end, 16);

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (end == line || end[0] != ' ' || !end[1] || !strchr("TtWw", end[1]) ||
		    end[2] != ' ')
			continue;
		for (; at < addresses->len && g_array_index(addresses, guint64, at) < address; at++)
			add_symbol(names, g_array_index(addresses, guint64, at), symbol, start);
		symbol = end + 3;
		start = address;
	}
	for (; at < addresses->len; at++)
		add_symbol(names, g_array_index(addresses, guint64, at), symbol, start);
}

static void name_it(GHashTable *names, guint64 address, char **slot)
{
	const char *name = g_hash_table_lookup(names, &address);

	if (name && !*slot)
		*slot = g_strdup(name);
}

static gboolean same_function(const char *a, const char *b)
{
	gsize n = a ? strcspn(a, " +") : 0;

	return a && b && n == strcspn(b, " +") && !strncmp(a, b, n);
}

/* "inner file:line < outer file:line": where a memcpy() was called from says more than itself. */
static void name_callers(GHashTable *names, VfHazard *h)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint64 alone[] = {h->caller, 0};
	const guint64 *callers = h->callers[0] ? h->callers : alone;

	for (guint i = 0; i < VF_HAZARD_CALLERS && callers[i]; i++) {
		const char *name = g_hash_table_lookup(names, &callers[i]);

		/* a call out of the function itself has returned before */
		if (!i && same_function(name, g_hash_table_lookup(names, &h->pc)))
			continue;
		g_string_append_printf(text, "%s%s", text->len ? " < " : "", name ? name : "?");
	}
	if (text->len && !h->caller_source)
		h->caller_source = g_strdup(text->str);
}

static void fill(Resolve *r, const char *text)
{
	g_autoptr(GHashTable) names = vf_symbols_parse(text, strlen(text));

	add_from_map(names, r->addresses, r->system_map);
	for (guint i = 0; i < r->hazards->len; i++) {
		VfHazard *h = r->hazards->pdata[i];

		name_it(names, h->pc, &h->pc_source);
		name_callers(names, h);
		name_it(names, h->origin, &h->origin_source);
	}
}

static void on_answered(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	g_autofree char *text = NULL;

	if (!g_subprocess_communicate_utf8_finish(G_SUBPROCESS(source), result, &text, NULL, NULL))
		g_subprocess_force_exit(G_SUBPROCESS(source));
	fill(g_task_get_task_data(task), text ? text : "");
	g_task_return_boolean(task, TRUE);
}

static gboolean on_timeout(gpointer data)
{
	Resolve *r = data;

	r->timer = 0;
	g_subprocess_force_exit(r->process);
	return G_SOURCE_REMOVE;
}

static char *questions(const GArray *addresses)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < addresses->len; i++)
		g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x\n",
				       g_array_index(addresses, guint64, i));
	return g_string_free(text, FALSE);
}

/* The kernel may be a stranger's, and addr2line reads all of its debug information. */
static char **reader_argv(const char *addr2line, const char *vmlinux)
{
	const char *paths[] = {vmlinux, NULL};
	char *env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
	g_autoptr(VfArgv) argv = vf_argv_new();

	if (!strchr(addr2line, '/') && vf_sandbox_available(FALSE, NULL))
		vf_sandbox_wrap_paths(argv, paths, NULL, env);
	vf_argv_add(argv, addr2line, "-a", "-f", "-i", "-e", vmlinux, NULL);
	return vf_argv_end(argv);
}

void vf_symbols_resolve_async(GPtrArray *hazards, const char *addr2line, const char *vmlinux,
			      const char *system_map, guint seconds, GCancellable *cancellable,
			      GAsyncReadyCallback done, gpointer data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, done, data);
	Resolve *r = g_new0(Resolve, 1);
	g_auto(GStrv) argv = reader_argv(addr2line, vmlinux);
	g_autofree char *input = NULL;

	r->hazards = g_ptr_array_ref(hazards);
	r->system_map = g_strdup(system_map);
	r->addresses = addresses_of(hazards);
	g_task_set_task_data(task, r, resolve_free);
	if (r->addresses->len)
		r->process = g_subprocess_newv((const char *const *)argv,
					       G_SUBPROCESS_FLAGS_STDIN_PIPE |
						       G_SUBPROCESS_FLAGS_STDOUT_PIPE |
						       G_SUBPROCESS_FLAGS_STDERR_SILENCE,
					       NULL);
	if (!r->process) {
		fill(r, "");
		g_task_return_boolean(task, TRUE);
		return;
	}
	r->timer = g_timeout_add_seconds(seconds, on_timeout, r);
	input = questions(r->addresses);
	g_subprocess_communicate_utf8_async(r->process, input, cancellable, on_answered,
					    g_steal_pointer(&task));
}

void vf_symbols_resolve_finish(GAsyncResult *result)
{
	g_task_propagate_boolean(G_TASK(result), NULL);
}
