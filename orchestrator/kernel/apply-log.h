// SPDX-License-Identifier: GPL-2.0-or-later
/* What `git apply --reject --verbose` says of a patch that does not apply. */
#pragma once

#include <glib.h>

/*
 * One printable line, without the name of the patch: "hunk 2 at drivers/x.c:12 does not apply",
 * or git's first complaint when no hunk was tried ("drivers/x.c: No such file or directory").
 * Never NULL; caller frees. @text is hostile.
 */
char *vf_apply_log_reason(const char *text, gsize length);
