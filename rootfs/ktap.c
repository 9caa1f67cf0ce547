// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool ktap_forward(const void *text, size_t len)
{
	const char *at = text;

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Writes one line at the given depth; control characters would split or hide it and become '?'. */
static void put_line(unsigned int level, const char *format, ...)
{
	char line[KTAP_LINE + 1];
	va_list args;
	size_t indent = 2 * level < KTAP_LINE / 2 ? 2 * level : KTAP_LINE / 2;

	memset(line, ' ', indent);
	va_start(args, format);
	int n = vsnprintf(line + indent, sizeof line - indent, format, args);

	va_end(args);
	if (n < 0)
		return;
	size_t len = indent + (size_t)n < KTAP_LINE ? indent + (size_t)n : KTAP_LINE;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len] = '\n';
	ktap_forward(line, len + 1);
}

static void store_reason(struct ktap *t, const char *format, va_list args)
{
	vsnprintf(t->reason, sizeof t->reason, format, args);
}

enum ktap_status ktap_fail(struct ktap *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	store_reason(t, format, args);
	va_end(args);
	return KTAP_FAIL;
}

enum ktap_status ktap_skip(struct ktap *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	store_reason(t, format, args);
	va_end(args);
	return KTAP_SKIP;
}

void ktap_note(const struct ktap *t, const char *format, ...)
{
	char text[KTAP_LINE + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put_line(t->level, "# %s", text);
}

static void put_result(const struct ktap *t, size_t number, enum ktap_status status)
{
	if (status == KTAP_FAIL && t->reason[0] != '\0')
		put_line(t->level, "# %s: %s", t->name, t->reason);
	if (status == KTAP_SKIP)
		put_line(t->level, "ok %zu %s # SKIP %s", number, t->name, t->reason);
	else
		put_line(t->level, "%s %zu %s", status == KTAP_PASS ? "ok" : "not ok", number,
			 t->name);
}

/* Runs the cases at one depth. */
static enum ktap_status run_cases(unsigned int level, const struct ktap_case *cases, size_t count)
{
	size_t failed = 0, skipped = 0;

	put_line(level, "1..%zu", count);
	for (size_t i = 0; i < count; i++) {
		struct ktap t = {.name = cases[i].name, .level = level};
		enum ktap_status status = cases[i].run(&t);

		put_result(&t, i + 1, status);
		failed += status == KTAP_FAIL;
		skipped += status == KTAP_SKIP;
	}
	if (failed > 0)
		return KTAP_FAIL;
	return skipped == count ? KTAP_SKIP : KTAP_PASS;
}

enum ktap_status ktap_subtest(struct ktap *t, const char *name, const struct ktap_case *cases,
			      size_t count)
{
	put_line(t->level + 1, "KTAP version 1");
	put_line(t->level + 1, "# Subtest: %s", name);
	enum ktap_status status = run_cases(t->level + 1, cases, count);

	if (status == KTAP_FAIL)
		return ktap_fail(t, "a case of the subtest failed");
	if (status == KTAP_SKIP)
		return ktap_skip(t, "all cases of the subtest were skipped");
	return KTAP_PASS;
}

static bool is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; (p = strstr(p, name)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

int ktap_main(const struct ktap_case *cases, size_t count)
{
	const char *only = getenv("VIFARM_ONLY");
	struct ktap_case chosen[count];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (!only || is_listed(only, cases[i].name))
			chosen[n++] = cases[i];
	put_line(0, "KTAP version 1");
	return run_cases(0, chosen, n) == KTAP_FAIL;
}
