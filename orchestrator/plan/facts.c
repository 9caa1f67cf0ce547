// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/facts.h"

#include <string.h>

#include "base/text.h"

typedef struct Guest {
	const VfArch *arch;
	const VfBoard *board;
	guint64 memory_mib;
} Guest;

typedef char *(*Fact)(const Guest *guest);

static char *number(guint64 value)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static char *bits(const Guest *guest)
{
	return number(guest->arch->bits);
}

static char *board_name(const Guest *guest)
{
	return g_strdup(guest->board->name);
}

static char *cpus(const Guest *guest)
{
	return number(guest->board->smp);
}

static char *endian(const Guest *guest)
{
	return g_strdup(guest->arch->endian);
}

static char *memory_mib(const Guest *guest)
{
	return number(guest->memory_mib);
}

static char *page_size(const Guest *guest)
{
	return number(guest->arch->page_size);
}

static const struct {
	const char *name;
	Fact text;
} facts[] = {
	{"{bits}", bits},     {"{board}", board_name},	    {"{cpus}", cpus},
	{"{endian}", endian}, {"{memory_mib}", memory_mib}, {"{page_size}", page_size},
};

static Fact find(const char *value)
{
	for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
		if (!strcmp(value, facts[i].name))
			return facts[i].text;
	return NULL;
}

gboolean vf_fact_valid(const char *value)
{
	return !strpbrk(value, "{}") || find(value);
}

char *vf_fact_list(void)
{
	const char *names[G_N_ELEMENTS(facts) + 1] = {NULL};

	for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
		names[i] = facts[i].name;
	return vf_text_list(names);
}

char *vf_fact_expand(const char *value, const VfArch *arch, const VfBoard *board, guint64 memory)
{
	const Guest guest = {.arch = arch, .board = board, .memory_mib = memory};
	Fact text = find(value);

	return text ? text(&guest) : g_strdup(value);
}
