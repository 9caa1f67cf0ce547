// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/builder.h"

#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "kernel/config.h"
#include "kernel/stack-choice.h"
#include "kernel/stack.h"
#include "kernel/store.h"
#include "kernel/tools.h"
#include "kernel/trim.h"
#include "kernel/tree.h"

#define GIB(n) (G_GUINT64_CONSTANT(n) << 30)

/* What is made from sources is kept this often, and longer when it was used today. */
static const VfTrim trims[] = {
	{.kind = "kernels", .record = "kernel.json", .keep = 64, .locked = TRUE},
	{.kind = "stacks", .record = "stack.json", .keep = 64},
	{.kind = "choices", .keep = 256},
	{.kind = "initramfs", .keep = 64},
	{.kind = "logs", .keep = 256},
};

/* Of all stored kernels: what strangers' patches make of them can be of any size. */
#define KERNELS_VARIABLE "VIFARM_KERNELS_GIB"
#define KERNELS_GIB	 16

static gboolean kernels_bytes(guint64 *bytes, GError **error)
{
	const char *given = g_getenv(KERNELS_VARIABLE);
	guint64 gib = KERNELS_GIB;

	if (given && !g_ascii_string_to_unsigned(given, 10, 1, 1 << 20, &gib, NULL)) {
		g_autofree char *shown = vf_text_escape(given, -1, 60);

		return vf_throw(error, VF_ERROR_USAGE,
				KERNELS_VARIABLE ": expected a number of GiB from 1, found %s",
				shown);
	}
	*bytes = gib << 30;
	return TRUE;
}

static gboolean trim_all(GError **error)
{
	guint64 bytes = 0;

	if (!kernels_bytes(&bytes, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(trims); i++) {
		VfTrim trim = trims[i];

		trim.bytes = trim.locked ? bytes : 0;
		vf_trim(&trim);
	}
	return TRUE;
}

/* Linking a kernel with its debug information takes 2 GiB, a whole object directory 1 GiB. */
static const VfLimits kernel_limits = {
	.cpu_seconds = 3600,
	.memory = GIB(8),
	.file_size = GIB(2),
	.processes = 1000,
	.seconds = 3600,
	.resident = GIB(8),
	.disk = GIB(4),
};

VfBuilder *vf_builder_new(const char *data, const char *linux_source, guint jobs, GError **error)
{
	g_autoptr(VfSource) source = vf_source_new(linux_source, error);
	VfBuilder *builder;

	if (!source || !vf_dirs_make(vf_dirs_cache(), error) || !trim_all(error))
		return NULL;
	builder = g_new0(VfBuilder, 1);
	builder->data = g_strdup(data);
	builder->jobs = MAX(jobs, 1);
	builder->source = g_steal_pointer(&source);
	builder->strangers = kernel_limits;
	g_queue_init(&builder->waiting);
	return builder;
}

void vf_builder_limit_strangers(VfBuilder *builder, const VfLimits *limits)
{
	builder->strangers = *limits;
}

void vf_builder_free(VfBuilder *builder)
{
	if (!builder)
		return;
	g_free(builder->data);
	vf_source_free(builder->source);
	g_queue_clear(&builder->waiting);
	g_free(builder);
}

const char *vf_builder_source_name(const VfBuilder *builder)
{
	return vf_source_name(builder->source);
}

gboolean vf_builder_check_tools(G_GNUC_UNUSED VfBuilder *builder, const VfArch *arch,
				GError **error)
{
	return vf_tools_check(arch, error);
}

/* kernels/stacks/NAME.config, which need not be there. */
static gboolean add_stack(VfConfig *config, const char *data, const char *stack, GError **error)
{
	g_autofree char *file = g_strconcat(stack, ".config", NULL);
	g_autofree char *path = g_build_filename(data, "kernels", "stacks", file, NULL);

	return !*stack || !g_file_test(path, G_FILE_TEST_EXISTS) ||
	       vf_config_add_file(config, path, error);
}

VfConfig *vf_kernel_fragments(const char *data, const VfArch *arch, const char *stack,
			      const VfVariant *variant, GError **error)
{
	g_autoptr(VfConfig) config = vf_config_new();

	for (char **name = arch->kernel.config; *name; name++) {
		g_autofree char *path = g_build_filename(data, "kernels", *name, NULL);

		if (!vf_config_add_file(config, path, error))
			return NULL;
	}
	if (!add_stack(config, data, stack, error))
		return NULL;
	for (char **path = variant->config; path && *path; path++)
		if (!vf_config_add_file(config, *path, error))
			return NULL;
	return g_steal_pointer(&config);
}

GPtrArray *vf_kernel_patches(const VfVariant *variant, const char *mutant)
{
	GPtrArray *patches = g_ptr_array_new();

	for (guint i = 0; i < variant->patches->len; i++)
		g_ptr_array_add(patches, variant->patches->pdata[i]);
	if (mutant)
		g_ptr_array_add(patches, (gpointer)mutant);
	return patches;
}

static void hash_patched(VfHash *hash, GHashTable *patched)
{
	g_autoptr(GList) paths =
		g_list_sort(g_hash_table_get_keys(patched), (GCompareFunc)g_strcmp0);

	for (GList *path = paths; path; path = path->next)
		vf_hash_string(hash, path->data, g_hash_table_lookup(patched, path->data));
}

char *vf_kernel_key(const VfArch *arch, const char *source_key, GHashTable *patched,
		    const char *fragments, const char *compiler)
{
	g_autoptr(VfHash) hash = vf_hash_new("kernel");

	vf_hash_string(hash, "source", source_key);
	hash_patched(hash, patched);
	vf_hash_string(hash, "fragments", fragments);
	vf_hash_string(hash, "compiler", compiler);
	vf_hash_string(hash, "arch", arch->kernel.arch);
	vf_hash_string(hash, "cross_compile", arch->kernel.cross_compile);
	vf_hash_string(hash, "target", arch->kernel.target);
	vf_hash_string(hash, "image", arch->kernel.image);
	return vf_hash_hex(hash);
}

char *vf_builder_kernel_key(VfBuilder *builder, const VfArch *arch, const VfVariant *variant,
			    const char *mutant, GError **error)
{
	g_autoptr(GPtrArray) all = vf_kernel_patches(variant, mutant), patches = NULL;
	g_autofree char *compiler = NULL, *fragments = NULL, *choice = NULL;
	g_autoptr(VfConfig) config = NULL;
	g_autoptr(VfStack) stack = NULL;

	if (!vf_source_key(builder->source))
		return NULL;
	if (!vf_choice_recall(builder->data, builder->source, variant, &choice, error) || !choice)
		return NULL;
	patches = vf_choice_patches(builder->data, all, choice, error);
	stack = patches ? vf_stack_load(builder->source, patches, error) : NULL;
	config = stack ? vf_kernel_fragments(builder->data, arch, choice, variant, error) : NULL;
	compiler = config ? vf_tools_kernel_compiler(arch, error) : NULL;
	if (!compiler)
		return NULL;
	fragments = vf_config_text(config);
	return vf_kernel_key(arch, vf_source_key(builder->source), stack->files, fragments,
			     compiler);
}
