// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One libvirt host: its connection, what it can run, the guests that this process has there. Calls
 * that may take long are made in threads of GLib's pool; whatever is told to the owner, and all
 * fields, belong to the main loop.
 */
#pragma once

#include <gio/gio.h>
#include <libvirt/libvirt.h>

#include "guest/owner.h"
#include "plan/plan.h"

typedef struct VfHost VfHost;

/* One guest's ear; lives in the caller. Both come in the main loop, after the guest was added. */
typedef struct VfHostGuest {
	const char *name; /* of the domain */
	/* @event, @detail: virDomainEventType and what belongs to it */
	void (*event)(struct VfHostGuest *guest, int event, int detail);
	void (*watchdog)(struct VfHostGuest *guest);
	void (*lost)(struct VfHostGuest *guest); /* no event will come any more */
} VfHostGuest;

struct VfHost {
	char *uri;   /* for libvirt */
	char *shown; /* for people: without query, "qemu:///embed" */
	char *root;  /* of the embedded driver, NULL: another one */
	gboolean own_root;
	/* The host sees this machine's files as this user; others get theirs by storage volumes. */
	gboolean direct;
	gboolean emulates;	  /* a QEMU driver; not test:///default */
	virConnectPtr connection; /* NULL: not open, @error says why */
	GError *error;
	guint slots, used;    /* guests at once */
	guint leaving;	      /* domains without a guest whose end libvirt has still to tell */
	int callbacks[2];     /* ids of libvirt's */
	GMutex uploading;     /* held by the one thread that brings files there */
	GHashTable *able;     /* "arch machine" to GError *, or to NULL: can */
	GHashTable *guests;   /* name to VfHostGuest * */
	GHashTable *versions; /* emulator to its name and version */
};

/* VF_ERROR_USAGE when @uri is none that vifarm can use. Makes the root of an embedded driver. */
VfHost *vf_host_new(const char *uri, GError **error);
void vf_host_free(VfHost *host); /* closes, runs the main loop; no call may be under way */

/*
 * Connects, asks for what @plan needs, and destroys the domains of orchestrators that are gone.
 * Never fails: a host that does not answer has no connection and an error. vf_host_open_finish()
 * says how many domains were destroyed.
 */
void vf_host_open_async(VfHost *host, const VfPlan *plan, GAsyncReadyCallback done, gpointer data);
guint vf_host_open_finish(VfHost *host, GAsyncResult *result);

/* Before the domain is created, so that no event is missed. @guest->name is unique. */
void vf_host_add(VfHost *host, VfHostGuest *guest);
void vf_host_remove(VfHost *host, VfHostGuest *guest);

/* NULL: @task can be run. The host's own error when it is not connected. Borrowed. */
const GError *vf_host_unable(const VfHost *host, const VfTask *task);

/* Where an embedded driver writes what the QEMU of the domain @name says. Caller frees. */
char *vf_host_log(const VfHost *host, const char *name);

/* Path of @arch's emulator there. Caller frees. */
char *vf_host_emulator(const VfHost *host, const VfArch *arch);

/*
 * Destroys each domain on @connection whose owner is gone; returns how many. Blocks. Domains
 * without vifarm's metadata, of other machines, users and processes that live are left alone.
 */
guint vf_host_sweep(virConnectPtr connection);

/* Sets @error from libvirt's last one in this thread: "PREFIX: MESSAGE". Returns FALSE. */
gboolean vf_host_throw(GError **error, const char *prefix);
