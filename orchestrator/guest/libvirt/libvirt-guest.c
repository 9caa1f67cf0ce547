// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All that libvirt does for a guest is done in threads: it may wait for a host at the other end of
 * the world. A step is one call in a thread and what the main loop makes of it; the guest ends when
 * its domain has stopped and no step is under way. Steps overlap: a thread reads of the guest what
 * was set before the step began and does not change until it ends, and writes into the step alone.
 */
#include "guest/libvirt/libvirt-guest.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/read.h"
#include "guest/adopt.h"
#include "guest/boot.h"
#include "guest/libvirt/domain-xml.h"
#include "guest/libvirt/libvirt-files.h"
#include "guest/libvirt/libvirt-log.h"
#include "guest/qemu/qmp.h"
#include "guest/stream.h"

#define DRAIN_MAX     (16 * 1024 * 1024)
#define TAIL_MS	      250
#define TAIL_MAX      (1024 * 1024)	  /* bytes of one port that one look brings */
#define MODEL_MAX     (256 * 1024 * 1024) /* bytes of the model's report */
#define QEMU_LOG_MAX  (1024 * 1024)
#define NAME_TASK_MAX 120

typedef struct Port {
	char *name;    /* of the volume */
	guint64 taken; /* bytes */
	GByteArray *bytes;
	void (*feed)(const char *bytes, gsize length, gpointer boot);
} Port;

typedef struct Guest {
	VfHostGuest ear; /* first */
	VfHost *host;
	VfBoot *boot; /* owns us */
	const VfGuestSpec *spec;
	char *name;
	VfOwner *owner;
	virDomainPtr domain; /* NULL: not created yet */
	char *emulator;	     /* path there */
	char *version;
	pid_t pid; /* of a QEMU that this process buries, or 0 */

	guint pending; /* steps */
	gboolean created, stopped, destroy, destroying, fetched;
	gboolean leaving; /* its QEMU is gone, libvirt has still to clean up */
	int stop_detail;
	char *lost; /* why nobody can tell */
	char *refused;
	GError *broken; /* of this machine's files; ends the boot */

	/* a host that sees our files: named pipes in the guest's directory */
	VfStream *console_stream, *result_stream;
	/* another one: volumes */
	VfRemoteFiles *files;
	Port console, result;
	char *model;
	guint tail;
	gboolean tailing;
} Guest;

/* A call in a thread, and all that it leaves behind. */
typedef struct Step {
	const Guest *guest;
	void (*work)(struct Step *step); /* in a thread */
	void (*then)(Guest *guest, struct Step *step);
	gboolean hopeless; /* the guest was lost before the step began */
	char *lost;	   /* why nobody can tell how the guest goes on; or NULL */
	/* of create_work() */
	VfRemoteFiles *files;
	virDomainPtr domain; /* NULL: not created, @refused or @broken says why */
	pid_t pid;
	char *version, *refused;
	GError *broken;
} Step;

static void finish(Guest *guest);

static void in_thread(GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
		      G_GNUC_UNUSED GCancellable *cancellable)
{
	Step *step = data;

	step->work(step);
	g_task_return_boolean(task, TRUE);
}

static void on_step(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Step *step = g_task_get_task_data(G_TASK(result));
	Guest *guest = data;

	guest->pending--;
	if (!guest->lost)
		guest->lost = g_steal_pointer(&step->lost);
	step->then(guest, step);
	finish(guest);
}

/* What created() takes is the guest's. */
static void step_free(gpointer data)
{
	Step *step = data;

	g_free(step->lost);
	g_free(step);
}

static void start_step(Guest *guest, void (*work)(Step *step),
		       void (*then)(Guest *guest, Step *step))
{
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_step, guest);
	Step *step = g_new0(Step, 1);

	*step = (Step){.guest = guest, .work = work, .then = then, .hopeless = guest->lost != NULL};
	guest->pending++;
	g_task_set_task_data(task, step, step_free);
	g_task_run_in_thread(task, in_thread);
}

static void port_clear(Port *port)
{
	g_free(port->name);
	if (port->bytes)
		g_byte_array_unref(port->bytes);
}

static void remove_pipes(const VfGuestSpec *spec)
{
	static const char *const names[] = {"console.pipe", "result.pipe"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(spec->directory, names[i], NULL);

		unlink(path);
	}
}

static void guest_free(gpointer data)
{
	Guest *guest = data;

	if (guest->host) {
		vf_host_remove(guest->host, &guest->ear);
		guest->host->used--;
		guest->host->leaving += guest->leaving;
	}
	vf_adopt_forget(guest->pid);
	g_clear_handle_id(&guest->tail, g_source_remove);
	g_clear_pointer(&guest->console_stream, vf_stream_free);
	g_clear_pointer(&guest->result_stream, vf_stream_free);
	remove_pipes(guest->spec);
	vf_remote_files_free(guest->files);
	port_clear(&guest->console);
	port_clear(&guest->result);
	if (guest->domain)
		virDomainFree(guest->domain);
	vf_owner_free(guest->owner);
	g_clear_error(&guest->broken);
	g_free(guest->model);
	g_free(guest->lost);
	g_free(guest->refused);
	g_free(guest->version);
	g_free(guest->emulator);
	g_free(guest->name);
	g_free(guest);
}

static void destroy_work(Step *step)
{
	const Guest *guest = step->guest;

	if (!virDomainDestroy(guest->domain))
		return;
	if (virGetLastError() && virGetLastError()->code == VIR_ERR_NO_DOMAIN)
		return;
	step->lost = g_strdup_printf("%s: %s", guest->host->shown, virGetLastErrorMessage());
}

/* The event may still be on its way; it would say nothing new. */
static void destroyed(Guest *guest, G_GNUC_UNUSED Step *step)
{
	if (!guest->stopped)
		guest->stop_detail = VIR_DOMAIN_EVENT_STOPPED_DESTROYED;
	guest->stopped = TRUE;
}

static void destroy(gpointer data)
{
	Guest *guest = data;

	guest->destroy = TRUE;
	if (!guest->created || guest->stopped || guest->destroying)
		return;
	guest->destroying = TRUE;
	start_step(guest, destroy_work, destroyed);
}

/* libvirt would wait for ten seconds. */
static void kill_now(gpointer data)
{
	Guest *guest = data;

	destroy(guest);
	if (guest->created && !guest->stopped && guest->pid)
		vf_adopt_kill(guest->pid);
}

/* libvirt's SIGTERM lets the plugin write the end of its report. */
static const VfBootCalls boot_calls = {.stop = destroy, .kill = kill_now, .free = guest_free};

static Guest *guest_of(VfHostGuest *ear)
{
	return (Guest *)ear;
}

static void on_qemu_gone(gpointer data)
{
	Guest *guest = data;

	if (guest->stopped)
		return;
	guest->stopped = guest->leaving = TRUE;
	guest->stop_detail = VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN;
	finish(guest);
}

static void on_event(VfHostGuest *ear, int event, int detail)
{
	Guest *guest = guest_of(ear);

	if (event == VIR_DOMAIN_EVENT_CRASHED)
		vf_boot_panicked(guest->boot);
	/* The guest has powered off, and libvirt has told all that came before. It looks for the
	 * end of QEMU every 0.2 s. */
	if (event == VIR_DOMAIN_EVENT_SHUTDOWN && guest->pid) {
		vf_adopt_notify(guest->pid, on_qemu_gone, guest);
		return;
	}
	if (event != VIR_DOMAIN_EVENT_STOPPED)
		return;
	guest->leaving = FALSE;
	if (guest->stopped)
		return;
	guest->stopped = TRUE;
	guest->stop_detail = detail;
	finish(guest);
}

static void on_watchdog(VfHostGuest *ear)
{
	vf_boot_watchdog(guest_of(ear)->boot);
}

static void on_lost(VfHostGuest *ear)
{
	Guest *guest = guest_of(ear);

	if (!guest->lost)
		guest->lost = g_strdup(guest->host->error->message);
	guest->stopped = TRUE;
	finish(guest);
}

static char *domain_name(const VfGuestSpec *spec)
{
	g_autofree char *flat = g_strdelimit(g_strdup(spec->task->name), "/", '.');
	g_autofree char *attempt = g_path_get_basename(spec->directory);

	return g_strdup_printf("vifarm-%s-%.*s-%s", spec->run_id, NAME_TASK_MAX, flat, attempt);
}

/* A pipe that we hold open at both ends has a reader from the start, and never an end. */
static VfStream *open_pipe(Guest *guest, const char *path, VfStreamRead feed, GError **error)
{
	int fd;

	if (mkfifo(path, 0600) < 0 || (fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)) < 0) {
		vf_throw_errno(error, "%s", path);
		return NULL;
	}
	return vf_stream_new(fd, feed, guest->boot);
}

static gboolean open_pipes(Guest *guest, GError **error)
{
	g_autofree char *console = g_build_filename(guest->spec->directory, "console.pipe", NULL);
	g_autofree char *result = g_build_filename(guest->spec->directory, "result.pipe", NULL);

	remove_pipes(guest->spec);
	guest->console_stream = open_pipe(guest, console, vf_boot_console, error);
	if (!guest->console_stream)
		return FALSE;
	guest->result_stream = open_pipe(guest, result, vf_boot_result, error);
	return guest->result_stream != NULL;
}

static gboolean wants_model(const Guest *guest)
{
	return guest->spec->task->job->model.present && vf_qemu_wants_plugin(guest->spec);
}

/* Paths on the host; all are the caller's to free. */
typedef struct Places {
	char *image, *initramfs, *plugin, *console, *result, *model;
} Places;

static void places_clear(Places *places)
{
	g_free(places->image);
	g_free(places->initramfs);
	g_free(places->plugin);
	g_free(places->console);
	g_free(places->result);
	g_free(places->model);
}

static gboolean put_files(const VfGuestSpec *spec, VfRemoteFiles *files, Places *places,
			  GError **error)
{
	places->image = vf_remote_files_put(files, spec->kernel->image, error);
	if (!places->image)
		return FALSE;
	places->initramfs = vf_remote_files_put(files, spec->initramfs->path, error);
	if (!places->initramfs)
		return FALSE;
	if (!vf_qemu_wants_plugin(spec))
		return TRUE;
	places->plugin = vf_remote_files_put(files, spec->plugin, error);
	return places->plugin != NULL;
}

static gboolean make_files(const Guest *guest, VfRemoteFiles *files, Places *places, GError **error)
{
	places->console = vf_remote_files_make(files, guest->console.name, error);
	if (!places->console)
		return FALSE;
	places->result = vf_remote_files_make(files, guest->result.name, error);
	if (!places->result)
		return FALSE;
	if (!wants_model(guest))
		return TRUE;
	places->model = vf_remote_files_make(files, guest->model, error);
	return places->model != NULL;
}

/* One at a time for each host: the second finds what the first has sent. */
static gboolean find_remote_places(Step *step, Places *places, GError **error)
{
	const Guest *guest = step->guest;
	gboolean ok;

	g_mutex_lock(&guest->host->uploading);
	step->files = vf_remote_files_new(guest->host->connection, guest->host->shown, error);
	ok = step->files && put_files(guest->spec, step->files, places, error);
	g_mutex_unlock(&guest->host->uploading);
	return ok && make_files(guest, step->files, places, error);
}

static void find_places(const Guest *guest, Places *places)
{
	const VfGuestSpec *spec = guest->spec;

	places->image = g_canonicalize_filename(spec->kernel->image, NULL);
	places->initramfs = g_canonicalize_filename(spec->initramfs->path, NULL);
	places->plugin = g_strdup(spec->plugin);
	places->console = g_build_filename(spec->directory, "console.pipe", NULL);
	places->result = g_build_filename(spec->directory, "result.pipe", NULL);
	places->model = vf_qemu_model_path(spec);
}

static char *describe(const Guest *guest, const Places *places, GError **error)
{
	g_autofree char *path = g_build_filename(guest->spec->directory, "domain.xml", NULL);
	g_autofree char *xml = NULL;
	const VfDomain domain = {
		.name = guest->name,
		.emulator = guest->emulator,
		.owner = guest->owner,
		.files = {.image = places->image,
			  .initramfs = places->initramfs,
			  .plugin = places->plugin,
			  .model = places->model,
			  .console = places->console,
			  .result = places->result},
	};

	xml = vf_domain_xml(guest->spec, &domain, error);
	if (!xml || !vf_dirs_write(path, xml, -1, error))
		return NULL;
	return g_steal_pointer(&xml);
}

/* Not to know it is no error. */
static void ask_version(Step *step)
{
	char *answer = NULL;
	json_t *json;

	if (step->guest->version ||
	    virDomainQemuMonitorCommand(step->domain, "{\"execute\":\"query-version\"}", &answer,
					0))
		return;
	json = json_loads(answer, 0, NULL);
	step->version = vf_qmp_version(json_object_get(json, "return"));
	json_decref(json);
	free(answer);
}

/* 0: not known */
static pid_t read_pid(const Guest *guest)
{
	g_autofree char *file = g_strconcat(guest->name, ".pid", NULL);
	g_autofree char *path = g_build_filename(guest->host->root, "run", "qemu", file, NULL);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	return (pid_t)g_ascii_strtoll(text, NULL, 10);
}

static void create_domain(Step *step, const char *xml)
{
	const VfHost *host = step->guest->host;

	/* a daemon ends the guests of a client that dies; the embedded driver dies with us */
	step->domain = virDomainCreateXML(host->connection, xml,
					  host->root ? 0 : VIR_DOMAIN_START_AUTODESTROY);
	if (!step->domain) {
		step->refused = g_strdup_printf("%s: %s", host->shown, virGetLastErrorMessage());
		return;
	}
	if (host->root)
		step->pid = read_pid(step->guest);
	ask_version(step);
}

static void create_work(Step *step)
{
	const Guest *guest = step->guest;
	g_autofree char *xml = NULL;
	GError *error = NULL;
	Places places = {NULL};

	if (guest->host->direct)
		find_places(guest, &places);
	if (guest->host->direct || find_remote_places(step, &places, &error))
		xml = describe(guest, &places, &error);
	if (xml)
		create_domain(step, xml);
	else if (g_error_matches(error, VF_ERROR, VF_ERROR_IO))
		step->broken = g_steal_pointer(&error);
	else
		step->refused = g_strdup(error->message);
	g_clear_error(&error);
	places_clear(&places);
}

/* The bytes of both ports are this step's until it ends: there is one at a time. */
static void tail_work(Step *step)
{
	const Guest *guest = step->guest;
	const Port *ports[] = {&guest->console, &guest->result};

	for (guint i = 0; i < G_N_ELEMENTS(ports) && !step->hopeless && !step->lost; i++) {
		g_autoptr(GError) error = NULL;

		if (!vf_remote_files_read(guest->files, ports[i]->name, ports[i]->taken, TAIL_MAX,
					  ports[i]->bytes, &error))
			step->lost = g_strdup(error->message);
	}
}

static gboolean feed(Guest *guest, Port *port)
{
	guint n = port->bytes->len;

	port->taken += n;
	port->feed((const char *)port->bytes->data, n, guest->boot);
	g_byte_array_set_size(port->bytes, 0);
	return n > 0;
}

static void tailed(Guest *guest, G_GNUC_UNUSED Step *step)
{
	gboolean more = feed(guest, &guest->console);

	more = feed(guest, &guest->result) || more;
	guest->tailing = FALSE;
	/* the last look is the one that finds nothing new after the end */
	if (guest->stopped && (!more || guest->lost))
		g_clear_handle_id(&guest->tail, g_source_remove);
	else if (guest->stopped) {
		guest->tailing = TRUE;
		start_step(guest, tail_work, tailed);
	}
	if (guest->lost && !guest->stopped)
		destroy(guest);
}

static gboolean on_tail(gpointer data)
{
	Guest *guest = data;

	if (!guest->tailing) {
		guest->tailing = TRUE;
		start_step(guest, tail_work, tailed);
	}
	return G_SOURCE_CONTINUE;
}

static void created(Guest *guest, Step *step)
{
	guest->files = step->files;
	guest->domain = step->domain;
	guest->pid = step->pid;
	guest->refused = step->refused;
	guest->broken = step->broken;
	guest->created = guest->domain != NULL;
	if (!guest->created) {
		guest->stopped = TRUE;
		return;
	}
	if (step->version) {
		guest->version = step->version;
		g_hash_table_insert(guest->host->versions, g_strdup(guest->emulator),
				    g_strdup(guest->version));
	}
	if (guest->files)
		guest->tail = g_timeout_add(TAIL_MS, on_tail, guest);
	if (guest->destroy)
		destroy(guest);
}

static void fetch_work(Step *step)
{
	const Guest *guest = step->guest;
	g_autofree char *path = vf_qemu_model_path(guest->spec);
	g_autoptr(GError) error = NULL;

	if (wants_model(guest) && !step->hopeless &&
	    !vf_remote_files_get(guest->files, guest->model, path, MODEL_MAX, &error))
		step->lost = g_strdup(error->message);
	vf_remote_files_remove(guest->files, guest->console.name);
	vf_remote_files_remove(guest->files, guest->result.name);
	vf_remote_files_remove(guest->files, guest->model);
}

static void fetched(Guest *guest, G_GNUC_UNUSED Step *step)
{
	guest->fetched = TRUE;
}

static void take_qemu_log(Guest *guest)
{
	g_autofree char *path = vf_host_log(guest->host, guest->name);
	g_autofree char *text = NULL;
	GString *messages;
	gsize length;

	text = vf_read_head(path, QEMU_LOG_MAX, &length, NULL);
	if (!text)
		return;
	messages = vf_libvirt_log_messages(text, length);
	vf_boot_messages(messages->str, messages->len, guest->boot);
	g_string_free(messages, TRUE);
	unlink(path);
}

/* libvirt does not say how QEMU ended, but its parent knows. */
static gboolean take_status(const Guest *guest, VfBootEnd *end)
{
	int status;

	if (!guest->pid || !vf_adopt_status(guest->pid, &status))
		return FALSE;
	end->end = WIFEXITED(status) ? VF_END_EXIT : VF_END_SIGNAL;
	end->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	return TRUE;
}

static const char *const stop_reasons[] = {
	[VIR_DOMAIN_EVENT_STOPPED_DESTROYED] = "somebody else destroyed the domain",
	[VIR_DOMAIN_EVENT_STOPPED_CRASHED] = "its QEMU crashed",
	[VIR_DOMAIN_EVENT_STOPPED_MIGRATED] = "somebody else moved the domain",
	[VIR_DOMAIN_EVENT_STOPPED_SAVED] = "somebody else saved the domain",
	[VIR_DOMAIN_EVENT_STOPPED_FAILED] = "its QEMU ended and libvirt does not know how",
};

static void end(Guest *guest)
{
	VfBootEnd end = {.end = VF_END_EXIT, .emulator = guest->version, .error = guest->lost};
	guint detail = (guint)guest->stop_detail;
	g_autofree char *why = NULL;

	if (guest->lost) {
		end.end = VF_END_LOST;
	} else if (!vf_boot_stopping(guest->boot) && !take_status(guest, &end) &&
		   detail != VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN) {
		end.end = VF_END_LOST;
		why = g_strdup_printf("%s: %s", guest->host->shown,
				      detail < G_N_ELEMENTS(stop_reasons) && stop_reasons[detail]
					      ? stop_reasons[detail]
					      : "the domain stopped");
		end.error = why;
	}
	vf_boot_ended(guest->boot, &end);
}

/* Ends the guest when all is said; it is gone then. */
static void finish(Guest *guest)
{
	if (!guest->stopped || guest->pending)
		return;
	if (guest->broken)
		return vf_boot_abort(guest->boot, g_steal_pointer(&guest->broken));
	if (guest->tail && !guest->lost) {
		on_tail(guest);
		return;
	}
	if (guest->files && !guest->fetched)
		return start_step(guest, fetch_work, fetched);
	if (guest->refused && !guest->lost)
		return vf_boot_not_started(guest->boot, guest->refused);
	if (guest->console_stream) {
		vf_stream_drain(guest->console_stream, DRAIN_MAX);
		vf_stream_drain(guest->result_stream, DRAIN_MAX);
	}
	if (guest->host->root)
		take_qemu_log(guest);
	end(guest);
}

static void prepare_ports(Guest *guest)
{
	guest->console = (Port){.name = g_strconcat(guest->name, ".console", NULL),
				.bytes = g_byte_array_new(),
				.feed = vf_boot_console};
	guest->result = (Port){.name = g_strconcat(guest->name, ".result", NULL),
			       .bytes = g_byte_array_new(),
			       .feed = vf_boot_result};
	guest->model = g_strconcat(guest->name, ".model", NULL);
}

static void take_place(Guest *guest, VfHost *host)
{
	const VfGuestSpec *spec = guest->spec;

	guest->host = host;
	guest->name = domain_name(spec);
	guest->ear = (VfHostGuest){guest->name, on_event, on_watchdog, on_lost};
	guest->owner = vf_owner_self(spec->run_id);
	guest->emulator = vf_host_emulator(host, spec->task->arch);
	guest->version = g_strdup(g_hash_table_lookup(host->versions, guest->emulator));
	host->used++;
	vf_host_add(host, &guest->ear);
}

/* "argv" is what a person would call; "domain.xml" comes with the paths of the host. */
static gboolean write_argv(const VfGuestSpec *spec, GError **error)
{
	g_autofree char *path = g_build_filename(spec->directory, "argv", NULL);
	g_autofree char *line = vf_qemu_reproducer(spec);
	g_autofree char *text = g_strconcat(line, "\n", NULL);

	return vf_dirs_write(path, text, -1, error);
}

void vf_libvirt_guest_run(VfHost *host, const GError *why, const VfGuestSpec *spec,
			  GCancellable *cancellable, VfGuestProgress progress,
			  gpointer progress_data, GAsyncReadyCallback done, gpointer data)
{
	Guest *guest = g_new0(Guest, 1);
	g_autoptr(GError) error = NULL;

	guest->spec = spec;
	guest->boot = vf_boot_new(spec, cancellable, progress, progress_data, &boot_calls, guest,
				  done, data);
	if (!vf_boot_prepare(guest->boot, &error))
		return vf_boot_abort(guest->boot, g_steal_pointer(&error));
	if (!host)
		return vf_boot_not_started(guest->boot,
					   why ? why->message : "no libvirt host has room for it");
	take_place(guest, host);
	if (!write_argv(spec, &error) || (host->direct && !open_pipes(guest, &error)))
		return vf_boot_abort(guest->boot, g_steal_pointer(&error));
	if (!host->direct)
		prepare_ports(guest);
	vf_boot_begin(guest->boot);
	start_step(guest, create_work, created);
}
