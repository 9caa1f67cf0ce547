// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A libvirt guest whose host fails in all ways at once: while one thread reads its console, another
 * destroys it, and the connection breaks. The functions of libvirt and of its storage are
 * stand-ins that take their time.
 */
#include "glib-edges.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include "base/error.h"
#include "guest/boot.h"
#include "guest/libvirt/libvirt-files.h"
#include "guest/libvirt/libvirt-guest.h"
#include "guest-fixture.h"
#include "paths.h"

#define CREATE_MS  20
#define READ_MS	   150
#define DESTROY_MS 60
/* The first look at the console is under way, see TAIL_MS in guest/libvirt-guest.c. */
#define TROUBLE_MS 350

static int thing; /* stands for a domain, a connection, files */

static void take_ms(guint ms)
{
	g_usleep(ms * 1000);
}

virDomainPtr virDomainCreateXML(G_GNUC_UNUSED virConnectPtr connection,
				G_GNUC_UNUSED const char *xml, G_GNUC_UNUSED unsigned int flags)
{
	take_ms(CREATE_MS);
	return (virDomainPtr)&thing;
}

int virDomainDestroy(G_GNUC_UNUSED virDomainPtr domain)
{
	take_ms(DESTROY_MS);
	return -1;
}

int virDomainFree(G_GNUC_UNUSED virDomainPtr domain)
{
	return 0;
}

int virDomainQemuMonitorCommand(G_GNUC_UNUSED virDomainPtr domain,
				G_GNUC_UNUSED const char *command, char **result,
				G_GNUC_UNUSED unsigned int flags)
{
	*result = strdup("{\"return\": {\"qemu\": {\"major\": 10, \"minor\": 0, \"micro\": 2}, "
			 "\"package\": \"\"}}");
	return 0;
}

virErrorPtr virGetLastError(void)
{
	static virError error = {.code = VIR_ERR_INTERNAL_ERROR};

	return &error;
}

const char *virGetLastErrorMessage(void)
{
	return "the host is on fire";
}

VfRemoteFiles *vf_remote_files_new(G_GNUC_UNUSED virConnectPtr connection,
				   G_GNUC_UNUSED const char *shown, G_GNUC_UNUSED GError **error)
{
	return (VfRemoteFiles *)&thing;
}

void vf_remote_files_free(G_GNUC_UNUSED VfRemoteFiles *files)
{
}

char *vf_remote_files_put(G_GNUC_UNUSED VfRemoteFiles *files, const char *path,
			  G_GNUC_UNUSED GError **error)
{
	return g_strdup(path);
}

char *vf_remote_files_make(G_GNUC_UNUSED VfRemoteFiles *files, const char *name,
			   G_GNUC_UNUSED GError **error)
{
	return g_strdup_printf("/pool/%s", name);
}

gboolean vf_remote_files_read(G_GNUC_UNUSED VfRemoteFiles *files, const char *name,
			      G_GNUC_UNUSED guint64 offset, G_GNUC_UNUSED gsize limit,
			      GByteArray *bytes, GError **error)
{
	g_byte_array_append(bytes, (const guint8 *)"a line\n", 7);
	take_ms(READ_MS);
	return g_str_has_suffix(name, ".console") ||
	       vf_throw(error, VF_ERROR_HARNESS, "%s: cannot be read", name);
}

gboolean vf_remote_files_get(G_GNUC_UNUSED VfRemoteFiles *files, const char *name,
			     G_GNUC_UNUSED const char *path, G_GNUC_UNUSED gsize limit,
			     GError **error)
{
	take_ms(READ_MS);
	return vf_throw(error, VF_ERROR_HARNESS, "%s: cannot be read", name);
}

void vf_remote_files_remove(G_GNUC_UNUSED VfRemoteFiles *files, G_GNUC_UNUSED const char *name)
{
}

void vf_remote_files_sweep(G_GNUC_UNUSED VfRemoteFiles *files)
{
}

typedef struct Trouble {
	Scratch *scratch;
	VfArch *arch;
	GuestFixture guest;
	VfHost host;
	GCancellable *cancellable;
	GMainLoop *loop;
	guint ending;
	VfEvidence *evidence;
	gboolean cancels, breaks, stops, models;
} Trouble;

static void on_end(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Trouble *t = data;

	t->evidence = vf_boot_finish(result, NULL);
	g_main_loop_quit(t->loop);
}

static VfHostGuest *ear_of(Trouble *t)
{
	GHashTableIter iter;
	gpointer ear = NULL;

	g_hash_table_iter_init(&iter, t->host.guests);
	g_hash_table_iter_next(&iter, NULL, &ear);
	return ear;
}

static gboolean on_trouble(gpointer data)
{
	Trouble *t = data;
	VfHostGuest *ear = ear_of(t);

	if (t->cancels)
		g_cancellable_cancel(t->cancellable);
	if (t->stops)
		ear->event(ear, VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_FAILED);
	if (t->breaks)
		ear->lost(ear);
	return G_SOURCE_REMOVE;
}

static void set_up(Trouble *t)
{
	g_autoptr(GError) error = NULL;

	t->scratch = scratch_new();
	scratch_write("System.map", system_map);
	scratch_write("1/stamp", "");
	t->arch = vf_arch_load(VIFARM_SOURCE_DIR, "x86_64", &error);
	g_assert_no_error(error);
	guest_fixture_init(&t->guest, t->arch, g_hash_table_lookup(t->arch->boards, "default"),
			   t->models ? &model : &plain);
	t->guest.task.name = (char *)"x86_64/default/plain/full";
	t->guest.spec.directory = "1";
	t->host = (VfHost){
		.shown = (char *)"qemu+ssh://lab/system",
		.emulates = TRUE,
		.connection = (virConnectPtr)&thing,
		.guests = g_hash_table_new(g_str_hash, g_str_equal),
		.versions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		.error = g_error_new(VF_ERROR, VF_ERROR_HARNESS, "the connection broke"),
	};
	g_mutex_init(&t->host.uploading);
	t->cancellable = g_cancellable_new();
	t->loop = g_main_loop_new(NULL, FALSE);
}

static void tear_down(Trouble *t)
{
	g_mutex_clear(&t->host.uploading);
	g_hash_table_unref(t->host.guests);
	g_hash_table_unref(t->host.versions);
	g_error_free(t->host.error);
	g_object_unref(t->cancellable);
	g_main_loop_unref(t->loop);
	g_clear_pointer(&t->evidence, vf_evidence_free);
	vf_arch_free(t->arch);
	scratch_free(t->scratch);
}

static void run(Trouble *t)
{
	set_up(t);
	vf_libvirt_guest_run(&t->host, NULL, &t->guest.spec, t->cancellable, NULL, NULL, on_end, t);
	g_timeout_add(TROUBLE_MS, on_trouble, t);
	g_main_loop_run(t->loop);
}

static void assert_lost(const Trouble *t)
{
	g_assert_nonnull(t->evidence);
	g_assert_cmpint(t->evidence->end, ==, VF_END_LOST);
}

/* The connection breaks while the console is being read. */
static void test_breaks(void)
{
	Trouble t = {.breaks = TRUE, .models = TRUE};

	run(&t);
	assert_lost(&t);
	tear_down(&t);
}

/* The user stops the run meanwhile; what destroys the domain fails before the read does. */
static void test_cancelled(void)
{
	Trouble t = {.cancels = TRUE};

	run(&t);
	tear_down(&t);
}

static void test_all_at_once(void)
{
	Trouble t = {.cancels = TRUE, .breaks = TRUE};

	run(&t);
	tear_down(&t);
}

/* The domain stops by itself, and the rest of its console cannot be had. */
static void test_stops(void)
{
	Trouble t = {.stops = TRUE};

	run(&t);
	assert_lost(&t);
	tear_down(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/libvirt-guest/breaks", test_breaks);
	g_test_add_func("/libvirt-guest/cancelled", test_cancelled);
	g_test_add_func("/libvirt-guest/all-at-once", test_all_at_once);
	g_test_add_func("/libvirt-guest/stops", test_stops);
	return g_test_run();
}
