// SPDX-License-Identifier: GPL-2.0-or-later
/* What the programs of bench/ share: where they write, and how they give up. */
#pragma once

#include <glib.h>

/* A new directory, which goes with the program. The caller's to free. */
char *bench_directory(void);

/* Unless @ok: says @what failed and why (@error may be NULL), and ends with status 2. */
void bench_must(gboolean ok, const char *what, const GError *error);
