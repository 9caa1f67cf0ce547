// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program that failed has said: git, tar, cp, bwrap and the like. */
#pragma once

#include "base/read.h"

/*
 * The line of @text that says most: the first complaint ("error: ...", "NAME: ..."), not the
 * farewell or the advice that follows it; the last line where nothing is a complaint. Without blanks
 * around it, length 0 when there is none; points into @text, which is hostile.
 */
VfLine vf_tool_reason(const char *text, gsize length);
