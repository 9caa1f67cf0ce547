// SPDX-License-Identifier: GPL-2.0-or-later
/* One input for all parsers of JSON answers: none may die, and errors are one printable line. */
#include <stdint.h>

#include "base/error.h"
#include "guest/lava/answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	for (const char *c = text; c && *c; c++)
		g_assert_false(g_ascii_iscntrl(*c));
}

static void check(gboolean parsed, const GError *error)
{
	g_assert_true(parsed == !error);
	if (parsed)
		return;
	g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
	check_text(error->message);
}

static void try_job(const char *text, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaJob) job = vf_lava_job_parse(text, size, &error);

	check(job != NULL, error);
	if (!job)
		return;
	g_assert_nonnull(job->name);
	check_text(job->id);
	check_text(job->word);
	check_text(job->device);
}

static void try_page(const char *text, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaPage) page = vf_lava_page_parse(text, size, &error);

	check(page != NULL, error);
}

static void try_ids(const char *text, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) ids = vf_lava_ids_parse(text, size, &error);

	check(ids != NULL, error);
	for (char **id = ids; id && *id; id++)
		check_text(*id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	g_autofree char *why = vf_lava_refusal(text, size);

	check_text(why);
	g_assert_true(g_utf8_validate(why, -1, NULL));
	try_job(text, size);
	try_page(text, size);
	try_ids(text, size);
	return 0;
}
