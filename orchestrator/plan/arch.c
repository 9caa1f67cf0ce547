// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/arch.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/json-reader.h"
#include "base/text.h"
#include "plan/names.h"

#define LIST(strv) ((const char *const *)(strv))

/* Of GLib's words about a pattern, which repeat the pattern. */
#define REASON_MAX 200

static const char *const endians[] = {"big", "little", NULL};
static const char *const indexes[] = {"vipt", "vivt", "pipt", NULL};
static const char *const writes[] = {"back", "through", NULL};
static const char *const snoops[] = {"none", "linear", "all", NULL};

/* Options of the model that come from the board, the job and the run. */
static const char *const taken[] = {"arch", "arm",   "colours", "index", "line",  "model",
				    "out",  "snoop", "track",	"way",	 "write", NULL};

/* What the checks of a whole file compare it with. */
typedef struct Reading {
	VfArch *arch;
	const char *data;
	const char *name; /* of the directory */
} Reading;

static void board_free(gpointer data)
{
	VfBoard *board = data;

	g_free(board->name);
	g_free(board->title);
	g_free(board->machine);
	g_free(board->cpu);
	g_strfreev(board->arguments);
	g_free(board->console.tty);
	g_strfreev(board->result.device);
	g_free(board->result.guest);
	g_free(board->append);
	g_strfreev(board->pvpanic);
	g_free(board->pci_bus);
	g_free(board->cache.index);
	g_free(board->cache.write);
	g_free(board->cache.source);
	g_free(board->snoop);
	g_strfreev(board->limits);
	g_free(board);
}

static void triage_free(gpointer data)
{
	VfTriagePattern *triage = data;

	g_free(triage->class);
	g_free(triage->pattern);
	g_free(triage->source);
	g_free(triage);
}

void vf_arch_free(VfArch *arch)
{
	if (!arch)
		return;
	g_free(arch->name);
	g_free(arch->title);
	g_free(arch->dir);
	g_free(arch->kernel.arch);
	g_free(arch->kernel.cross_compile);
	g_strfreev(arch->kernel.packages);
	g_free(arch->kernel.target);
	g_free(arch->kernel.image);
	g_strfreev(arch->kernel.config);
	g_strfreev(arch->guest.cc);
	g_strfreev(arch->guest.flags);
	g_strfreev(arch->guest.packages);
	g_free(arch->qemu.binary);
	g_free(arch->qemu.package);
	g_free(arch->qemu.minimum);
	g_free(arch->qemu.libvirt_arch);
	g_strfreev(arch->qemu.libvirt_features);
	g_free(arch->endian);
	g_clear_pointer(&arch->boards, g_hash_table_unref);
	g_free(arch->model.decode);
	g_strfreev(arch->model.symbols);
	g_clear_pointer(&arch->model.options, g_hash_table_unref);
	g_clear_pointer(&arch->triage, g_ptr_array_unref);
	g_strfreev(arch->limits);
	g_free(arch);
}

static gboolean is_power_of_two(guint64 n)
{
	return n && !(n & (n - 1));
}

/* The figures of a cache must describe one and the same cache. */
static gboolean check_cache(VfJson *json, const VfCacheGeometry *cache, guint64 page_size,
			    GError **error)
{
	guint64 period, colours;

	if (!strcmp(cache->index, "vivt"))
		return vf_json_throw(json, error, "cache.index",
				     "vivt is not modelled yet: a virtually tagged cache would be "
				     "judged as a vipt one");
	if (!is_power_of_two(cache->line))
		return vf_json_throw(json, error, "cache.line",
				     "expected a power of two, found %" G_GUINT64_FORMAT,
				     cache->line);
	if (cache->size % cache->ways || cache->size / cache->ways % cache->line)
		return vf_json_throw(json, error, "cache.size",
				     "expected ways of whole lines, found %" G_GUINT64_FORMAT
				     " bytes for %" G_GUINT64_FORMAT " ways",
				     cache->size, cache->ways);
	period = cache->alias ? cache->alias : cache->size / cache->ways;
	colours = strcmp(cache->index, "pipt") ? MAX(1, period / page_size) : 1;
	if (cache->colours == colours)
		return TRUE;
	return vf_json_throw(json, error, "cache.colours",
			     "expected %" G_GUINT64_FORMAT
			     " (%s, repeating after %" G_GUINT64_FORMAT
			     " bytes, pages of %" G_GUINT64_FORMAT "), found %" G_GUINT64_FORMAT,
			     colours, cache->index, period, page_size, cache->colours);
}

static gboolean check_board(VfJson *json, VfBoard *board, GError **error)
{
	if (!vf_name_valid(board->name))
		return vf_json_throw(json, error, NULL,
				     "expected a board name of a-z, 0-9, - and _");
	return vf_names_check_words(json, "arguments", LIST(board->arguments), NULL, error) &&
	       vf_names_check_words(json, "result.device", LIST(board->result.device), NULL,
				    error) &&
	       vf_names_check_words(json, "pvpanic", LIST(board->pvpanic), NULL, error) &&
	       vf_names_check_token(json, "machine", board->machine, error) &&
	       vf_names_check_token(json, "cpu", board->cpu, error) &&
	       vf_names_check_token(json, "pci_bus", board->pci_bus, error) &&
	       vf_names_check_line(json, "append", board->append, error) &&
	       vf_names_check_token(json, "console.tty", board->console.tty, error) &&
	       vf_names_check_token(json, "result.guest", board->result.guest, error);
}

static gboolean read_board(VfJson *json, const char *name, gpointer target, GError **error)
{
	static const VfJsonMember console[] = {
		VF_JSON_MEMBER("serial", NATURAL, VfBoard, console.serial),
		VF_JSON_MEMBER("tty", STRING, VfBoard, console.tty),
		{NULL},
	};
	static const VfJsonMember result[] = {
		VF_JSON_MEMBER("device", STRINGS, VfBoard, result.device),
		VF_JSON_MEMBER("guest", STRING, VfBoard, result.guest),
		{NULL},
	};
	static const VfJsonMember cache[] = {
		VF_JSON_MEMBER("index", STRING, VfCacheGeometry, index, .words = indexes),
		VF_JSON_MEMBER("size", POSITIVE, VfCacheGeometry, size),
		VF_JSON_MEMBER("ways", POSITIVE, VfCacheGeometry, ways),
		VF_JSON_MEMBER("line", POSITIVE, VfCacheGeometry, line),
		VF_JSON_MEMBER("alias", POSITIVE, VfCacheGeometry, alias,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("colours", POSITIVE, VfCacheGeometry, colours),
		VF_JSON_MEMBER("write", STRING, VfCacheGeometry, write, .words = writes),
		VF_JSON_MEMBER("source", STRING, VfCacheGeometry, source),
		{NULL},
	};
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("title", STRING, VfBoard, title),
		VF_JSON_MEMBER("machine", STRING, VfBoard, machine),
		VF_JSON_MEMBER("cpu", TEXT, VfBoard, cpu),
		VF_JSON_MEMBER("memory_mib", POSITIVE, VfBoard, memory_mib),
		VF_JSON_MEMBER("smp", POSITIVE, VfBoard, smp),
		VF_JSON_MEMBER("arguments", STRINGS, VfBoard, arguments),
		{"console", VF_JSON_OBJECT, .members = console},
		{"result", VF_JSON_OBJECT, .members = result},
		VF_JSON_MEMBER("append", STRING, VfBoard, append),
		VF_JSON_MEMBER("pvpanic", STRINGS, VfBoard, pvpanic),
		VF_JSON_MEMBER("pci_bus", TEXT, VfBoard, pci_bus),
		VF_JSON_MEMBER("cache", OBJECT, VfBoard, cache, .members = cache),
		VF_JSON_MEMBER("snoop", STRING, VfBoard, snoop, .words = snoops),
		VF_JSON_MEMBER("limits", STRINGS, VfBoard, limits),
		{NULL},
	};
	VfArch *arch = target;
	VfBoard *board = g_new0(VfBoard, 1);

	board->name = g_strdup(name);
	g_hash_table_insert(arch->boards, board->name, board);
	if (!vf_json_read(json, members, board, error) || !check_board(json, board, error))
		return FALSE;
	/* a wrong page size is told when the whole file is read, not as a wrong cache */
	return !is_power_of_two(arch->page_size) ||
	       check_cache(json, &board->cache, arch->page_size, error);
}

/* Stands in front of a reason: "soft lockup: ..." */
static gboolean is_class(const char *class)
{
	return g_ascii_islower(*class) && !g_str_has_suffix(class, " ") && !strstr(class, "  ") &&
	       !class[strspn(class, "abcdefghijklmnopqrstuvwxyz0123456789- ")];
}

static const char *const triage_effects[] = {
	[VF_TRIAGE_FAIL] = "fail",
	[VF_TRIAGE_FATAL] = "fatal",
	[VF_TRIAGE_WARN] = "warn",
	[VF_TRIAGE_STACK] = "stack",
	[VF_TRIAGE_PLACE] = "place",
	[VF_TRIAGE_NOTE] = "note",
	[VF_TRIAGE_HINT] = "hint",
	[VF_TRIAGE_IGNORE] = "ignore",
	[VF_TRIAGE_EXPECT] = "expect",
	[VF_TRIAGE_EXPECT_END] = "expect-end",
	NULL,
};

typedef struct TriageRow {
	VfTriagePattern pattern;
	char *effect; /* NULL: fail */
} TriageRow;

static gboolean needs_class(VfTriageEffect effect)
{
	return effect == VF_TRIAGE_FAIL || effect == VF_TRIAGE_FATAL || effect == VF_TRIAGE_WARN ||
	       effect == VF_TRIAGE_STACK || effect == VF_TRIAGE_NOTE;
}

static gboolean check_triage(VfJson *json, const VfTriagePattern *triage, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(GRegex) regex = NULL;
	g_autofree char *reason = NULL;

	if (!triage->class && needs_class(triage->effect))
		return vf_json_throw(json, error, "class",
				     "expected a non-empty string, found nothing");
	if (triage->class && !is_class(triage->class))
		return vf_names_refuse(json, "class", "words of a-z, 0-9 and -", triage->class,
				       error);
	regex = g_regex_new(triage->pattern, G_REGEX_RAW, 0, &local);
	if (regex)
		return TRUE;
	reason = vf_text_escape(local->message, -1, REASON_MAX);
	return vf_json_throw(json, error, "pattern", "expected a Perl regular expression: %s",
			     reason);
}

static gboolean read_triage(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			    GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("class", STRING, TriageRow, pattern.class,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("pattern", STRING, TriageRow, pattern.pattern),
		VF_JSON_MEMBER("effect", STRING, TriageRow, effect, .flags = VF_JSON_OPTIONAL,
			       .words = triage_effects),
		VF_JSON_MEMBER("follows", BOOLEAN, TriageRow, pattern.follows,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("inside", BOOLEAN, TriageRow, pattern.inside,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("source", STRING, TriageRow, pattern.source,
			       .flags = VF_JSON_OPTIONAL),
		{NULL},
	};
	VfArch *arch = target;
	VfTriagePattern *triage = g_new0(VfTriagePattern, 1);
	TriageRow row = {0};
	gboolean read = vf_json_read(json, members, &row, error);
	g_autofree char *effect = row.effect;

	*triage = row.pattern;
	g_ptr_array_add(arch->triage, triage);
	while (effect && !g_str_equal(triage_effects[triage->effect], effect) &&
	       triage_effects[triage->effect + 1])
		triage->effect++;
	return read && check_triage(json, triage, error);
}

static gboolean check_version(VfJson *json, const char *key, const char *version, GError **error)
{
	const char *at = version;

	while (g_ascii_isdigit(*at)) {
		at += strspn(at, "0123456789");
		if (!*at)
			return TRUE;
		if (*at++ != '.')
			break;
	}
	return vf_names_refuse(json, key, "a version like 10.0", version, error);
}

static gboolean is_identifier(const char *word)
{
	if (!g_ascii_isalpha(*word) && *word != '_')
		return FALSE;
	for (; *word; word++)
		if (!g_ascii_isalnum(*word) && *word != '_')
			return FALSE;
	return TRUE;
}

static gboolean check_symbols(VfJson *json, const VfArch *arch, GError **error)
{
	for (guint i = 0; arch->model.symbols[i]; i++) {
		g_autofree char *place = g_strdup_printf("model.symbols[%u]", i);

		if (!is_identifier(arch->model.symbols[i]))
			return vf_names_refuse(json, place, "a C identifier",
					       arch->model.symbols[i], error);
	}
	return TRUE;
}

static gboolean check_fragments(VfJson *json, const Reading *reading, GError **error)
{
	const VfArch *arch = reading->arch;

	if (!vf_names_check_paths(json, "kernel.config", LIST(arch->kernel.config), error))
		return FALSE;
	for (guint i = 0; arch->kernel.config[i]; i++) {
		g_autofree char *place = g_strdup_printf("kernel.config[%u]", i);
		g_autofree char *path =
			g_build_filename(reading->data, "kernels", arch->kernel.config[i], NULL);

		if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
			return vf_names_refuse(json, place, "a file below kernels/",
					       arch->kernel.config[i], error);
	}
	return TRUE;
}

static gboolean check_facts(VfJson *json, const VfArch *arch, GError **error)
{
	if (!is_power_of_two(arch->page_size))
		return vf_json_throw(json, error, "page_size",
				     "expected a power of two, found %" G_GUINT64_FORMAT,
				     arch->page_size);
	if (arch->bits != 32 && arch->bits != 64)
		return vf_json_throw(json, error, "bits",
				     "expected 32 or 64, found %" G_GUINT64_FORMAT, arch->bits);
	if (!vf_name_is_path(arch->kernel.image))
		return vf_names_refuse(json, "kernel.image", "a relative path without ..",
				       arch->kernel.image, error);
	if (!arch->guest.cc[0])
		return vf_json_throw(json, error, "guest.cc",
				     "expected at least the compiler, found nothing");
	if (!g_hash_table_contains(arch->boards, "default"))
		return vf_json_throw(json, error, "boards.default",
				     "expected an object, found nothing");
	return TRUE;
}

static gboolean check_packages(VfJson *json, const VfArch *arch, GError **error)
{
	if (!vf_name_is_package(arch->qemu.package))
		return vf_names_refuse(json, "qemu.package", "the name of a Debian package",
				       arch->qemu.package, error);
	return vf_names_check_packages(json, "kernel.packages", LIST(arch->kernel.packages),
				       error) &&
	       vf_names_check_packages(json, "guest.packages", LIST(arch->guest.packages), error);
}

static gboolean check_libvirt(VfJson *json, const VfArch *arch, GError **error)
{
	if (arch->qemu.libvirt_arch &&
	    !vf_names_check_token(json, "qemu.libvirt_arch", arch->qemu.libvirt_arch, error))
		return FALSE;
	for (char **word = arch->qemu.libvirt_features; word && *word; word++)
		if (!vf_names_check_token(json, "qemu.libvirt_features", *word, error))
			return FALSE;
	return TRUE;
}

static gboolean check_arch(VfJson *json, const Reading *reading, GError **error)
{
	const VfArch *arch = reading->arch;

	return vf_names_check_own(json, arch->name, reading->name, error) &&
	       check_facts(json, arch, error) && check_packages(json, arch, error) &&
	       vf_names_check_token(json, "kernel.arch", arch->kernel.arch, error) &&
	       vf_names_check_token(json, "kernel.cross_compile", arch->kernel.cross_compile,
				    error) &&
	       vf_names_check_token(json, "kernel.target", arch->kernel.target, error) &&
	       vf_names_check_words(json, "guest.cc", LIST(arch->guest.cc), NULL, error) &&
	       vf_names_check_words(json, "guest.flags", LIST(arch->guest.flags), NULL, error) &&
	       vf_names_check_token(json, "qemu.binary", arch->qemu.binary, error) &&
	       check_libvirt(json, arch, error) &&
	       vf_names_check_token(json, "model.decode", arch->model.decode, error) &&
	       check_version(json, "qemu.minimum", arch->qemu.minimum, error) &&
	       vf_names_check_map(json, "model.options", arch->model.options, taken, error) &&
	       check_symbols(json, arch, error) && check_fragments(json, reading, error);
}

static gboolean read_arch(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			  GError **error)
{
	static const VfJsonMember kernel[] = {
		VF_JSON_MEMBER("arch", STRING, VfArch, kernel.arch),
		VF_JSON_MEMBER("cross_compile", TEXT, VfArch, kernel.cross_compile),
		VF_JSON_MEMBER("packages", STRINGS, VfArch, kernel.packages),
		VF_JSON_MEMBER("target", STRING, VfArch, kernel.target),
		VF_JSON_MEMBER("image", STRING, VfArch, kernel.image),
		VF_JSON_MEMBER("config", STRINGS, VfArch, kernel.config),
		VF_JSON_MEMBER("objects", POSITIVE, VfArch, kernel.objects),
		{NULL},
	};
	static const VfJsonMember guest[] = {
		VF_JSON_MEMBER("cc", STRINGS, VfArch, guest.cc),
		VF_JSON_MEMBER("flags", STRINGS, VfArch, guest.flags),
		VF_JSON_MEMBER("packages", STRINGS, VfArch, guest.packages),
		{NULL},
	};
	static const VfJsonMember qemu[] = {
		VF_JSON_MEMBER("binary", STRING, VfArch, qemu.binary),
		VF_JSON_MEMBER("package", STRING, VfArch, qemu.package),
		VF_JSON_MEMBER("minimum", STRING, VfArch, qemu.minimum),
		VF_JSON_MEMBER("libvirt_arch", STRING, VfArch, qemu.libvirt_arch,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("libvirt_features", STRINGS, VfArch, qemu.libvirt_features,
			       .flags = VF_JSON_OPTIONAL),
		{NULL},
	};
	static const VfJsonMember model[] = {
		VF_JSON_MEMBER("decode", STRING, VfArch, model.decode),
		VF_JSON_MEMBER("symbols", STRINGS, VfArch, model.symbols),
		VF_JSON_MEMBER("options", MAP, VfArch, model.options, .flags = VF_JSON_OPTIONAL),
		{NULL},
	};
	/* page_size stands before boards, whose caches are checked against it */
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("name", STRING, VfArch, name),
		VF_JSON_MEMBER("title", STRING, VfArch, title),
		{"kernel", VF_JSON_OBJECT, .members = kernel},
		{"guest", VF_JSON_OBJECT, .members = guest},
		{"qemu", VF_JSON_OBJECT, .members = qemu},
		VF_JSON_MEMBER("page_size", POSITIVE, VfArch, page_size),
		VF_JSON_MEMBER("endian", STRING, VfArch, endian, .words = endians),
		VF_JSON_MEMBER("bits", POSITIVE, VfArch, bits),
		{"boards", VF_JSON_NAMED, .read = read_board},
		{"model", VF_JSON_OBJECT, .members = model},
		{"triage", VF_JSON_OBJECTS, .read = read_triage},
		VF_JSON_MEMBER("limits", STRINGS, VfArch, limits),
		{NULL},
	};
	const Reading *reading = target;
	VfArch *arch = reading->arch;

	if (!vf_json_read(json, members, arch, error))
		return FALSE;
	if (arch->kernel.cross_compile && !*arch->kernel.cross_compile)
		g_clear_pointer(&arch->kernel.cross_compile, g_free);
	return check_arch(json, reading, error);
}

static GPtrArray *triage_new(void)
{
	return g_ptr_array_new_with_free_func(triage_free);
}

/* Puts the patterns of all architectures behind @arch's own. */
static gboolean read_common_triage(const char *data, VfArch *arch, GError **error)
{
	static const VfJsonMember members[] = {
		{"triage", VF_JSON_OBJECTS, .read = read_triage},
		{NULL},
	};
	g_autofree char *path = g_build_filename(data, "kernels", "triage.json", NULL);

	return vf_json_read_file(path, members, arch, error);
}

VfArch *vf_arch_parse(const char *text, gsize length, const char *data, const char *name,
		      GError **error)
{
	g_autofree char *dir = g_build_filename(data, "kernels", name, NULL);
	g_autofree char *path = g_build_filename(dir, "arch.json", NULL);
	g_autoptr(VfArch) arch = g_new0(VfArch, 1);
	Reading reading = {arch, data, name};

	arch->dir = g_steal_pointer(&dir);
	arch->boards = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, board_free);
	arch->triage = triage_new();
	if (!vf_json_parse(text, length, vf_dirs_shown(path), read_arch, &reading, error) ||
	    !read_common_triage(data, arch, error))
		return NULL;
	return g_steal_pointer(&arch);
}

VfArch *vf_arch_load(const char *data, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(data, "kernels", name, "arch.json", NULL);
	gsize length;
	g_autofree char *text = vf_json_load(path, &length, error);

	return text ? vf_arch_parse(text, length, data, name, error) : NULL;
}

GStrv vf_arch_names(const char *data, GError **error)
{
	g_autofree char *directory = g_build_filename(data, "kernels", NULL);

	return vf_names_in(directory, "/arch.json", error);
}

const VfBoard *vf_arch_board(const VfArch *arch, const char *name)
{
	return g_hash_table_lookup(arch->boards, name);
}

int vf_board_order(const char *a, const char *b)
{
	gboolean left = !strcmp(a, "default"), right = !strcmp(b, "default");

	return left || right ? right - left : strcmp(a, b);
}
