// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who called the function that met a hazard: memcpy alone says nothing.
 *
 * Call instructions are noted with the stack pointer that they ran with, one
 * list for each kernel stack. A note is dropped when a call is made from the
 * same or an outer frame, so returns, context switches and interrupts need not
 * be followed. The first call site may be one that has already returned: when
 * it lies in the same function as the program counter, it is to be left out.
 */
#pragma once

#include <glib.h>

typedef struct VfCalls VfCalls;

VfCalls *vf_calls_new(gboolean stack_grows_up);
void vf_calls_free(VfCalls *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfCalls, vf_calls_free)

void vf_calls_reset(VfCalls *c);

/* The instruction at @site called with stack pointer @sp. */
void vf_calls_note(VfCalls *c, guint64 sp, guint64 site);

/* Sites of the calls that a function running with @sp came from, innermost first. Returns how many.
 */
guint vf_calls_chain(const VfCalls *c, guint64 sp, guint64 *sites, guint max);
