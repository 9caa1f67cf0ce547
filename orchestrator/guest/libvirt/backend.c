// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which host gets a task. The guests themselves are in libvirt-guest.c.
 */
#include "guest/libvirt/backend.h"

#include <string.h>

#include "base/error.h"
#include "guest/boot.h"
#include "guest/libvirt/libvirt-guest.h"
#include "guest/libvirt/libvirt-root.h"
#include "guest/qemu/qemu-argv.h"

struct VfLibvirt {
	VfGuestBackend base; /* first */
	GPtrArray *hosts;    /* of VfHost */
	gboolean fall_back;
	guint local, local_max; /* guests of the back end qemu */
	VfLibvirtNote note;
	gpointer note_data;
	GHashTable *noted; /* reasons that have been told */
};

static VfLibvirt *libvirt_of(const VfGuestBackend *base)
{
	return (VfLibvirt *)base;
}

static const GError *unable(const VfLibvirt *libvirt, const VfTask *task)
{
	const GError *why = NULL;

	for (guint i = 0; i < libvirt->hosts->len; i++) {
		const GError *error = vf_host_unable(libvirt->hosts->pdata[i], task);

		if (!error)
			return NULL;
		/* what can be mended is told before what cannot */
		if (!why || why->code == VF_ERROR_UNFIT)
			why = error;
	}
	return why;
}

static VfHost *choose(const VfLibvirt *libvirt, const VfTask *task)
{
	VfHost *best = NULL;

	for (guint i = 0; i < libvirt->hosts->len; i++) {
		VfHost *host = libvirt->hosts->pdata[i];

		if (vf_host_unable(host, task) || host->used >= host->slots)
			continue;
		if (!best || host->slots - host->used > best->slots - best->used)
			best = host;
	}
	return best;
}

static void tell(VfLibvirt *libvirt, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Each text once. */
static void tell(VfLibvirt *libvirt, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	if (g_hash_table_add(libvirt->noted, text) && libvirt->note)
		libvirt->note(text, libvirt->note_data);
}

static gboolean check(const VfGuestBackend *base, const VfTask *task, GError **error)
{
	VfLibvirt *libvirt = libvirt_of(base);
	const GError *why = unable(libvirt, task);

	if (!why)
		return TRUE;
	if (libvirt->fall_back) {
		tell(libvirt, "%s: by qemu on this machine: %s", task->arch->name, why->message);
		return vf_guest_qemu.check(&vf_guest_qemu, task, error);
	}
	if (why->code == VF_ERROR_UNFIT)
		return vf_throw(error, VF_ERROR_UNFIT,
				"%s; --backend qemu (or auto) runs %s on this machine",
				why->message, task->arch->name);
	g_propagate_error(error, g_error_copy(why));
	return FALSE;
}

static gboolean has_room(const VfGuestBackend *base, const VfTask *task)
{
	VfLibvirt *libvirt = libvirt_of(base);

	if (!unable(libvirt, task))
		return choose(libvirt, task) != NULL;
	/* without a host the task ends at once, with the reason */
	return !libvirt->fall_back || libvirt->local < libvirt->local_max;
}

typedef struct Local {
	VfLibvirt *libvirt;
	GAsyncReadyCallback done;
	gpointer data;
} Local;

static void on_local(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autofree Local *local = data;

	local->libvirt->local--;
	local->done(source, result, local->data);
}

static void run_locally(VfLibvirt *libvirt, const VfGuestSpec *spec, GCancellable *cancellable,
			VfGuestProgress progress, gpointer progress_data, GAsyncReadyCallback done,
			gpointer data)
{
	Local *local = g_new0(Local, 1);

	*local = (Local){.libvirt = libvirt, .done = done, .data = data};
	libvirt->local++;
	vf_guest_qemu.run_async(&vf_guest_qemu, spec, cancellable, progress, progress_data,
				on_local, local);
}

static void run_async(const VfGuestBackend *base, const VfGuestSpec *spec,
		      GCancellable *cancellable, VfGuestProgress progress, gpointer progress_data,
		      GAsyncReadyCallback done, gpointer data)
{
	VfLibvirt *libvirt = libvirt_of(base);
	const GError *why = unable(libvirt, spec->task);

	if (why && libvirt->fall_back)
		run_locally(libvirt, spec, cancellable, progress, progress_data, done, data);
	else
		vf_libvirt_guest_run(choose(libvirt, spec->task), why, spec, cancellable, progress,
				     progress_data, done, data);
}

VfLibvirt *vf_libvirt_new(const char *const *uris, gboolean fall_back, GError **error)
{
	static const char *const embedded[] = {"qemu:///embed", NULL};
	g_autoptr(VfLibvirt) libvirt = g_new0(VfLibvirt, 1);

	libvirt->base = (VfGuestBackend){
		.name = "libvirt",
		.check = check,
		.has_room = has_room,
		.run_async = run_async,
		.run_finish = vf_boot_finish,
		.reproducer = vf_qemu_reproducer,
	};
	libvirt->hosts = g_ptr_array_new_with_free_func((GDestroyNotify)vf_host_free);
	libvirt->noted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	libvirt->fall_back = fall_back;
	libvirt->local_max = g_get_num_processors();
	for (const char *const *uri = uris && *uris ? uris : embedded; *uri; uri++) {
		VfHost *host = vf_host_new(*uri, error);

		if (!host)
			return NULL;
		g_ptr_array_add(libvirt->hosts, host);
	}
	return g_steal_pointer(&libvirt);
}

void vf_libvirt_free(VfLibvirt *libvirt)
{
	if (!libvirt)
		return;
	g_ptr_array_unref(libvirt->hosts);
	g_hash_table_unref(libvirt->noted);
	g_free(libvirt);
}

const VfGuestBackend *vf_libvirt_backend(VfLibvirt *libvirt)
{
	return &libvirt->base;
}

typedef struct Opening {
	guint pending, swept;
	GMainLoop *loop;
} Opening;

typedef struct HostOpening {
	Opening *all;
	VfHost *host;
} HostOpening;

static void on_open(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	g_autofree HostOpening *one = data;

	one->all->swept += vf_host_open_finish(one->host, result);
	if (!--one->all->pending)
		g_main_loop_quit(one->all->loop);
}

void vf_libvirt_open(VfLibvirt *libvirt, const VfPlan *plan, VfLibvirtNote note, gpointer data)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Opening all = {.pending = libvirt->hosts->len, .loop = loop};

	vf_libvirt_root_sweep();
	libvirt->note = note;
	libvirt->note_data = data;
	for (guint i = 0; i < libvirt->hosts->len; i++) {
		HostOpening *one = g_new0(HostOpening, 1);

		*one = (HostOpening){&all, libvirt->hosts->pdata[i]};
		vf_host_open_async(one->host, plan, on_open, one);
	}
	g_main_loop_run(loop);
	for (guint i = 0; i < libvirt->hosts->len; i++) {
		const VfHost *host = libvirt->hosts->pdata[i];

		if (host->error)
			tell(libvirt, "%s", host->error->message);
	}
	if (all.swept)
		tell(libvirt, "ended %u guests that a killed run had left on libvirt hosts",
		     all.swept);
}

guint vf_libvirt_slots(const VfLibvirt *libvirt)
{
	guint slots = libvirt->fall_back ? libvirt->local_max : 0;

	for (guint i = 0; i < libvirt->hosts->len; i++)
		slots += ((const VfHost *)libvirt->hosts->pdata[i])->slots;
	return MAX(slots, 1);
}
