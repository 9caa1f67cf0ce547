// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: bench-results-db ORCHESTRATOR [RUNS]
 *
 * Fills a database with RUNS (default 10,000) runs of 100 results each, then asks it each question
 * by the command line, as a person would, and prints a table of medians. Exit status 1 when one
 * of them takes more than LIMIT_MS. On a machine that has other work, look at the CPU time.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "results-db/internal.h"
#include "paths.h"
#include "scratch.h"

#define REPEATS	 15
#define LIMIT_MS 100.0

static double generate(const char *path, gint64 runs)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *script = NULL, *size = NULL;
	g_autoptr(VfDb) db = vf_db_open(path, &error);
	gint64 start = g_get_monotonic_time();

	bench_must(db != NULL, "open", error);
	bench_must(g_file_get_contents(VIFARM_SOURCE_DIR "/bench/src/results-db.sql", &script, NULL,
				       &error),
		   "results-db.sql", error);
	size = g_strdup_printf("CREATE TEMP TABLE size AS SELECT %" G_GINT64_FORMAT " AS runs",
			       runs);
	bench_must(sqlite3_exec(db->handle, size, NULL, NULL, NULL) == SQLITE_OK &&
			   sqlite3_exec(db->handle, "BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
			   sqlite3_exec(db->handle, script, NULL, NULL, NULL) == SQLITE_OK &&
			   sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK,
		   sqlite3_errmsg(db->handle), NULL);
	return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

typedef struct Cost {
	double wall, cpu; /* milliseconds */
} Cost;

static double cpu_of_children(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* One call; @status is what it must exit with. */
static Cost once(const char *const *argv, const char *line, int status)
{
	double cpu = cpu_of_children();
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) child = NULL;
	gint64 start = g_get_monotonic_time();

	child = g_subprocess_newv(argv,
				  G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
					  G_SUBPROCESS_FLAGS_STDERR_SILENCE,
				  &error);
	bench_must(child && g_subprocess_wait(child, NULL, &error), line, error);
	bench_must(g_subprocess_get_if_exited(child) &&
			   g_subprocess_get_exit_status(child) == status,
		   line, NULL);
	return (Cost){(double)(g_get_monotonic_time() - start) / 1000, cpu_of_children() - cpu};
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Asks one question REPEATS times and prints its row; returns the median in milliseconds. */
static double measure(const char *orchestrator, const char *line, int status)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	double times[REPEATS], cpu[REPEATS];

	g_ptr_array_add(argv, (gpointer)orchestrator);
	for (char **word = words; *word; word++)
		g_ptr_array_add(argv, *word);
	g_ptr_array_add(argv, NULL);
	for (int i = 0; i < REPEATS; i++) {
		Cost cost = once((const char *const *)argv->pdata, line, status);

		times[i] = cost.wall;
		cpu[i] = cost.cpu;
	}
	qsort(times, REPEATS, sizeof(times[0]), by_value);
	qsort(cpu, REPEATS, sizeof(cpu[0]), by_value);
	g_print("%-46s %9.1f %7.1f %9.1f\n", line, times[REPEATS / 2], times[REPEATS - 1],
		cpu[REPEATS / 2]);
	return times[REPEATS / 2];
}

static const struct {
	const char *line;
	int status;
} questions[] = {
	{"list runs", 0},
	{"show LAST", 0},
	{"show LAST --format json", 0},
	{"show LAST~5000 --format json", 0},
	{"history --arch hppa --job boot", 0},
	{"history --arch hppa --job boot --limit 10000", 0},
	{"history --limit 20", 0},
	{"compare LAST~1 LAST", 1},
	{"compare LAST~8999 LAST", 1},
	{"why hppa/default/boot/full", 0},
	{"why 500000 --format json", 0},
	{"repro 999999", 0},
	{"export kcidb LAST", 0},
	{"export junit LAST", 0},
	{"export ktap LAST", 0},
	{"prune --keep 5000 --dry-run", 0},
	{"bogus", 64},
};

int main(int argc, char **argv)
{
	g_autofree char *directory = NULL, *path = NULL;
	gint64 runs = argc > 2 ? g_ascii_strtoll(argv[2], NULL, 10) : 10000;
	gboolean slow = FALSE;
	GStatBuf size;
	double seconds;

	bench_must(argc > 1 && runs >= 10000,
		   "usage: bench-results-db ORCHESTRATOR [RUNS of at least 10000]", NULL);
	directory = bench_directory();
	path = g_build_filename(directory, "vifarm", "results.db", NULL);
	g_setenv("XDG_STATE_HOME", directory, TRUE);
	seconds = generate(path, runs);
	bench_must(g_stat(path, &size) == 0, path, NULL);
	g_print("%" G_GINT64_FORMAT " results, %.0f MB, filled in %.1f s; %d repeats, ms:\n\n",
		runs * 100, (double)size.st_size / 1e6, seconds, REPEATS);
	g_print("%-46s %9s %7s %9s\n", "QUESTION", "MEDIAN", "MAX", "CPU");
	for (gsize i = 0; i < G_N_ELEMENTS(questions); i++)
		slow |= measure(argv[1], questions[i].line, questions[i].status) > LIMIT_MS;
	return slow;
}
