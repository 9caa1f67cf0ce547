// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YAML that LAVA speaks, as JSON: mappings, sequences and scalars. On the way in every scalar
 * is a string, whatever it looks like, but for an empty plain one, "null" and "~"; anchors,
 * aliases and a second document are refused.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

enum { VF_YAML_DEPTH_MAX = 32, VF_YAML_NODES_MAX = 100000 };

/* Block style, strings in double quotes, members in their order. Caller frees. */
char *vf_yaml_write(const json_t *value);

/* New reference; NULL with VF_ERROR_PROTOCOL "line L, column C: ...". */
json_t *vf_yaml_read(const char *text, gsize length, GError **error);
