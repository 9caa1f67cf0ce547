// SPDX-License-Identifier: GPL-2.0-or-later
/* The names that description files have and use; what keeps them from being paths or options. */
#pragma once

#include "base/json-reader.h"

/* a-z, 0-9, '-' and '_', not beginning with '-', at most 64 characters. */
gboolean vf_name_valid(const char *name);

/* A relative path without "." or ".." steps, empty steps, or bytes that need a quote. */
gboolean vf_name_is_path(const char *path);

/* A Debian package, without the :ARCH or =VERSION that apt would understand. */
gboolean vf_name_is_package(const char *name);

/*
 * Names of the descriptions in @directory (an absolute path), sorted: of files NAME@suffix, or,
 * if @suffix begins with '/', of directories that hold such a file. Hidden entries are passed
 * over; any other entry whose NAME is not valid is VF_ERROR_DATA. Caller frees.
 */
GStrv vf_names_in(const char *directory, const char *suffix, GError **error);

/*
 * Checks for members that were read already. Each names @key, which may be a path from @json, in
 * its error (class VF_ERROR_DATA). The list checks also refuse a value that is there twice.
 */
gboolean vf_names_check(VfJson *json, const char *key, const char *const *names, GError **error);
gboolean vf_names_check_paths(VfJson *json, const char *key, const char *const *paths,
			      GError **error);
gboolean vf_names_check_each(VfJson *json, const char *key, const char *const *values,
			     gboolean (*check)(const char *value), const char *expected,
			     GError **error);
gboolean vf_names_check_packages(VfJson *json, const char *key, const char *const *names,
				 GError **error);
/* Words of a command line: printable, not empty, no {placeholder} but @known (may be NULL). */
gboolean vf_names_check_words(VfJson *json, const char *key, const char *const *words,
			      const char *known, GError **error);
/* One such word without blanks and quotes; NULL passes. */
gboolean vf_names_check_token(VfJson *json, const char *key, const char *token, GError **error);
/* Part of a kernel command line: printable ASCII without quotes; may be "" or NULL. */
gboolean vf_names_check_line(VfJson *json, const char *key, const char *line, GError **error);
/* Keys of a-z, 0-9 and '_' but @taken, with words as values. */
gboolean vf_names_check_map(VfJson *json, const char *key, GHashTable *map,
			    const char *const *taken, GError **error);
/* The member "name" must say what the file is called. */
gboolean vf_names_check_own(VfJson *json, const char *found, const char *expected, GError **error);

/* "@key: expected @expected, found "@value""; returns FALSE. */
gboolean vf_names_refuse(VfJson *json, const char *key, const char *expected, const char *value,
			 GError **error);
