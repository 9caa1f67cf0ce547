// SPDX-License-Identifier: GPL-2.0-or-later
/* Golden job definitions, golden/lava/<arch>-<board>-<job>, and what LAVA's schema asks of them. */
#include <string.h>

#include "base/error.h"
#include "golden.h"
#include "guest/lava/definition.h"
#include "guest/lava/yaml.h"
#include "scratch.h"
#include "paths.h"

static const char system_map[] = "00000000f0000000 D pcxl_dma_start\n"
				 "00000000f0400000 D parisc_vmalloc_start\n"
				 "fff8000000000000 D PAGE_OFFSET\n"
				 "0000010000000000 D VMALLOC_END\n";

static const char lab_text[] =
	"{\"url\": \"https://lava.example.org/\","
	" \"artefacts\": {\"method\": \"directory\", \"path\": \"/srv/v\","
	"  \"url\": \"https://files.example.org/v\"},"
	" \"visibility\": \"group\", \"groups\": [\"kernel\"], \"priority\": \"high\","
	" \"tags\": [\"vifarm\"], \"queue\": 900, \"devices\": {"
	" \"hppa\": {\"kind\": \"qemu\", \"device_type\": \"vifarm-qemu\"},"
	" \"mips64\": {\"kind\": \"qemu\", \"device_type\": \"vifarm-qemu\"},"
	" \"sparc64\": {\"kind\": \"qemu\", \"device_type\": \"vifarm-qemu\"},"
	" \"x86_64\": {\"kind\": \"qemu\", \"device_type\": \"qemu\","
	"  \"context\": {\"no_kvm\": \"true\", \"memory\": \"256\"}, \"tags\": [\"kvm\"]},"
	" \"x86_64/iommu\": {\"kind\": \"board\", \"device_type\": \"server\","
	"  \"method\": \"u-boot\", \"commands\": \"ramdisk\", \"kernel_type\": \"image\","
	"  \"append\": \"console=ttyS1,115200 panic=-1\","
	"  \"dtb\": \"https://files.example.org/a.dtb\"}}}";

static char *no_words[] = {NULL};
static char *devices[] = {(char *)"vifarm-ctl{bus}", NULL};
static char *user_words[] = {(char *)"it's", (char *)"a=\"b\"", NULL};

static VfJob plain = {
	.name = (char *)"plain",
	.program = (char *)"boot",
	.timeout = 120,
	.devices = no_words,
};
static VfJob model = {
	.name = (char *)"model",
	.program = (char *)"vflush",
	.timeout = 900,
	.devices = devices,
	.model = {.present = TRUE, .track = (char *)"all", .arm = (char *)"window"},
};

/* LAVA 2023.01 takes no other members of "context". */
static const char *const context_keys[] = {"arch",   "extra_options",	  "memory",
					   "no_kvm", "extra_kernel_args", NULL};

static guint64 seconds_of(const json_t *timeout)
{
	const char *text = json_string_value(json_object_get(timeout, "seconds"));

	g_assert_nonnull(text);
	return g_ascii_strtoull(text, NULL, 10);
}

/* No time limit may be above the job's, none may be zero. */
static void check_schema(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *job = vf_yaml_read(text, strlen(text), &error);
	const json_t *timeouts, *actions, *action;
	guint64 limit;
	const char *key;
	json_t *value;
	gsize i;

	g_assert_no_error(error);
	timeouts = json_object_get(job, "timeouts");
	limit = seconds_of(json_object_get(timeouts, "job"));
	g_assert_cmpuint(seconds_of(json_object_get(timeouts, "action")), <=, limit);
	g_assert_cmpuint(seconds_of(json_object_get(timeouts, "connection")), <=, limit);
	g_assert_cmpuint(seconds_of(json_object_get(timeouts, "queue")), ==, 900);
	actions = json_object_get(job, "actions");
	g_assert_cmpuint(json_array_size(actions), ==, 3);
	json_array_foreach (actions, i, action) {
		const json_t *inner = json_object_iter_value(json_object_iter((json_t *)action));

		g_assert_cmpuint(seconds_of(json_object_get(inner, "timeout")), <=, limit);
		g_assert_cmpuint(seconds_of(json_object_get(inner, "timeout")), >, 0);
	}
	json_object_foreach (json_object_get(job, "context"), key, value)
		g_assert_true(g_strv_contains(context_keys, key));
	g_assert_cmpuint(strlen(json_string_value(json_object_get(job, "job_name"))), <=, 200);
}

static char *define(const VfLab *lab, const VfArch *arch, const VfBoard *board, const VfJob *job,
		    char **append)
{
	g_autofree char *name =
		g_strdup_printf("%s/%s/%s/full", arch->name, board->name, job->name);
	VfKernel kernel = {.image = (char *)"Image",
			   .symbols = (char *)"System.map",
			   .release = (char *)"6.12"};
	VfInitramfs initramfs = {.path = (char *)"i.cpio.gz"};
	VfTask task = {.arch = arch, .board = board, .job = job, .name = name};
	const VfGuestSpec spec = {
		.task = &task,
		.kernel = &kernel,
		.initramfs = &initramfs,
		.plugin = "vifarm.so",
		.directory = ".",
		.run_id = "20261125-080000-abcd",
		.append = append,
		.attempt = 2,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaFiles) files = vf_lava_files_new(lab, &spec, &error);
	char *text;

	g_assert_no_error(error);
	text = vf_lava_definition(lab, vf_lab_device(lab, arch, board), &spec, files, &error);
	g_assert_no_error(error);
	return text;
}

static void write_files(void)
{
	scratch_write("System.map", system_map);
	scratch_write("Image", "a kernel");
	scratch_write("i.cpio.gz", "an initramfs");
	scratch_write("vifarm.so", "a plugin");
}

static void check_board(const VfLab *lab, const VfArch *arch, const VfBoard *board, VfJob *job)
{
	const VfLabDevice *device = vf_lab_device(lab, arch, board);
	g_autofree char *name =
		g_strdup_printf("lava/%s-%s-%s.yaml", arch->name, board->name, job->name);
	g_autofree char *text = NULL;

	if (device->kind == VF_LAB_BOARD && job->model.present)
		return;
	text = define(lab, arch, board, job, NULL);
	golden_check(name, text);
	check_schema(text);
}

static void test_golden(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfLab) lab = vf_lab_parse(lab_text, strlen(lab_text), "lab.json", NULL);
	g_auto(GStrv) names = vf_arch_names(VIFARM_SOURCE_DIR, NULL);

	g_assert_nonnull(scratch);
	write_files();
	for (char **name = names; *name; name++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfArch) arch = vf_arch_load(VIFARM_SOURCE_DIR, *name, &error);
		GHashTableIter iter;
		gpointer board;

		g_assert_no_error(error);
		g_hash_table_iter_init(&iter, arch->boards);
		while (g_hash_table_iter_next(&iter, NULL, &board)) {
			check_board(lab, arch, board, &plain);
			check_board(lab, arch, board, &model);
		}
	}
}

/* What a user gives reaches the guest as it is, through YAML and through LAVA's splitting. */
static void test_quoting(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfLab) lab = vf_lab_parse(lab_text, strlen(lab_text), "lab.json", NULL);
	g_autoptr(VfArch) arch = vf_arch_load(VIFARM_SOURCE_DIR, "hppa", NULL);
	g_autofree char *text = NULL;
	json_auto_t *job = NULL;
	const json_t *deploy, *image;
	g_auto(GStrv) argv = NULL;
	int argc;

	g_assert_nonnull(scratch);
	write_files();
	text = define(lab, arch, vf_arch_board(arch, "default"), &plain, user_words);
	job = vf_yaml_read(text, strlen(text), NULL);
	deploy = json_object_get(json_array_get(json_object_get(job, "actions"), 0), "deploy");
	image = json_object_get(json_object_get(deploy, "images"), "kernel");
	g_shell_parse_argv(json_string_value(json_object_get(image, "image_arg")), &argc, &argv,
			   NULL);
	g_assert_cmpint(argc, ==, 4);
	g_assert_cmpstr(argv[1], ==, "{kernel}");
	g_assert_true(g_str_has_suffix(argv[3], " vifarm.result=kmsg it's a=\"b\""));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-definition/golden", test_golden);
	g_test_add_func("/lava-definition/quoting", test_quoting);
	return g_test_run();
}
