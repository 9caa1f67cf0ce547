// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps directories of the cache from growing for ever. */
#pragma once

#include <glib.h>

#include "base/lock.h"

typedef struct VfTrim {
	const char *kind; /* directory of the cache */
	/* file in an entry whose time is that of the last use; NULL, or no such: the entry's own */
	const char *record;
	guint keep;	 /* entries */
	guint64 bytes;	 /* of all entries on the disk; 0: as many as there are */
	gboolean locked; /* who uses an entry holds vf_trim_use(), shared */
} VfTrim;

/*
 * Removes the entries that were used longest ago and not within a day until @keep are left, and what
 * killed runs left half done (".tmp"). Above @bytes, those that were used within a day go as well;
 * never one whose lock is held.
 */
void vf_trim(const VfTrim *trim);

/* The lock on the entry @name of @kind; NULL when another holds it. */
VfLock *vf_trim_use(const char *kind, const char *name, VfLockMode mode);
