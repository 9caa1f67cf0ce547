// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/slot.h"

#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "kernel/cache.h"
#include "kernel/tree.h"

static VfSlot *slot_named(char *name, const char *arch)
{
	VfSlot *slot = g_new0(VfSlot, 1);
	g_autofree char *state = g_strconcat(arch, ".json", NULL);
	g_autofree char *log = g_strconcat(arch, ".log", NULL);

	slot->name = name;
	slot->arch = g_strdup(arch);
	slot->directory = vf_cache_path("slots", name, NULL);
	slot->tree = g_build_filename(slot->directory, "tree", NULL);
	slot->tree_state = g_build_filename(slot->directory, "tree.json", NULL);
	slot->objects = g_build_filename(slot->directory, arch, NULL);
	slot->objects_state = g_build_filename(slot->directory, state, NULL);
	slot->log = g_build_filename(slot->directory, log, NULL);
	return slot;
}

VfSlot *vf_slot_new(const VfSource *source, const char *name, const char *arch)
{
	return slot_named(g_strdup_printf("%s-%s", vf_source_id(source), name), arch);
}

void vf_slot_free(VfSlot *slot)
{
	if (!slot)
		return;
	g_free(slot->name);
	g_free(slot->directory);
	g_free(slot->tree);
	g_free(slot->tree_state);
	g_free(slot->arch);
	g_free(slot->objects);
	g_free(slot->objects_state);
	g_free(slot->log);
	g_free(slot);
}

char *vf_slot_lock_tree(const VfSlot *slot, GError **error)
{
	return vf_cache_lock(error, "tree-%s", slot->name);
}

char *vf_slot_lock_objects(const VfSlot *slot, GError **error)
{
	return vf_cache_lock(error, "objects-%s-%s", slot->name, slot->arch);
}

char *vf_slot_lock_make(const VfSlot *slot, GError **error)
{
	return vf_cache_lock(error, "make-%s-%s", slot->name, slot->arch);
}

/* The paths in which the tree differs, or may differ, from the source. */
static GHashTable *tree_files(const VfSlot *slot, gboolean *dirty)
{
	json_t *state = vf_cache_read(slot->tree_state);
	GHashTable *files = vf_tree_map_from_json(json_object_get(state, "files"));

	*dirty = !json_is_false(json_object_get(state, "dirty"));
	json_decref(state);
	return files;
}

/* A tree that is cloned anew has old times: no object that was built from another fits it. */
static char *tree_id(const VfSlot *slot)
{
	json_t *state = vf_cache_read(slot->tree_state);
	char *id = g_strdup(json_string_value(json_object_get(state, "id")));

	json_decref(state);
	return id;
}

gboolean vf_slot_has_tree(const VfSlot *slot)
{
	g_autofree char *id = tree_id(slot);
	gboolean dirty;
	g_autoptr(GHashTable) files = tree_files(slot, &dirty);

	return id && files && g_file_test(slot->tree, G_FILE_TEST_IS_DIR);
}

static gboolean write_tree_files(const VfSlot *slot, const char *id, GHashTable *files,
				 gboolean dirty, GError **error)
{
	json_t *state = json_pack("{s:s, s:b, s:o}", "id", id, "dirty", dirty, "files",
				  vf_tree_map_to_json(files));

	return vf_cache_write(slot->tree_state, state, error);
}

static gboolean tree_holds(const VfSlot *slot, GHashTable *files)
{
	int root = vf_tree_open(slot->tree, NULL);
	gboolean same = root >= 0;
	GHashTableIter iter;
	gpointer path, identity;

	g_hash_table_iter_init(&iter, files);
	while (same && g_hash_table_iter_next(&iter, &path, &identity)) {
		g_autofree char *found = vf_tree_identity(root, path, NULL);

		same = !g_strcmp0(found, identity);
	}
	if (root >= 0)
		close(root);
	return same;
}

static guint difference_size(GHashTable *files, const VfStack *stack)
{
	g_autoptr(GHashTable) set = vf_tree_map_difference(files, stack->files);

	return g_hash_table_size(set);
}

gboolean vf_slot_is(const VfSlot *slot, const VfStack *stack)
{
	g_autoptr(GHashTable) files = NULL;
	gboolean dirty;

	if (!vf_slot_has_tree(slot))
		return FALSE;
	files = tree_files(slot, &dirty);
	return files && !dirty && !difference_size(files, stack) && tree_holds(slot, files);
}

/* Both a set and a map have their paths as keys. */
static void add_all(GHashTable *to, GHashTable *from)
{
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, from);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		g_hash_table_insert(to, g_strdup(path), g_strdup("unknown"));
}

typedef struct Roots {
	int tree, source, stack;
} Roots;

static gboolean sync_path(const Roots *roots, const VfStack *stack, const char *path,
			  gboolean renew, GError **error)
{
	gboolean patched = g_hash_table_contains(stack->files, path);
	int from = patched ? roots->stack : roots->source;
	g_autofree char *wanted = vf_tree_identity(from, path, error);
	g_autofree char *found = wanted ? vf_tree_identity(roots->tree, path, error) : NULL;

	if (!found)
		return FALSE;
	if (!strcmp(found, wanted) && !renew)
		return TRUE;
	return vf_tree_replace(roots->tree, from, path, error);
}

static gboolean sync_paths(const Roots *roots, const VfStack *stack, GHashTable *paths,
			   GHashTable *renew, GError **error)
{
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, paths);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		if (!sync_path(roots, stack, path, renew && g_hash_table_contains(renew, path),
			       error))
			return FALSE;
	return TRUE;
}

static gboolean open_roots(Roots *roots, const VfSlot *slot, VfSource *source, const VfStack *stack,
			   GError **error)
{
	*roots = (Roots){-1, -1, -1};
	return (roots->tree = vf_tree_open(slot->tree, error)) >= 0 &&
	       (roots->source = vf_tree_open(vf_source_tree(source), error)) >= 0 &&
	       (roots->stack = vf_tree_open(stack->files_dir, error)) >= 0;
}

static void close_roots(const Roots *roots)
{
	const int fds[] = {roots->tree, roots->source, roots->stack};

	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

gboolean vf_slot_sync(const VfSlot *slot, VfSource *source, const VfStack *stack, GHashTable *also,
		      GError **error)
{
	g_autoptr(GHashTable) paths = NULL;
	g_autofree char *id = tree_id(slot);
	gboolean dirty, ok;
	Roots roots;

	paths = tree_files(slot, &dirty);
	if (!paths || !id)
		return vf_throw(error, VF_ERROR_IO, "%s is damaged: remove %s", slot->tree_state,
				slot->directory);
	add_all(paths, stack->files);
	if (also)
		add_all(paths, also);
	/* killed from here on, the next run finds every path that may be half done */
	if (!write_tree_files(slot, id, paths, TRUE, error))
		return FALSE;
	ok = open_roots(&roots, slot, source, stack, error) &&
	     sync_paths(&roots, stack, paths, also, error);
	close_roots(&roots);
	if (!ok)
		return vf_prefix(error, "%s", slot->tree);
	return write_tree_files(slot, id, stack->files, FALSE, error);
}

static VfObjects objects_of(const VfSlot *slot, json_t *state)
{
	json_t *building = json_object_get(state, "building");
	const char *built_in = json_string_value(json_object_get(state, "tree"));
	g_autofree char *id = tree_id(slot);

	if (!json_is_boolean(building) || !id || g_strcmp0(built_in, id) ||
	    !vf_slot_has_tree(slot) || !g_file_test(slot->objects, G_FILE_TEST_IS_DIR))
		return VF_OBJECTS_NONE;
	return json_is_true(building) ? VF_OBJECTS_UNFINISHED : VF_OBJECTS_SOUND;
}

VfObjects vf_slot_objects(const VfSlot *slot)
{
	json_t *state = vf_cache_read(slot->objects_state);
	VfObjects objects = objects_of(slot, state);

	json_decref(state);
	return objects;
}

char *vf_slot_since(const VfSlot *slot)
{
	json_t *state = vf_cache_read(slot->objects_state);
	json_int_t since = json_integer_value(json_object_get(state, "since"));

	json_decref(state);
	/* file systems stamp with a clock that ticks more coarsely than ours */
	return g_strdup_printf("@%" JSON_INTEGER_FORMAT, since ? since - 1 : 0);
}

GHashTable *vf_slot_built_from(const VfSlot *slot)
{
	json_t *state = vf_cache_read(slot->objects_state);
	GHashTable *files = NULL;

	if (objects_of(slot, state) == VF_OBJECTS_SOUND &&
	    json_is_true(json_object_get(state, "finished")))
		files = vf_tree_map_from_json(json_object_get(state, "files"));
	json_decref(state);
	return files;
}

char *vf_slot_configured(const VfSlot *slot)
{
	json_t *state = vf_cache_read(slot->objects_state);
	char *configured = g_strdup(json_string_value(json_object_get(state, "configured")));

	json_decref(state);
	return configured;
}

gboolean vf_slot_begin(const VfSlot *slot, const char *configured, GError **error)
{
	g_autofree char *id = tree_id(slot);
	json_int_t now = g_get_real_time() / G_USEC_PER_SEC;
	json_t *state = json_pack("{s:s?, s:b, s:I, s:s?}", "tree", id, "building", TRUE, "since",
				  now, "configured", configured);

	return vf_cache_write(slot->objects_state, state, error);
}

gboolean vf_slot_end(const VfSlot *slot, const VfStack *stack, const char *configured,
		     gboolean finished, GError **error)
{
	g_autofree char *id = tree_id(slot);
	json_t *state = json_pack("{s:s?, s:b, s:b, s:s?, s:o}", "tree", id, "building", FALSE,
				  "finished", finished, "configured", configured, "files",
				  vf_tree_map_to_json(stack->files));

	return vf_cache_write(slot->objects_state, state, error);
}

gboolean vf_slot_adopt_tree(const VfSlot *slot, const VfSlot *donor, const char *temporary,
			    GError **error)
{
	g_autofree char *id = g_uuid_string_random();
	gboolean dirty = FALSE;
	g_autoptr(GHashTable) files = donor ? tree_files(donor, &dirty) : vf_tree_map_new();

	if (!files)
		return vf_throw(error, VF_ERROR_IO, "%s is damaged: remove %s", donor->tree_state,
				donor->directory);
	return write_tree_files(slot, id, files, dirty, error) &&
	       vf_cache_commit(temporary, slot->tree, error);
}

VfSlot *vf_slot_donor(const VfSlot *slot, const VfStack *stack)
{
	g_autofree char *slots = vf_cache_path("slots", NULL);
	g_autofree char *prefix = g_strndup(slot->name, strcspn(slot->name, "-") + 1);
	g_autoptr(GDir) dir = g_dir_open(slots, 0, NULL);
	VfSlot *best = NULL;
	guint best_distance = G_MAXUINT;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autoptr(VfSlot) other = NULL;
		g_autoptr(GHashTable) files = NULL;
		guint distance;

		/* nobody's objects come from a stranger's build */
		if (!g_str_has_prefix(name, prefix) || !strcmp(name, slot->name) ||
		    g_str_has_suffix(name, VF_VARIANT_STRANGER))
			continue;
		other = slot_named(g_strdup(name), slot->arch);
		files = vf_slot_has_tree(other) ? vf_slot_built_from(other) : NULL;
		distance = files ? difference_size(files, stack) : G_MAXUINT;
		if (distance < best_distance) {
			best_distance = distance;
			vf_slot_free(best);
			best = g_steal_pointer(&other);
		}
	}
	return best;
}
