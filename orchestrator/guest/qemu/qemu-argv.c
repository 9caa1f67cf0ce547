// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/qemu/qemu-argv.h"

#include <string.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/text.h"
#include "evidence/symbols.h"
#include "plan/facts.h"

/* The guest's init ends a program after so long unless told otherwise, rootfs/init.c. */
#define INIT_TIMEOUT 600

/* Sizes of the caches that run beside the infinite one, bytes. */
#define CURVE_MIN (64u << 10)
#define CURVE_MAX (1u << 20)

/* The model's limit=, unless the architecture has another. */
#define MODEL_MIB 2048
/* QEMU's own: 1 GiB of it for translated code; 1.4 GiB in all were seen. */
#define EMULATOR_MIB 3072

gboolean vf_qemu_wants_plugin(const VfGuestSpec *spec)
{
	const VfJob *job = spec->task->job;

	return spec->plugin && (job->model.present || (job->devices && *job->devices));
}

char *vf_qemu_model_path(const VfGuestSpec *spec)
{
	return g_build_filename(spec->directory, "model.jsonl", NULL);
}

static void add_word(GString *line, const char *words)
{
	if (!words || !*words)
		return;
	if (line->len)
		g_string_append_c(line, ' ');
	g_string_append(line, words);
}

/* Of a table of strings that may be NULL. Free with g_list_free(). */
static GList *sorted_keys(GHashTable *table)
{
	return table ? g_list_sort(g_hash_table_get_keys(table), (GCompareFunc)strcmp) : NULL;
}

guint64 vf_qemu_memory(const VfGuestSpec *spec)
{
	return spec->task->board->memory_mib + (spec->layout ? spec->layout->memory_mib : 0);
}

guint64 vf_qemu_address_space(const VfGuestSpec *spec)
{
	GHashTable *options = spec->task->arch->model.options;
	const char *limit = options ? g_hash_table_lookup(options, "limit") : NULL;
	guint64 mib = vf_qemu_memory(spec) + EMULATOR_MIB;

	if (spec->task->job->model.present)
		mib += limit ? g_ascii_strtoull(limit, NULL, 0) : MODEL_MIB;
	return mib << 20;
}

/* Those of @environment that @over, which may be NULL, does not name. */
static void add_environment(GString *line, const VfGuestSpec *spec, GHashTable *environment,
			    GHashTable *over)
{
	g_autoptr(GList) keys = sorted_keys(environment);

	for (const GList *k = keys; k; k = k->next) {
		const char *text = g_hash_table_lookup(environment, k->data);
		g_autofree char *value = NULL;

		if (over && g_hash_table_contains(over, k->data))
			continue;
		value = vf_fact_expand(text, spec->task->arch, spec->task->board,
				       vf_qemu_memory(spec));
		g_string_append_printf(line, " vifarm.%s=%s", (const char *)k->data, value);
	}
}

static GHashTable *layout_environment(const VfGuestSpec *spec)
{
	return spec->layout ? spec->layout->environment : NULL;
}

char *vf_qemu_append(const VfGuestSpec *spec)
{
	const VfTask *task = spec->task;
	guint64 timeout = spec->timeout ? spec->timeout : task->job->timeout;
	GString *line = g_string_new(NULL);

	add_word(line, task->board->append);
	add_word(line, task->job->append);
	if (line->len)
		g_string_append_c(line, ' ');
	g_string_append_printf(line, "vifarm.job=%s vifarm.result=%s", task->job->program,
			       spec->result ? spec->result : task->board->result.guest);
	if (timeout > INIT_TIMEOUT)
		g_string_append_printf(line, " vifarm.timeout=%" G_GUINT64_FORMAT, timeout);
	add_environment(line, spec, task->job->environment, layout_environment(spec));
	add_environment(line, spec, layout_environment(spec), NULL);
	for (char **word = spec->append; word && *word; word++)
		add_word(line, *word);
	return g_string_free(line, FALSE);
}

static void add_machine(VfArgv *argv, const VfGuestSpec *spec)
{
	const VfBoard *board = spec->task->board;

	vf_argv_add(argv, "-machine", board->machine, NULL);
	if (board->cpu)
		vf_argv_add(argv, "-cpu", board->cpu, NULL);
	vf_argv_add(argv, "-m", NULL);
	vf_argv_format(argv, "%" G_GUINT64_FORMAT, vf_qemu_memory(spec));
	if (board->smp > 1) {
		vf_argv_add(argv, "-smp", NULL);
		vf_argv_format(argv, "%" G_GUINT64_FORMAT, board->smp);
	}
	vf_argv_strv(argv, (const char *const *)board->arguments);
	vf_argv_add(argv, "-display", "none", "-monitor", "none", NULL);
}

static void add_endings(VfArgv *argv)
{
	/* A panicking guest goes on, so that the whole message reaches the console; the event
	 * comes all the same. */
	vf_argv_add(argv, "-no-reboot", "-action", "panic=none", NULL);
}

static void add_descriptor(VfArgv *argv, const char *id, int fd)
{
	vf_argv_add(argv, "-add-fd", NULL);
	vf_argv_format(argv, "fd=%d,set=%d", fd, fd);
	/* without append QEMU truncates the file, which a pipe refuses */
	vf_argv_add(argv, "-chardev", NULL);
	vf_argv_format(argv, "file,id=%s,path=/dev/fdset/%d,append=on", id, fd);
}

static void add_wires(VfArgv *argv, VfQemuWiring wiring)
{
	/* the kernel under test may be a stranger's; QEMU needs nothing of what this denies */
	vf_argv_add(argv, "-sandbox",
		    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
		    NULL);
	if (wiring != VF_QEMU_RUN) {
		vf_argv_add(argv, "-chardev", "stdio,id=console", "-chardev", "null,id=result",
			    NULL);
		return;
	}
	add_descriptor(argv, "console", VF_QEMU_FD_CONSOLE);
	add_descriptor(argv, "result", VF_QEMU_FD_RESULT);
	vf_argv_add(argv, "-chardev", NULL);
	vf_argv_format(argv, "socket,id=qmp,fd=%d", VF_QEMU_FD_QMP);
	vf_argv_add(argv, "-mon", "chardev=qmp,mode=control", NULL);
}

static void add_ports(VfArgv *argv, const VfBoard *board)
{
	for (guint64 i = 0; i < board->console.serial; i++)
		vf_argv_add(argv, "-serial", "null", NULL);
	vf_argv_add(argv, "-serial", "chardev:console", NULL);
	vf_argv_strv(argv, (const char *const *)board->result.device);
	vf_argv_strv(argv, (const char *const *)board->pvpanic);
}

/* -plugin separates its options by commas and doubles those that are meant. */
static void add_option(GString *options, const char *key, const char *value)
{
	g_string_append_printf(options, ",%s=", key);
	for (; *value; value++)
		g_string_append(options, *value == ',' ? ",," : (char[]){*value, 0});
}

static void add_number(GString *options, const char *key, guint64 value)
{
	g_string_append_printf(options, ",%s=%" G_GUINT64_FORMAT, key, value);
}

static gboolean add_symbols(GString *options, const VfGuestSpec *spec, GError **error)
{
	const VfArch *arch = spec->task->arch;
	g_autoptr(GHashTable) found = NULL;

	if (!arch->model.symbols || !*arch->model.symbols)
		return TRUE;
	found = vf_symbols_lookup(spec->kernel->symbols, (const char *const *)arch->model.symbols,
				  error);
	if (!found)
		return FALSE;
	for (char **name = arch->model.symbols; *name; name++) {
		const guint64 *address = g_hash_table_lookup(found, *name);

		/* a variant need not have every symbol; the model says what it misses */
		if (address)
			g_string_append_printf(options, ",sym.%s=0x%" G_GINT64_MODIFIER "x", *name,
					       *address);
	}
	return TRUE;
}

static void add_arch_options(GString *options, const VfArch *arch)
{
	g_autoptr(GList) keys = sorted_keys(arch->model.options);

	for (const GList *k = keys; k; k = k->next)
		add_option(options, k->data, g_hash_table_lookup(arch->model.options, k->data));
}

/*
 * The sizes of the exact caches, "64:128:...": the real one and those up to 1 MiB that consist of
 * whole ways. Empty: none is wanted, or possible.
 */
static GString *curve_of(const VfGuestSpec *spec)
{
	const VfCacheGeometry *cache = &spec->task->board->cache;
	guint64 way = cache->colours * spec->task->arch->page_size;
	GString *sizes = g_string_new(NULL);

	if (!spec->curve)
		return sizes;
	if (cache->size % way == 0)
		g_string_append_printf(sizes, "%" G_GUINT64_FORMAT, cache->size >> 10);
	for (guint64 size = CURVE_MIN; size <= CURVE_MAX; size *= 2)
		if (size > cache->size && size % way == 0)
			g_string_append_printf(sizes, "%s%" G_GUINT64_FORMAT, sizes->len ? ":" : "",
					       size >> 10);
	return sizes;
}

static gboolean add_model(GString *options, const VfGuestSpec *spec, const VfQemuFiles *files,
			  GError **error)
{
	const VfTask *task = spec->task;
	const VfCacheGeometry *cache = &task->board->cache;
	g_autoptr(GString) curve = curve_of(spec);

	add_option(options, "out", files->model);
	if (files->framed)
		add_option(options, "frame", "on");
	add_option(options, "model", "infinite");
	add_option(options, "arch", task->arch->model.decode);
	add_number(options, "line", cache->line);
	/* of a cache without eviction only the alias period matters */
	add_number(options, "way", cache->colours * task->arch->page_size);
	add_number(options, "colours", cache->colours);
	if (cache->alias > cache->size)
		add_number(options, "index", cache->size);
	add_option(options, "write", cache->write);
	add_option(options, "snoop", task->board->snoop);
	add_option(options, "track", *curve->str ? "all" : task->job->model.track);
	add_option(options, "arm", task->job->model.arm);
	if (*curve->str)
		add_option(options, "curve", curve->str);
	add_arch_options(options, task->arch);
	return add_symbols(options, spec, error);
}

static gboolean add_plugin(VfArgv *argv, const VfGuestSpec *spec, const VfQemuFiles *files,
			   GError **error)
{
	/* without the key a path with a = would be read as one */
	g_autoptr(GString) options = g_string_new("file=");

	if (!vf_qemu_wants_plugin(spec))
		return TRUE;
	for (const char *p = files->plugin; *p; p++)
		g_string_append(options, *p == ',' ? ",," : (char[]){*p, 0});
	if (spec->task->job->model.present) {
		if (!add_model(options, spec, files, error))
			return FALSE;
		/* Time by instructions, the calendar as well: the device's pace then does not
		 * depend on the model's cost, and a run repeats exactly. */
		vf_argv_add(argv, "-icount", "shift=3,sleep=off", "-rtc",
			    "clock=vm,base=2026-01-01T00:00:00", NULL);
	}
	vf_argv_add(argv, "-plugin", options->str, NULL);
	return TRUE;
}

static void add_device(VfArgv *argv, const char *device, const char *bus, char **properties)
{
	g_autoptr(GString) text = g_string_new(device);

	g_string_replace(text, "{bus}", bus, 0);
	for (char **p = properties; p && *p; p++)
		g_string_append_printf(text, ",%s", *p);
	vf_argv_add(argv, "-device", text->str, NULL);
}

static void add_devices(VfArgv *argv, const VfGuestSpec *spec)
{
	const VfTask *task = spec->task;
	char **before = spec->layout ? spec->layout->devices : NULL;
	g_autofree char *bus = task->board->pci_bus
				       ? g_strdup_printf(",bus=%s", task->board->pci_bus)
				       : g_strdup("");

	for (char **device = before; device && *device; device++)
		add_device(argv, *device, bus, NULL);
	/* the device under test is the job's first; injected errors are its properties */
	for (char **device = task->job->devices; device && *device; device++)
		add_device(argv, *device, bus, device == task->job->devices ? spec->inject : NULL);
}

char **vf_qemu_argv(const VfGuestSpec *spec, const char *binary, VfQemuWiring wiring,
		    GError **error)
{
	g_autoptr(GPtrArray) argv = vf_argv_new();
	g_autofree char *append = vf_qemu_append(spec);
	g_autofree char *model = vf_qemu_model_path(spec);
	const char *const reports[] = {
		[VF_QEMU_RUN] = model,
		[VF_QEMU_BY_HAND] = "/dev/null",
		[VF_QEMU_ON_CONSOLE] = "/dev/stdout",
	};
	const VfQemuFiles files = {
		.plugin = spec->plugin,
		.model = reports[wiring],
		.framed = wiring == VF_QEMU_ON_CONSOLE,
	};

	vf_argv_add(argv, binary, NULL);
	add_machine(argv, spec);
	add_endings(argv);
	add_wires(argv, wiring);
	add_ports(argv, spec->task->board);
	vf_argv_add(argv, "-kernel", spec->kernel->image, "-initrd", spec->initramfs->path,
		    "-append", append, NULL);
	if (!add_plugin(argv, spec, &files, error))
		return NULL;
	add_devices(argv, spec);
	return vf_argv_end(argv);
}

/* A file that is there, or a named pipe: append keeps QEMU from truncating it. */
static void add_file(VfArgv *argv, const char *id, const char *path)
{
	g_autoptr(GString) doubled = g_string_new(path);

	g_string_replace(doubled, ",", ",,", 0);
	vf_argv_add(argv, "-chardev", NULL);
	vf_argv_format(argv, "file,id=%s,path=%s,append=on", id, doubled->str);
}

char **vf_qemu_further_argv(const VfGuestSpec *spec, const VfQemuFiles *files, GError **error)
{
	const VfBoard *board = spec->task->board;
	const char *properties = strchr(board->machine, ',');
	g_autoptr(GPtrArray) argv = vf_argv_new();

	/* later words of -machine add to the first */
	if (properties)
		vf_argv_add(argv, "-machine", properties + 1, NULL);
	if (board->cpu)
		vf_argv_add(argv, "-cpu", board->cpu, NULL);
	vf_argv_strv(argv, (const char *const *)board->arguments);
	add_endings(argv);
	add_file(argv, "console", files->console);
	add_file(argv, "result", files->result);
	add_ports(argv, board);
	if (!add_plugin(argv, spec, files, error))
		return NULL;
	add_devices(argv, spec);
	return vf_argv_end(argv);
}

char *vf_qemu_reproducer(const VfGuestSpec *spec)
{
	const char *name = spec->task->arch->qemu.binary;
	g_autofree char *binary = g_find_program_in_path(name), *line = NULL;
	g_auto(GStrv) argv = vf_qemu_argv(spec, binary ? binary : name, VF_QEMU_BY_HAND, NULL);

	if (!argv)
		return g_strdup("");
	line = vf_text_shell((const char *const *)argv);
	return g_strconcat(line, " 2>&1 | cat -v", NULL);
}
