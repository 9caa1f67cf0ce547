// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/symbols.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/read.h"
#include "base/text.h"
#include "kernel/child.h"
#include "kernel/sandbox.h"

#define SOURCE_PREFIX  "/vifarm/linux/" /* where builds see the source tree */
#define NAME_MAX_BYTES 300
#define ADDRESS_DIGITS 16
#define ANSWER_BYTES   (8 << 20)
#define READER_MEMORY \
	(G_GUINT64_CONSTANT(4) << 30)  /* debug information of a kernel takes 1 GiB \
						      */
#define SYSTEM_MAP_BYTES (64 << 20)    /* one with all options of a kernel has 12 MiB */
#define FUNCTION_MAX	 (1024 * 1024) /* further from a symbol than this is not in it */

/* "ffffffff81000000 T _text"; @name is not NUL-terminated. */
static gboolean split_symbol(VfLine line, guint64 *address, char *type, VfLine *name)
{
	g_autofree char *digits = g_strndup(line.text, MIN(line.length, ADDRESS_DIGITS));
	char *end;
	gsize skip;

	*address = g_ascii_strtoull(digits, &end, 16);
	skip = (gsize)(end - digits) + strlen(" T ");
	if (end == digits || line.length < skip || line.text[skip - 3] != ' ' ||
	    line.text[skip - 1] != ' ')
		return FALSE;
	*type = line.text[skip - 2];
	*name = (VfLine){line.text + skip, line.length - skip};
	return TRUE;
}

typedef struct Lookup {
	const char *const *names;
	GHashTable *found;
} Lookup;

static void look_up(VfLine line, gpointer data)
{
	Lookup *lookup = data;
	guint64 address;
	VfLine name;
	char type;

	if (!split_symbol(line, &address, &type, &name))
		return;
	for (const char *const *wanted = lookup->names; *wanted; wanted++)
		if (strlen(*wanted) == name.length && !memcmp(*wanted, name.text, name.length))
			g_hash_table_insert(lookup->found, g_strdup(*wanted),
					    g_memdup2(&address, sizeof(address)));
}

GHashTable *vf_symbols_lookup(const char *path, const char *const *names, GError **error)
{
	g_autoptr(GHashTable) found =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	Lookup lookup = {.names = names, .found = found};

	if (!vf_read_lines(path, SYSTEM_MAP_BYTES, look_up, &lookup, error))
		return NULL;
	return g_steal_pointer(&found);
}

static const char *strip_prefix(const char *file)
{
	const char *p = strstr(file, SOURCE_PREFIX);

	return p ? p + strlen(SOURCE_PREFIX) : file;
}

/* "name" and "file:line (discriminator 2)" as "name file:line", or NULL when nothing is known. */
static char *describe(VfLine function, VfLine place)
{
	g_autofree char *name = g_strndup(function.text, MIN(function.length, NAME_MAX_BYTES));
	g_autofree char *file = g_strndup(place.text, MIN(place.length, PATH_MAX));
	g_autofree char *both = NULL;
	char *space = strstr(file, " (discriminator");

	if (g_str_has_prefix(name, "??") || !g_utf8_validate(name, -1, NULL))
		return NULL;
	if (space)
		*space = '\0';
	both = g_str_has_prefix(file, "??") ? g_strdup(name)
					    : g_strconcat(name, " ", strip_prefix(file), NULL);
	return vf_text_escape(both, -1, NAME_MAX_BYTES);
}

/* For each address: itself, and then a function and its place for each call that was inlined. */
GHashTable *vf_symbols_parse(const char *text, gsize length)
{
	GHashTable *names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	const char *at = text, *end = text + length;
	VfLine line, function, place;

	while (vf_read_line(&at, end, &line)) {
		g_autofree char *digits = NULL;
		guint64 address;
		char *name;

		if (!vf_line_skip(&line, "0x") || !vf_read_line(&at, end, &function) ||
		    !vf_read_line(&at, end, &place))
			continue;
		digits = g_strndup(line.text, MIN(line.length, ADDRESS_DIGITS));
		address = g_ascii_strtoull(digits, NULL, 16);
		name = describe(function, place);
		if (name)
			g_hash_table_insert(names, g_memdup2(&address, sizeof(address)), name);
	}
	return names;
}

typedef struct Resolve {
	GPtrArray *hazards;
	char *system_map;
	GArray *addresses; /* of guint64, sorted */
} Resolve;

static void resolve_free(gpointer data)
{
	Resolve *r = data;

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

	if (address - start > FUNCTION_MAX || g_hash_table_contains(names, &address))
		return;
	name = g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", symbol, address - start);
	g_hash_table_insert(names, g_memdup2(&address, 8),
			    vf_text_escape(name, -1, NAME_MAX_BYTES));
}

typedef struct Map {
	GHashTable *names;
	const GArray *addresses;
	guint at;	 /* of them */
	GString *symbol; /* the last function so far */
	guint64 start;
} Map;

static void name_up_to(Map *map, guint64 limit)
{
	for (; map->at < map->addresses->len; map->at++) {
		guint64 address = g_array_index(map->addresses, guint64, map->at);

		if (address > limit)
			break;
		if (map->symbol->len)
			add_symbol(map->names, address, map->symbol->str, map->start);
	}
}

static void take_symbol(VfLine line, gpointer data)
{
	Map *map = data;
	guint64 address;
	VfLine name;
	char type;

	if (!split_symbol(line, &address, &type, &name) || !type || !strchr("TtWw", type))
		return;
	if (address)
		name_up_to(map, address - 1);
	g_string_truncate(map->symbol, 0);
	g_string_append_len(map->symbol, name.text, (gssize)name.length);
	map->start = address;
}

/* Names @addresses, which are sorted as System.map is, by the last function before each. */
static void add_from_map(GHashTable *names, const GArray *addresses, const char *path)
{
	g_autoptr(GString) symbol = g_string_new(NULL);
	Map map = {.names = names, .addresses = addresses, .symbol = symbol};

	if (vf_read_lines(path, SYSTEM_MAP_BYTES, take_symbol, &map, NULL))
		name_up_to(&map, G_MAXUINT64);
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

static void fill(Resolve *r, const char *text, gsize length)
{
	g_autoptr(GHashTable) names = vf_symbols_parse(text, length);

	add_from_map(names, r->addresses, r->system_map);
	for (guint i = 0; i < r->hazards->len; i++) {
		VfHazard *h = r->hazards->pdata[i];

		name_it(names, h->pc, &h->pc_source);
		name_callers(names, h);
		name_it(names, h->origin, &h->origin_source);
	}
}

static void on_answered(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	g_auto(VfChildEnd) end = {0};

	vf_child_finish(result, &end, NULL);
	fill(g_task_get_task_data(task), end.output ? end.output : "", end.length);
	g_task_return_boolean(task, TRUE);
}

/* A file without a name that holds what addr2line is asked; -1 when there is no memory. */
static int questions(const GArray *addresses)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int fd = memfd_create("addresses", MFD_CLOEXEC);

	for (guint i = 0; i < addresses->len; i++)
		g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x\n",
				       g_array_index(addresses, guint64, i));
	if (fd >= 0 && pwrite(fd, text->str, text->len, 0) == (gssize)text->len)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
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
	g_auto(GStrv) argv = addr2line ? reader_argv(addr2line, vmlinux) : NULL;
	const VfLimits limits = {.cpu_seconds = seconds,
				 .memory = READER_MEMORY,
				 .seconds = seconds};
	int input;

	r->hazards = g_ptr_array_ref(hazards);
	r->system_map = g_strdup(system_map);
	r->addresses = addresses_of(hazards);
	g_task_set_task_data(task, r, resolve_free);
	input = argv && r->addresses->len ? questions(r->addresses) : -1;
	if (input < 0) {
		fill(r, "", 0);
		g_task_return_boolean(task, TRUE);
		return;
	}
	vf_child_async(
		&(VfChild){.argv = argv, .input = input, .keep = ANSWER_BYTES, .limits = &limits},
		cancellable, on_answered, g_steal_pointer(&task));
	close(input);
}

void vf_symbols_resolve_finish(GAsyncResult *result)
{
	g_task_propagate_boolean(G_TASK(result), NULL);
}
