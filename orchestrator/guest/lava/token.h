// SPDX-License-Identifier: GPL-2.0-or-later
/* Secrets of labs: read when they are needed, never stored, never shown. */
#pragma once

#include "guest/lava/lab.h"

/*
 * One line. NULL without error when @token names no source. VF_ERROR_USAGE when the file or the
 * variable is not there, when others may read the file, or when it holds no token; the message
 * names the source, never the content. @what: "token" or "artefacts.token". Caller frees.
 */
char *vf_lab_token(const VfLab *lab, const VfLabToken *token, const char *what, GError **error);
