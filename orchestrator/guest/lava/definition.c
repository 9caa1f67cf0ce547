// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/definition.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "guest/qemu/qemu-argv.h"
#include "guest/lava/yaml.h"

/* Where the guest's records come out: LAVA has one console. */
#define RESULT "kmsg"

/* Every kernel prints it before anything can go wrong; nothing else is looked for until then. */
#define START "Linux version [0-9]"
#define PANIC "end Kernel panic|Rebooting in [0-9]|Reboot failed"
/* init's last line, or the last record of the model, which comes when QEMU ends */
#define END	  "vifarm: end[\\r\\n]|" PANIC
#define END_MODEL "~vm [0-9]+ E |" PANIC

/* For people who look at the lab's page; the verdict is made from the records themselves. */
#define RECORD                                                     \
	"~vf [0-9]+ K [0-9a-f]{8}  *(?P<result>ok|not ok) [0-9]+ " \
	"(?P<test_case_id>[-_.A-Za-z0-9]+)"                        \
	"[ \\r\\n]"

static void file_clear(VfLavaFile *file)
{
	g_free(file->path);
	g_free(file->sha256);
	g_free(file->name);
	g_free(file->url);
}

void vf_lava_files_free(VfLavaFiles *files)
{
	if (!files)
		return;
	file_clear(&files->kernel);
	file_clear(&files->ramdisk);
	file_clear(&files->plugin);
	g_free(files);
}

static gboolean file_init(VfLavaFile *file, const VfLab *lab, const char *path, GError **error)
{
	g_autofree char *base = g_path_get_basename(path);

	file->sha256 = vf_hash_of_file(path, error);
	if (!file->sha256)
		return FALSE;
	file->path = g_strdup(path);
	file->name = g_strdup_printf("%s-%s", file->sha256, base);
	file->url = g_strdup_printf("%s/%s", lab->artefacts.url, file->name);
	return TRUE;
}

VfLavaFiles *vf_lava_files_new(const VfLab *lab, const VfGuestSpec *spec, GError **error)
{
	g_autoptr(VfLavaFiles) files = g_new0(VfLavaFiles, 1);

	if (!file_init(&files->kernel, lab, spec->kernel->image, error) ||
	    !file_init(&files->ramdisk, lab, spec->initramfs->path, error))
		return NULL;
	if (vf_qemu_wants_plugin(spec) && !file_init(&files->plugin, lab, spec->plugin, error))
		return NULL;
	return g_steal_pointer(&files);
}

char *vf_lava_name(const VfGuestSpec *spec)
{
	return g_strdup_printf("vifarm %s %s %u", spec->run_id, spec->task->name, spec->attempt);
}

char *vf_lava_append(const VfLabDevice *device, const VfGuestSpec *spec)
{
	VfGuestSpec mine = *spec;
	VfTask task = *spec->task;
	VfBoard board = *task.board;

	if (device->kind == VF_LAB_BOARD)
		board.append = device->append;
	task.board = &board;
	mine.task = &task;
	mine.result = RESULT;
	return vf_qemu_append(&mine);
}

static json_t *seconds(guint64 n)
{
	return json_pack("{s:I}", "seconds", (json_int_t)n);
}

static guint64 guest_seconds(const VfGuestSpec *spec)
{
	return spec->timeout ? spec->timeout : spec->task->job->timeout;
}

static guint64 job_seconds(const VfGuestSpec *spec)
{
	return VF_LAVA_DEPLOY_S + 2 * (guest_seconds(spec) + VF_LAVA_MARGIN_S) + VF_LAVA_MARGIN_S;
}

guint vf_lava_limit(const VfLab *lab, const VfGuestSpec *spec)
{
	return (guint)MIN(lab->queue + job_seconds(spec) + VF_LAVA_GRACE_S, G_MAXINT);
}

static json_t *timeouts(const VfLab *lab, const VfGuestSpec *spec)
{
	guint64 test = guest_seconds(spec) + VF_LAVA_MARGIN_S;

	return json_pack("{s:o, s:o, s:o, s:o}", "job", seconds(job_seconds(spec)), "action",
			 seconds(MAX(test, VF_LAVA_DEPLOY_S)), "connection", seconds(test), "queue",
			 seconds(lab->queue));
}

static json_t *words(char **list)
{
	json_t *array = json_array();

	for (char **word = list; word && *word; word++)
		json_array_append_new(array, json_string(*word));
	return array;
}

static json_t *image(const VfLavaFile *file)
{
	return json_pack("{s:s, s:s}", "url", file->url, "sha256sum", file->sha256);
}

/* What of QEMU's command line goes with a file; the rest is for every image alike. */
typedef struct Split {
	json_t *options;
	const char *append, *plugin;
} Split;

static void split(Split *s, char **argv)
{
	s->options = json_array();
	for (char **word = argv + 1; *word; word++) {
		const char *quoted[] = {*word, NULL};
		g_autofree char *text = NULL;

		if (g_str_equal(*word, "-kernel") || g_str_equal(*word, "-initrd")) {
			word++;
			continue;
		}
		if (g_str_equal(*word, "-append") || g_str_equal(*word, "-plugin")) {
			*(word[0][1] == 'a' ? &s->append : &s->plugin) = word[1];
			word++;
			continue;
		}
		text = vf_text_shell(quoted);
		json_array_append_new(s->options, json_string(text));
	}
}

static void put_image(json_t *images, const char *label, const VfLavaFile *file, char *argument)
{
	json_t *object = image(file);

	json_object_set_new(object, "image_arg", json_string(argument));
	json_object_set_new(images, label, object);
	g_free(argument);
}

static json_t *images(const Split *s, const VfLavaFiles *files)
{
	const char *append[] = {"-append", s->append, NULL};
	const char *plugin[] = {"-plugin", s->plugin, NULL};
	g_autofree char *line = vf_text_shell(append);
	json_t *object = json_object();

	put_image(object, "kernel", &files->kernel, g_strconcat("-kernel {kernel} ", line, NULL));
	put_image(object, "ramdisk", &files->ramdisk, g_strdup("-initrd {ramdisk}"));
	if (s->plugin)
		put_image(object, "plugin", &files->plugin, vf_text_shell(plugin));
	return object;
}

/* LAVA puts the paths of the files in where "{LABEL}" stands. */
static char **lab_argv(const VfGuestSpec *spec, GError **error)
{
	VfGuestSpec mine = *spec;
	VfKernel kernel = *spec->kernel;
	VfInitramfs initramfs = *spec->initramfs;

	kernel.image = (char *)"{kernel}";
	initramfs.path = (char *)"{ramdisk}";
	mine.kernel = &kernel;
	mine.initramfs = &initramfs;
	mine.plugin = spec->plugin ? "{plugin}" : NULL;
	mine.result = RESULT;
	return vf_qemu_argv(&mine, spec->task->arch->qemu.binary, VF_QEMU_ON_CONSOLE, error);
}

static json_t *context_of(const VfLabDevice *device)
{
	g_autoptr(GList) keys =
		g_list_sort(g_hash_table_get_keys(device->context), (GCompareFunc)strcmp);
	json_t *context = json_object();

	for (const GList *k = keys; k; k = k->next)
		json_object_set_new(context, k->data,
				    json_string(g_hash_table_lookup(device->context, k->data)));
	return context;
}

static json_t *test_action(const VfGuestSpec *spec)
{
	gboolean model = spec->task->job->model.present && vf_qemu_wants_plugin(spec);

	return json_pack("{s:{s:o, s:[{s:s, s:s, s:s, s:s, s:{s:s, s:s}}]}}", "test", "timeout",
			 seconds(guest_seconds(spec) + VF_LAVA_MARGIN_S), "monitors", "name",
			 "vifarm", "start", START, "end", model ? END_MODEL : END, "pattern",
			 RECORD, "fixupdict", "ok", "pass", "not ok", "fail");
}

static json_t *qemu_actions(const VfGuestSpec *spec, const Split *s, const VfLavaFiles *files)
{
	return json_pack("[{s:{s:o, s:s, s:o}}, {s:{s:o, s:s, s:s}}, o]", "deploy", "timeout",
			 seconds(VF_LAVA_DEPLOY_S), "to", "tmpfs", "images", images(s, files),
			 "boot", "timeout", seconds(guest_seconds(spec) + VF_LAVA_MARGIN_S),
			 "method", "qemu", "media", "tmpfs", test_action(spec));
}

static json_t *board_actions(const VfLabDevice *device, const VfGuestSpec *spec,
			     const VfLavaFiles *files)
{
	json_t *kernel = image(&files->kernel), *ramdisk = image(&files->ramdisk), *deploy;

	if (device->kernel_type)
		json_object_set_new(kernel, "type", json_string(device->kernel_type));
	json_object_set_new(ramdisk, "compression", json_string("gz"));
	json_object_set_new(ramdisk, "install_overlay", json_false());
	deploy = json_pack("{s:o, s:s, s:o, s:o}", "timeout", seconds(VF_LAVA_DEPLOY_S), "to",
			   "tftp", "kernel", kernel, "ramdisk", ramdisk);
	if (device->dtb)
		json_object_set_new(deploy, "dtb", json_pack("{s:s}", "url", device->dtb));
	return json_pack("[{s:o}, {s:{s:o, s:s, s:s}}, o]", "deploy", deploy, "boot", "timeout",
			 seconds(guest_seconds(spec) + VF_LAVA_MARGIN_S), "method", device->method,
			 "commands", device->commands, test_action(spec));
}

/* The part that hardware and QEMU share; @context and @actions are taken. */
static json_t *definition(const VfLab *lab, const VfLabDevice *device, const VfGuestSpec *spec,
			  json_t *context, json_t *actions)
{
	g_autofree char *name = vf_lava_name(spec);
	json_t *tags = words(lab->tags), *more = words(device->tags), *object;

	json_array_extend(tags, more);
	json_decref(more);
	object =
		json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:s, s:s, s:i, s:s}, s:o, s:o}", "job_name",
			  name, "device_type", device->device_type, "priority", lab->priority,
			  "timeouts", timeouts(lab, spec), "metadata", "vifarm.version",
			  VIFARM_VERSION, "vifarm.run", spec->run_id, "vifarm.task",
			  spec->task->name, "vifarm.attempt", (int)spec->attempt, "vifarm.kernel",
			  spec->kernel->release ?: "", "context", context, "actions", actions);
	json_object_set_new(object, "visibility",
			    strcmp(lab->visibility, "group")
				    ? json_string(lab->visibility)
				    : json_pack("{s:o}", "group", words(lab->groups)));
	if (json_array_size(tags))
		json_object_set_new(object, "tags", json_incref(tags));
	json_decref(tags);
	return object;
}

/* LAVA's name of the emulated architecture: what stands behind "qemu-system-". */
static const char *arch_of(const VfArch *arch)
{
	const char *dash = strrchr(arch->qemu.binary, '-');

	return dash ? dash + 1 : arch->qemu.binary;
}

char *vf_lava_definition(const VfLab *lab, const VfLabDevice *device, const VfGuestSpec *spec,
			 const VfLavaFiles *files, GError **error)
{
	json_auto_t *object = NULL;
	json_t *context = context_of(device);
	g_auto(GStrv) argv = NULL;
	Split s = {NULL};

	if (device->kind == VF_LAB_BOARD) {
		g_autofree char *append = vf_lava_append(device, spec);

		json_object_set_new(context, "extra_kernel_args", json_string(append));
		object = definition(lab, device, spec, context, board_actions(device, spec, files));
		return vf_yaml_write(object);
	}
	argv = lab_argv(spec, error);
	if (!argv) {
		json_decref(context);
		return NULL;
	}
	split(&s, argv);
	if (!json_object_get(context, "arch"))
		json_object_set_new(context, "arch", json_string(arch_of(spec->task->arch)));
	json_object_set_new(context, "extra_options", s.options);
	object = definition(lab, device, spec, context, qemu_actions(spec, &s, files));
	return vf_yaml_write(object);
}
