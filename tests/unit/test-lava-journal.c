// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/error.h"
#include "guest/lava/journal.h"
#include "scratch.h"

static VfJournal *reopen(VfJournal *journal)
{
	g_autoptr(GError) error = NULL;

	vf_journal_close(journal);
	journal = vf_journal_open("lava.jsonl", &error);
	g_assert_no_error(error);
	return journal;
}

static void test_remembers(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfJournal) journal = reopen(NULL);
	const VfJournalEntry *entry;

	g_assert_nonnull(scratch);
	g_assert_null(vf_journal_find(journal, "a"));
	g_assert_true(vf_journal_wants(journal, "a", "00", NULL));
	g_assert_true(vf_journal_wants(journal, "b", "11", NULL));
	journal = reopen(g_steal_pointer(&journal));
	entry = vf_journal_find(journal, "a");
	g_assert_cmpstr(entry->sha256, ==, "00");
	g_assert_null(entry->job);
	g_assert_true(vf_journal_job(journal, "a", "17", NULL));
	g_assert_true(vf_journal_failed(journal, "b", NULL));
	journal = reopen(g_steal_pointer(&journal));
	g_assert_cmpstr(vf_journal_find(journal, "a")->job, ==, "17");
	g_assert_true(vf_journal_find(journal, "b")->failed);
	/* what was refused may be wanted again */
	g_assert_true(vf_journal_wants(journal, "b", "22", NULL));
	journal = reopen(g_steal_pointer(&journal));
	g_assert_false(vf_journal_find(journal, "b")->failed);
	g_assert_cmpstr(vf_journal_find(journal, "b")->sha256, ==, "22");
	g_assert_cmpuint(vf_journal_entries(journal)->len, ==, 2);
}

/* The line that was being written when the power went is as if it had never been. */
static void test_torn(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfJournal) journal = NULL;

	g_assert_nonnull(scratch);
	scratch_write("lava.jsonl", "{\"wants\":\"a\",\"sha256\":\"0\"}\n{\"job\":\"1");
	journal = reopen(NULL);
	g_assert_null(vf_journal_find(journal, "a")->job);
	g_assert_true(vf_journal_job(journal, "a", "17", NULL));
	journal = reopen(g_steal_pointer(&journal));
	g_assert_cmpstr(vf_journal_find(journal, "a")->job, ==, "17");
}

static void test_foreign(void)
{
	static const char *const texts[] = {
		"hello\n",
		"{}\n",
		"{\"job\":\"1\",\"name\":\"nobody\"}\n",
		"{\"wants\":\"a\"}\n",
	};
	g_autoptr(Scratch) scratch = scratch_new();

	g_assert_nonnull(scratch);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		scratch_write("lava.jsonl", texts[i]);
		g_assert_null(vf_journal_open("lava.jsonl", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, "lava.jsonl: line 1: no entry of a journal");
	}
}

static void test_locked(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfJournal) journal = reopen(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(scratch);
	g_assert_null(vf_journal_open("lava.jsonl", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "another process"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-journal/remembers", test_remembers);
	g_test_add_func("/lava-journal/torn", test_torn);
	g_test_add_func("/lava-journal/foreign", test_foreign);
	g_test_add_func("/lava-journal/locked", test_locked);
	return g_test_run();
}
