// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes KTAP version 1 on stdout for the programs of the guest.
 *
 * A program is a table of cases:
 *
 *	static enum ktap_status test_clock(struct ktap *t)
 *	{
 *		if (!advances())
 *			return ktap_fail(t, "clock stands still");
 *		return KTAP_PASS;
 *	}
 *	static const struct ktap_case cases[] = { { "clock", test_clock }, ... };
 *	int main(void) { return ktap_main(KTAP_CASES(cases)); }
 *
 * The plan is written first, every case yields exactly one result line, and each line is written at
 *once with one write(), so that a crash loses nothing that was said before it.
 */
#ifndef VIFARM_ROOTFS_KTAP_H
#define VIFARM_ROOTFS_KTAP_H

#include <stdbool.h>
#include <stddef.h>

/* Longest line written, without its newline; longer text is cut. Fits one record of the result
 * channel unescaped. */
#define KTAP_LINE 900

enum ktap_status { KTAP_PASS, KTAP_FAIL, KTAP_SKIP };

/* The state of the case that runs. */
struct ktap {
	const char *name;   /* of the case */
	unsigned int level; /* nesting depth; each level indents by two spaces */
	char reason[KTAP_LINE / 2];
};

struct ktap_case {
	const char *name; /* words joined by '_', no '#' */
	enum ktap_status (*run)(struct ktap *t);
};

/* A table and its length, for the last two arguments of ktap_main() and ktap_subtest(). */
#define KTAP_CASES(table) (table), sizeof(table) / sizeof((table)[0])

/* Ends a case: store the reason and return the status, to be returned by the case in its turn. */
enum ktap_status ktap_fail(struct ktap *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum ktap_status ktap_skip(struct ktap *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One diagnostic line ("# ...") ahead of the result of the case. */
void ktap_note(const struct ktap *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes LEN bytes of foreign KTAP (for instance a KUnit log) verbatim; false when stdout is gone.
 */
bool ktap_forward(const void *text, size_t len);

/*
 * Runs COUNT cases as a subtest of T and returns its status: FAIL when one failed, SKIP when all
 * were skipped. The subtest's name is that of the running case, whose result line follows.
 */
enum ktap_status ktap_subtest(struct ktap *t, const char *name, const struct ktap_case *cases,
			      size_t count);

/*
 * Runs COUNT cases at top level, or those of them that VIFARM_ONLY names, separated by commas: the
 * others are no part of the plan. Returns the exit status for main(): 0 when none failed, 1
 * otherwise.
 */
int ktap_main(const struct ktap_case *cases, size_t count);

#endif
