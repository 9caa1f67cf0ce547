// SPDX-License-Identifier: GPL-2.0-or-later
/* What a stranger's build uses of the host. All of it changes while it is looked at. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/*
 * Bytes that the files below @path take on disk, an inode as 4 KiB; links are not followed. Ends
 * early when it is above @enough. What is nested deeper than 64 directories counts as endless.
 */
guint64 vf_usage_disk(const char *path, guint64 enough);

/* Free bytes of the file system that holds @path; 0 when nobody can say. */
guint64 vf_usage_free(const char *path);

/*
 * Bytes of memory of the processes below @pid, itself not counted: what is resident, what is
 * swapped, and page tables. What several share counts for each.
 */
guint64 vf_usage_memory(pid_t pid);

/* The parent of the process @pid; 0 when there is none or it has gone. */
pid_t vf_usage_parent(pid_t pid);
