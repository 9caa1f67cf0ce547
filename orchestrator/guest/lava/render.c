// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/render.h"

#include "base/error.h"
#include "guest/lava/publish.h"

/* What an asynchronous call of this file leaves behind. */
typedef struct Wait {
	GMainLoop *loop;
	VfBuilder *builder;
	VfKernel *kernel;
	VfInitramfs *initramfs;
	GError *error;
	guint pending;
} Wait;

static void arrived(Wait *wait)
{
	if (!--wait->pending)
		g_main_loop_quit(wait->loop);
}

static void on_kernel(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Wait *wait = data;
	g_autofree char *log = NULL;

	wait->kernel = vf_builder_kernel_finish(wait->builder, result, &log,
						wait->error ? NULL : &wait->error);
	arrived(wait);
}

static void on_initramfs(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Wait *wait = data;

	wait->initramfs = vf_builder_initramfs_finish(wait->builder, result,
						      wait->error ? NULL : &wait->error);
	arrived(wait);
}

static void on_published(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Wait *wait = data;

	vf_lava_publish_finish(result, &wait->error);
	arrived(wait);
}

static void wait_clear(Wait *wait)
{
	g_main_loop_unref(wait->loop);
	vf_kernel_free(wait->kernel);
	vf_initramfs_free(wait->initramfs);
	g_clear_error(&wait->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wait, wait_clear)

static void build(Wait *wait, const VfTask *task)
{
	wait->pending = 2;
	vf_builder_initramfs_async(wait->builder, task->arch, NULL, on_initramfs, wait);
	vf_builder_kernel_async(wait->builder, task->arch, task->variant, NULL, NULL, NULL, NULL,
				NULL, on_kernel, wait);
	g_main_loop_run(wait->loop);
}

static void publish(Wait *wait, VfLava *lava, const VfLavaFiles *files)
{
	wait->pending = 1;
	vf_lava_publish_async(lava, files, NULL, on_published, wait);
	g_main_loop_run(wait->loop);
}

static gboolean render_task(const VfTask *task, VfBuilder *builder, const VfLab *lab, VfLava *lava,
			    const VfLavaRender *what, GString *out, GError **error)
{
	g_auto(Wait) wait = {.loop = g_main_loop_new(NULL, FALSE), .builder = builder};
	VfGuestSpec spec = {
		.task = task,
		.plugin = what->plugin,
		.directory = ".",
		.run_id = "render",
		.append = what->append,
		.attempt = 1,
		.timeout = what->timeout,
	};
	g_autoptr(VfLavaFiles) files = NULL;
	g_autofree char *text = NULL;

	build(&wait, task);
	spec.kernel = wait.kernel;
	spec.initramfs = wait.initramfs;
	files = wait.error ? NULL : vf_lava_files_new(lab, &spec, &wait.error);
	if (files && lava)
		publish(&wait, lava, files);
	text = wait.error ? NULL
			  : vf_lava_definition(lab, vf_lab_device(lab, task->arch, task->board),
					       &spec, files, &wait.error);
	if (!text) {
		g_propagate_prefixed_error(error, g_steal_pointer(&wait.error), "%s: ", task->name);
		return FALSE;
	}
	g_string_append_printf(out, "---\n# %s\n%s", task->name, text);
	return TRUE;
}

char *vf_lava_render(const VfPlan *plan, VfBuilder *builder, const VfLab *lab,
		     const VfLavaRender *what, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(VfLava) lava = what->publish ? vf_lava_new(lab, error) : NULL;

	if (what->publish && !lava)
		return NULL;
	for (guint i = 0; i < plan->tasks->len; i++) {
		const VfTask *task = plan->tasks->pdata[i];
		g_autofree char *skip = task->skip ? g_strdup(task->skip) : vf_lab_skip(lab, task);

		if (skip)
			g_string_append_printf(out, "# %s: SKIP: %s\n", task->name, skip);
		else if (!render_task(task, builder, lab, lava, what, out, error))
			return NULL;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
