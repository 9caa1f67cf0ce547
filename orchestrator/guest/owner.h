// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose guest is it? A domain on a libvirt host carries in its metadata which orchestrator started
 * it, so that one that was killed can be told from one that runs, also where several machines share
 * a host. An element of a namespace of its own:
 *   <vifarm:guest xmlns:vifarm="urn:vifarm:guest:1" run="..." machine="..." boot="..."
 *                 space="..." user="0" pid="1" start="2"/>
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define VF_OWNER_NAMESPACE "urn:vifarm:guest:1"
#define VF_OWNER_PREFIX	   "vifarm"
#define VF_OWNER_XML_MAX   4096 /* bytes that are looked at */

typedef struct VfOwner {
	char *run;     /* id of the run */
	char *machine; /* digest of the machine's identity */
	char *boot;    /* id of its boot: process ids start again with the next */
	char *space;   /* of process ids: containers of one machine have their own */
	guint64 user;
	guint64 pid, start; /* of the orchestrator, vf_qemu_start_time() */
} VfOwner;

VfOwner *vf_owner_self(const char *run); /* this process */
void vf_owner_free(VfOwner *owner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfOwner, vf_owner_free)

char *vf_owner_xml(const VfOwner *owner); /* one line; caller frees */

/* As libvirt returns it, with or without prefix. NULL with VF_ERROR_PROTOCOL. */
VfOwner *vf_owner_parse(const char *xml, gsize length, GError **error);

/* The orchestrator ran on this machine for this user, and is no more. In doubt FALSE. */
gboolean vf_owner_is_gone(const VfOwner *owner);
