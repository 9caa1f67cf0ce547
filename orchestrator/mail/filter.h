// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What concerns this farm: mail/filter.json, docs/bot.md. Rules of path patterns, each naming the
 * architectures and jobs that a patch to such a path can break.
 */
#pragma once

#include <glib.h>

typedef struct VfMailFilter VfMailFilter;

void vf_mail_filter_free(VfMailFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailFilter, vf_mail_filter_free)

/*
 * @path NULL: mail/filter.json below @data. The names in it are checked against the architectures
 * and jobs below @data; VF_ERROR_DATA names the file and the key.
 */
VfMailFilter *vf_mail_filter_load(const char *data, const char *path, GError **error);
VfMailFilter *vf_mail_filter_parse(const char *text, gsize length, const char *data,
				   const char *name, GError **error);

/* Both NULL-terminated, sorted, never NULL; empty: no concern of ours. */
typedef struct VfConcern {
	GStrv archs, jobs;
	GStrv rules;   /* names of the rules that matched, in the file's order */
	char *ignored; /* the prefix in the subject for which it is none, or NULL */
} VfConcern;

void vf_concern_clear(VfConcern *concern);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfConcern, vf_concern_clear)

/*
 * Fills @concern, which must be clear. @paths: what a series touches; @prefixes: the words in the
 * brackets of its subject; both NULL-terminated.
 */
void vf_mail_filter_match(const VfMailFilter *filter, const char *const *paths,
			  const char *const *prefixes, VfConcern *concern);

/*
 * "*" is anything but a slash, "?" one such character, "**" anything; a pattern that ends in a
 * slash matches everything below.
 */
gboolean vf_mail_glob(const char *pattern, const char *path);
