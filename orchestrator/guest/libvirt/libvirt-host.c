// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/libvirt/libvirt-host.h"

#include <libvirt-glib/libvirt-glib.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "guest/adopt.h"
#include "guest/libvirt/domain-xml.h"
#include "guest/libvirt/libvirt-files.h"
#include "guest/libvirt/libvirt-root.h"
#include "guest/qemu/qemu-check.h"

#define OPEN_SECONDS	20 /* for a host to answer; then it counts as unreachable */
#define LEAVE_SECONDS	2  /* for libvirt to clean up after a guest */
#define KEEPALIVE_S	5
#define KEEPALIVE_COUNT 3

gboolean vf_host_throw(GError **error, const char *prefix)
{
	const char *message = virGetLastErrorMessage();
	const char *hint = strstr(message, "Failed to parse user 'libvirt-qemu'")
				   ? " (./farm makes it, or the package libvirt-daemon-system)"
				   : "";

	return vf_throw(error, VF_ERROR_HARNESS, "%s: %s%s", prefix, message, hint);
}

static void ignore_error(G_GNUC_UNUSED void *data, G_GNUC_UNUSED virErrorPtr error)
{
}

/* libvirt would write to our stderr and wants an event loop before its first connection. */
static void initialise(void)
{
	static gboolean done;

	if (done)
		return;
	done = TRUE;
	g_setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);
	virInitialize();
	virSetErrorFunc(NULL, ignore_error);
	gvir_event_register();
}

static const char *const schemes[] = {"qemu",	     "qemu+unix", "qemu+ssh",
				      "qemu+libssh", "qemu+tls",  "qemu+tcp",
				      "qemu+ext",    "test",	  NULL};

static gboolean refuse(GError **error, const char *uri, const char *what)
{
	return vf_throw(error, VF_ERROR_USAGE,
			"--connect %s: %s; expected a libvirt URI such as qemu:///embed, "
			"qemu:///session or qemu+ssh://HOST/session",
			uri, what);
}

static char *parameter_of(GUri *uri, const char *name)
{
	const char *query = g_uri_get_query(uri);
	g_autoptr(GHashTable) params =
		query ? g_uri_parse_params(query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;

	return params ? g_strdup(g_hash_table_lookup(params, name)) : NULL;
}

static gboolean set_up_embedded(VfHost *host, GUri *uri, GError **error)
{
	g_autofree char *escaped = NULL;

	host->root = parameter_of(uri, "root");
	host->own_root = !host->root;
	if (host->root && !g_path_is_absolute(host->root))
		return refuse(error, host->uri, "root= is not an absolute path");
	if (host->own_root)
		host->root = vf_libvirt_root_new(error);
	if (!host->root || !vf_libvirt_root_set_up(host->root, error))
		return FALSE;
	escaped = g_uri_escape_string(host->root, "/", FALSE);
	g_free(host->uri);
	host->uri = g_strdup_printf("qemu:///embed?root=%s", escaped);
	return TRUE;
}

/* A question of ssh would wait for ever. */
static void never_ask(VfHost *host)
{
	char *uri;

	if (!g_str_has_prefix(host->uri, "qemu+ssh://") || strstr(host->uri, "no_tty="))
		return;
	uri = g_strdup_printf("%s%cno_tty=1", host->uri, strchr(host->uri, '?') ? '&' : '?');
	g_free(host->uri);
	host->uri = uri;
}

static gboolean take_uri(VfHost *host, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(host->uri, G_URI_FLAGS_NONE, NULL);
	g_autofree char *socket = uri ? parameter_of(uri, "socket") : NULL;
	const char *server, *path;

	if (!uri || !g_strv_contains(schemes, g_uri_get_scheme(uri)))
		return refuse(error, host->uri, "no URI of libvirt's QEMU driver");
	server = g_uri_get_host(uri);
	path = g_uri_get_path(uri);
	host->shown = g_strndup(host->uri, strcspn(host->uri, "?"));
	host->emulates = !g_str_equal(g_uri_get_scheme(uri), "test");
	if (!host->emulates)
		return TRUE;
	if (g_str_equal(path, "/embed"))
		return !server || !*server
			       ? (host->direct = set_up_embedded(host, uri, error))
			       : refuse(error, host->uri, "embedded means this machine");
	if (!g_str_equal(path, "/session") && !g_str_equal(path, "/system"))
		return refuse(error, host->uri, "its path is none of /embed, /session, /system");
	/* a socket that was asked for may be of another user or machine */
	host->direct = (!server || !*server) && !socket && g_str_equal(path, "/session");
	never_ask(host);
	return TRUE;
}

static void free_error(gpointer error)
{
	if (error)
		g_error_free(error);
}

VfHost *vf_host_new(const char *uri, GError **error)
{
	VfHost *host = g_new0(VfHost, 1);

	host->uri = g_strdup(uri);
	g_mutex_init(&host->uploading);
	host->able = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_error);
	host->guests = g_hash_table_new(g_str_hash, g_str_equal);
	host->versions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!take_uri(host, error)) {
		vf_host_free(host);
		return NULL;
	}
	return host;
}

void vf_host_add(VfHost *host, VfHostGuest *guest)
{
	g_hash_table_insert(host->guests, (char *)guest->name, guest);
}

void vf_host_remove(VfHost *host, VfHostGuest *guest)
{
	g_hash_table_remove(host->guests, guest->name);
}

static VfHostGuest *guest_of(VfHost *host, virDomainPtr domain)
{
	return g_hash_table_lookup(host->guests, virDomainGetName(domain));
}

char *vf_host_log(const VfHost *host, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".log", NULL);

	return g_build_filename(host->root, "log", "qemu", file, NULL);
}

/* libvirt has written a last line of its own into a new log. */
static void on_left(VfHost *host, virDomainPtr domain)
{
	g_autofree char *path = vf_host_log(host, virDomainGetName(domain));

	host->leaving--;
	unlink(path);
}

static int on_lifecycle(G_GNUC_UNUSED virConnectPtr connection, virDomainPtr domain, int event,
			int detail, void *data)
{
	VfHost *host = data;
	VfHostGuest *guest = guest_of(host, domain);

	if (guest)
		guest->event(guest, event, detail);
	else if (event == VIR_DOMAIN_EVENT_STOPPED && host->leaving)
		on_left(host, domain);
	return 0;
}

static void on_watchdog(G_GNUC_UNUSED virConnectPtr connection, virDomainPtr domain,
			G_GNUC_UNUSED int action, void *data)
{
	VfHostGuest *guest = guest_of(data, domain);

	if (guest)
		guest->watchdog(guest);
}

static const char *const close_reasons[] = {
	[VIR_CONNECT_CLOSE_REASON_ERROR] = "the connection broke",
	[VIR_CONNECT_CLOSE_REASON_EOF] = "the connection was closed by the other side",
	[VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "the host does not answer any more",
	[VIR_CONNECT_CLOSE_REASON_CLIENT] = "the connection was closed",
};

static void on_closed(G_GNUC_UNUSED virConnectPtr connection, int reason, void *data)
{
	VfHost *host = data;
	g_autoptr(GList) guests = g_hash_table_get_values(host->guests);
	guint n = MIN((guint)reason, G_N_ELEMENTS(close_reasons) - 1);

	if (host->error)
		return;
	vf_throw(&host->error, VF_ERROR_HARNESS, "%s: %s", host->shown, close_reasons[n]);
	for (GList *link = guests; link; link = link->next)
		((VfHostGuest *)link->data)->lost(link->data);
}

static gboolean on_enough(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_REMOVE;
}

static void wait_for_leaving(const VfHost *host)
{
	gboolean enough = FALSE;
	guint timer = g_timeout_add_seconds(LEAVE_SECONDS, on_enough, &enough);

	while (host->leaving && !enough)
		g_main_context_iteration(NULL, TRUE);
	if (!enough)
		g_source_remove(timer);
}

static void close_connection(VfHost *host)
{
	if (!host->connection)
		return;
	if (host->leaving)
		wait_for_leaving(host);
	for (guint i = 0; i < G_N_ELEMENTS(host->callbacks); i++)
		if (host->callbacks[i] >= 0)
			virConnectDomainEventDeregisterAny(host->connection, host->callbacks[i]);
	virConnectUnregisterCloseCallback(host->connection, on_closed);
	virConnectClose(host->connection);
	host->connection = NULL;
}

void vf_host_free(VfHost *host)
{
	if (!host)
		return;
	close_connection(host);
	if (host->own_root && host->root)
		vf_libvirt_root_remove(host->root);
	g_mutex_clear(&host->uploading);
	g_hash_table_unref(host->able);
	g_hash_table_unref(host->guests);
	g_hash_table_unref(host->versions);
	g_clear_error(&host->error);
	g_free(host->root);
	g_free(host->shown);
	g_free(host->uri);
	g_free(host);
}

/*
 * What the thread works on. When the host does not answer in time the main loop goes on without;
 * the last of both frees it.
 */
typedef struct Opening {
	gint references;
	char *uri, *shown;
	gboolean pool;	   /* files go through one */
	GPtrArray *wanted; /* of Wanted */
	virConnectPtr connection;
	guint cpus, swept;
	GError *error;
} Opening;

typedef struct Wanted {
	char *key, *emulator, *arch, *machine;
	GError *error;
} Wanted;

static void wanted_free(gpointer data)
{
	Wanted *wanted = data;

	g_free(wanted->key);
	g_free(wanted->emulator);
	g_free(wanted->arch);
	g_free(wanted->machine);
	g_clear_error(&wanted->error);
	g_free(wanted);
}

static void opening_unref(gpointer data)
{
	Opening *opening = data;

	if (!g_atomic_int_dec_and_test(&opening->references))
		return;
	if (opening->connection)
		virConnectClose(opening->connection);
	g_ptr_array_unref(opening->wanted);
	g_clear_error(&opening->error);
	g_free(opening->uri);
	g_free(opening->shown);
	g_free(opening);
}

static char *key_of(const VfTask *task)
{
	g_autofree char *machine = vf_domain_machine(task->board);

	return g_strdup_printf("%s %s", task->arch->name, machine);
}

char *vf_host_emulator(const VfHost *host, const VfArch *arch)
{
	char *path = host->direct ? vf_qemu_find(arch, NULL) : NULL;

	return path ? path : g_build_filename("/usr/bin", arch->qemu.binary, NULL);
}

static gboolean is_wanted(const GPtrArray *wanted, const char *key)
{
	for (guint i = 0; i < wanted->len; i++)
		if (g_str_equal(((Wanted *)wanted->pdata[i])->key, key))
			return TRUE;
	return FALSE;
}

static void want(GPtrArray *list, const VfHost *host, const VfTask *task)
{
	g_autofree char *key = key_of(task);
	Wanted *wanted;

	if (task->skip || is_wanted(list, key))
		return;
	wanted = g_new0(Wanted, 1);
	wanted->key = g_steal_pointer(&key);
	wanted->emulator = vf_host_emulator(host, task->arch);
	wanted->arch = g_strdup(vf_domain_arch(task->arch));
	wanted->machine = vf_domain_machine(task->board);
	if (host->direct)
		vf_qemu_check(task->arch, &wanted->error);
	g_ptr_array_add(list, wanted);
}

/*
 * What libvirt says of an emulator. An architecture that it has no name for it will never run; an
 * emulator that it cannot start may be installed. It leaves no error at all when it has a name for
 * the architecture but cannot make sense of the emulator.
 */
static void ask(Opening *opening, Wanted *wanted)
{
	char *xml;
	const virError *last;

	if (wanted->error)
		return;
	virResetLastError();
	xml = virConnectGetDomainCapabilities(opening->connection, wanted->emulator, wanted->arch,
					      wanted->machine, "qemu", 0);
	if (xml) {
		free(xml);
		return;
	}
	last = virGetLastError();
	if (!last || last->code == VIR_ERR_OK)
		vf_throw(&wanted->error, VF_ERROR_UNFIT, "libvirt can make nothing of %s",
			 wanted->emulator);
	else if (last->code == VIR_ERR_SYSTEM_ERROR)
		vf_throw(&wanted->error, VF_ERROR_MISSING, "%s: %s", opening->shown, last->message);
	else
		vf_throw(&wanted->error,
			 last->code == VIR_ERR_INVALID_ARG || last->code == VIR_ERR_NO_SUPPORT
				 ? VF_ERROR_UNFIT
				 : VF_ERROR_HARNESS,
			 "libvirt cannot run it: %s", last->message);
}

static gboolean check_pool(Opening *opening)
{
	g_autoptr(VfRemoteFiles) files =
		vf_remote_files_new(opening->connection, opening->shown, &opening->error);

	if (files)
		vf_remote_files_sweep(files);
	return files != NULL;
}

static void open_in_thread(GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
			   G_GNUC_UNUSED GCancellable *cancellable)
{
	Opening *opening = data;
	virNodeInfo info;

	opening->connection = virConnectOpen(opening->uri);
	if (!opening->connection) {
		vf_host_throw(&opening->error, opening->shown);
		g_task_return_boolean(task, TRUE);
		return;
	}
	opening->cpus = virNodeGetInfo(opening->connection, &info) ? 1 : MAX(info.cpus, 1);
	opening->swept = vf_host_sweep(opening->connection);
	if (opening->pool && !check_pool(opening)) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	for (guint i = 0; i < opening->wanted->len; i++)
		ask(opening, opening->wanted->pdata[i]);
	g_task_return_boolean(task, TRUE);
}

/* The call that a thread works for; answered by it or by the clock, whichever comes first. */
typedef struct Call {
	VfHost *host;
	Opening *opening;
	GTask *task; /* NULL: answered */
	guint timer;
} Call;

static void call_unref(gpointer data)
{
	Call *call = data;

	opening_unref(call->opening);
	g_free(call);
}

static void answer(Call *call, guint swept)
{
	g_autoptr(GTask) task = g_steal_pointer(&call->task);

	g_clear_handle_id(&call->timer, g_source_remove);
	g_task_return_int(task, swept);
}

static gboolean on_too_late(gpointer data)
{
	Call *call = data;

	call->timer = 0;
	vf_throw(&call->host->error, VF_ERROR_HARNESS, "%s: no answer within %d s",
		 call->host->shown, OPEN_SECONDS);
	answer(call, 0);
	return G_SOURCE_REMOVE;
}

static void listen(VfHost *host)
{
	virConnectPtr connection = host->connection;

	host->callbacks[0] =
		virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
						 VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), host,
						 NULL);
	host->callbacks[1] =
		virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_WATCHDOG,
						 VIR_DOMAIN_EVENT_CALLBACK(on_watchdog), host,
						 NULL);
	virConnectRegisterCloseCallback(connection, on_closed, host, NULL);
	virConnectSetKeepAlive(connection, KEEPALIVE_S, KEEPALIVE_COUNT);
}

static void take_host(VfHost *host, Opening *opening)
{
	host->connection = g_steal_pointer(&opening->connection);
	host->error = g_steal_pointer(&opening->error);
	host->slots = opening->cpus;
	for (guint i = 0; i < opening->wanted->len; i++) {
		Wanted *wanted = opening->wanted->pdata[i];

		g_hash_table_insert(host->able, g_strdup(wanted->key),
				    g_steal_pointer(&wanted->error));
	}
	if (host->connection)
		listen(host);
}

static void on_opened(G_GNUC_UNUSED GObject *source, G_GNUC_UNUSED GAsyncResult *result,
		      gpointer data)
{
	Call *call = data;
	Opening *opening = call->opening;

	if (call->task) {
		take_host(call->host, opening);
		answer(call, opening->swept);
	}
	call_unref(call);
}

void vf_host_open_async(VfHost *host, const VfPlan *plan, GAsyncReadyCallback done, gpointer data)
{
	Opening *opening = g_new0(Opening, 1);
	Call *call = g_new0(Call, 1);
	g_autoptr(GTask) thread = g_task_new(NULL, NULL, on_opened, call);

	initialise();
	if (host->root)
		vf_adopt_begin();
	*opening = (Opening){
		.references = 2,
		.uri = g_strdup(host->uri),
		.shown = g_strdup(host->shown),
		.pool = host->emulates && !host->direct,
		.wanted = g_ptr_array_new_with_free_func(wanted_free),
	};
	for (guint i = 0; plan && i < plan->tasks->len; i++)
		want(opening->wanted, host, plan->tasks->pdata[i]);
	*call = (Call){.host = host,
		       .opening = opening,
		       .task = g_task_new(NULL, NULL, done, data)};
	call->timer = g_timeout_add_seconds(OPEN_SECONDS, on_too_late, call);
	g_task_set_task_data(thread, opening, opening_unref);
	g_task_run_in_thread(thread, open_in_thread);
}

guint vf_host_open_finish(G_GNUC_UNUSED VfHost *host, GAsyncResult *result)
{
	return (guint)g_task_propagate_int(G_TASK(result), NULL);
}

const GError *vf_host_unable(const VfHost *host, const VfTask *task)
{
	g_autofree char *key = NULL;

	if (host->error)
		return host->error;
	key = key_of(task);
	return g_hash_table_lookup(host->able, key);
}

static gboolean is_stray(virDomainPtr domain)
{
	char *xml =
		virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, VF_OWNER_NAMESPACE, 0);
	g_autoptr(VfOwner) owner = xml ? vf_owner_parse(xml, strlen(xml), NULL) : NULL;

	free(xml);
	return owner && vf_owner_is_gone(owner);
}

guint vf_host_sweep(virConnectPtr connection)
{
	virDomainPtr *domains = NULL;
	int n = virConnectListAllDomains(connection, &domains, 0);
	guint swept = 0;

	for (int i = 0; i < n; i++) {
		if (is_stray(domains[i]) && !virDomainDestroy(domains[i]))
			swept++;
		virDomainFree(domains[i]);
	}
	free(domains);
	return swept;
}
