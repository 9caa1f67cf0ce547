// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU's monitor protocol, the side that gives orders (docs/interop/qmp-spec.rst of QEMU). Knows
 * nothing of descriptors: bytes come in by vf_qmp_feed(), commands go out by a callback. Commands
 * given before the greeting wait for it.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#define VF_QMP_LINE_MAX (64 * 1024)

typedef struct VfQmp VfQmp;

typedef struct VfQmpCalls {
	void (*send)(const char *bytes, gsize length, gpointer data);
	/* @details: the event's data, or NULL; borrowed */
	void (*event)(const char *name, const json_t *details, gpointer data);
	gpointer data;
} VfQmpCalls;

VfQmp *vf_qmp_new(const VfQmpCalls *calls);
void vf_qmp_free(VfQmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfQmp, vf_qmp_free)

void vf_qmp_feed(VfQmp *qmp, const char *bytes, gsize length);

/* A command without arguments, "quit". Its answer is not waited for. */
void vf_qmp_execute(VfQmp *qmp, const char *command);

/* "QEMU 10.0.2 (Debian ...)" from the greeting, or NULL. */
const char *vf_qmp_emulator(const VfQmp *qmp);

/* The same from the answer to query-version; NULL when it is none. Caller frees. */
char *vf_qmp_version(const json_t *version);

/* First thing that was not QMP or an error answer, one line, or NULL. Nothing is read after it. */
const char *vf_qmp_error(const VfQmp *qmp);
