// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strict reader of KTAP version 1 (Documentation/dev-tools/ktap.rst). Nesting is by indentation:
 * a subtest is opened by its own version line, two or more spaces deeper (KUnit uses four), and
 * closed by its parent's result line. The top level must have a plan; subtests may go without, as
 * KUnit's parameterised ones do. Lines that are not KTAP are legal and change nothing, unless they
 * are damage: a plan or a result where none can be, bytes that are not text.
 *
 * Result: one VfCase a leaf, named "suite/case". A parent's own result becomes a case when its
 * children do not explain it (it failed though all of them passed).
 */
#pragma once

#include "evidence/evidence.h"

#define VF_KTAP_DEPTH_MAX  16
#define VF_KTAP_CASES_MAX  100000
#define VF_KTAP_LINE_MAX   4096 /* bytes */
#define VF_KTAP_NAME_MAX   200	/* bytes of one component of a name; the rest is cut */
#define VF_KTAP_DETAIL_MAX 2048 /* bytes of diagnostics kept for a case that did not pass */

typedef struct VfKtap VfKtap;

VfKtap *vf_ktap_new(void);
void vf_ktap_free(VfKtap *ktap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfKtap, vf_ktap_free)

/* One line without its newline. After the first error nothing more is read. */
void vf_ktap_line(VfKtap *ktap, const char *line, gsize length);

/* No more lines will come: what is still open becomes an error. */
void vf_ktap_finish(VfKtap *ktap);

/* "KTAP line 7: what is wrong: "the line"", or NULL. */
const char *vf_ktap_error(const VfKtap *ktap);

guint64 vf_ktap_lines(const VfKtap *ktap);

/* Of VfCase, in the order of their result lines; names are whole after vf_ktap_finish(). */
GPtrArray *vf_ktap_cases(VfKtap *ktap);
