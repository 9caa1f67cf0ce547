// SPDX-License-Identifier: GPL-2.0-or-later
/* What QEMU itself said, out of the log that libvirt keeps of a domain. */
#pragma once

#include <glib.h>

/*
 * Leaves out libvirt's own lines (the command line, what it did to the guest), QEMU's farewell when
 * libvirt ends it, and the time before each of its lines. Any bytes; never NULL; caller frees.
 */
GString *vf_libvirt_log_messages(const char *log, gsize length);
