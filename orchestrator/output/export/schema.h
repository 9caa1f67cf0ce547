// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks JSON against a JSON Schema, as far as the schemas of this project go: type, enum, const,
 * pattern, format (date-time, uri), minimum, maximum, maxLength, minItems, properties, required,
 * additionalProperties, items, anyOf and local $ref. A string with a NUL is never valid.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/*
 * FALSE with VF_ERROR_PROTOCOL for the first violation:
 *   tests[3].status (id "vifarm:t1"): enum: expected one of "FAIL", "PASS", found "passed"
 * A keyword that is not known here is an error of class VF_ERROR_DATA: no rule is passed over.
 */
gboolean vf_schema_check(const json_t *schema, const json_t *value, GError **error);

/*
 * A schema that is part of the program. Never fails: the texts are checked by the tests. New
 * reference.
 */
json_t *vf_schema_embedded(const unsigned char *text);
