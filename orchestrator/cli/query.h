// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that ask results.db one question: each has the same options, gets its answer as JSON
 * and prints it or a view of it.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"
#include "results-db/db.h"

typedef struct VfQuery {
	const GOptionEntry *options; /* further options, ended by a NULL name; may be NULL */
	const char *detail;	     /* for --help */
	int minimum, maximum;	     /* number of arguments */
	const char *missing;	     /* value of a first argument that was not given; may be NULL */
	/* New reference, or NULL with an error. */
	json_t *(*query)(VfDb *db, const struct VfQuery *query, GError **error);
	void (*print)(const json_t *answer, FILE *out);
	int (*status)(const json_t *answer); /* exit status of an answer; NULL: always 0 */
	gpointer data;

	const char *const *arguments; /* set by vf_query_main(): NULL-terminated */
} VfQuery;

/* Parses, opens the database, asks, prints. Returns the exit status. */
int vf_query_main(VfQuery *query, const VfCommand *command, int argc, char **argv);

/* Path of the database. Caller frees. */
char *vf_query_database(void);

extern const char vf_query_test_detail[];
