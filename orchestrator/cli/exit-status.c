// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/exit-status.h"

#include <string.h>

/* Ordered by status within a command. */
static const VfExitStatus table[] = {
	{NULL, VF_EXIT_PASS, "done"},
	{NULL, VF_EXIT_BROKEN, "a file, a tool, a server or this machine failed"},
	{NULL, VF_EXIT_USAGE, "wrong use or a malformed description file; nothing was started"},
	{NULL, VF_EXIT_INTERRUPTED, "interrupted; finished results are kept"},
	{"run", VF_EXIT_PASS, "every task passed, or was skipped for a stated reason"},
	{"run", VF_EXIT_FAIL, "at least one FAIL: the kernel is wrong"},
	{"run", VF_EXIT_BROKEN,
	 "no FAIL, but an ERROR (the test broke) or a MISS (the host or a tool broke)"},
	{"mutate", VF_EXIT_PASS, "every mutant was caught (your own patch: somewhere)"},
	{"mutate", VF_EXIT_FAIL, "a mutant survived, or something else failed"},
	{"mutate", VF_EXIT_BROKEN, "something could not be decided"},
	{"compare", VF_EXIT_FAIL, "B broke something that passed in A"},
	{"bisect", VF_EXIT_PASS, "the commit was found and confirmed; --step: TREE is good"},
	{"bisect", VF_EXIT_FAIL, "--step: TREE is bad"},
	{"bisect", VF_EXIT_BROKEN, "the commit was not found, or not confirmed"},
	{"bisect", VF_EXIT_SKIP, "--step: TREE cannot be judged"},
	{"lava", VF_EXIT_FAIL, "as run; also: a patch does not apply, a kernel does not compile"},
	{"lava", VF_EXIT_BROKEN, "as run; also: a job is not complete, or was not cancelled"},
	{"post", VF_EXIT_PASS, "everything was delivered"},
	{"post", VF_EXIT_BROKEN, "something was not delivered: it waits, or was given up"},
	{"mail", VF_EXIT_FAIL, "run: a series broke something"},
	{"validate", VF_EXIT_PASS, "the file keeps the rules"},
	{"validate", VF_EXIT_BROKEN, "the file breaks a rule"},
};

static int by_status(gconstpointer a, gconstpointer b)
{
	return (*(const VfExitStatus *const *)a)->status -
	       (*(const VfExitStatus *const *)b)->status;
}

static gboolean is_stated(const GPtrArray *rows, int status)
{
	for (guint i = 0; i < rows->len; i++)
		if (((const VfExitStatus *)rows->pdata[i])->status == status)
			return TRUE;
	return FALSE;
}

GPtrArray *vf_exit_statuses(const char *command)
{
	GPtrArray *rows = g_ptr_array_new();

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
		if (!g_strcmp0(table[i].command, command))
			g_ptr_array_add(rows, (gpointer)&table[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
		if (!table[i].command && !is_stated(rows, table[i].status))
			g_ptr_array_add(rows, (gpointer)&table[i]);
	g_ptr_array_sort(rows, by_status);
	return rows;
}

char *vf_exit_status_text(const char *command)
{
	g_autoptr(GPtrArray) rows = vf_exit_statuses(command);
	GString *out = g_string_new("Exit status:\n");

	for (guint i = 0; i < rows->len; i++) {
		const VfExitStatus *row = rows->pdata[i];

		g_string_append_printf(out, "  %-3d  %s\n", row->status, row->meaning);
	}
	return g_string_free(out, FALSE);
}
