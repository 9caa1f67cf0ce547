// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strict reading of description files. A file is described by a table of members; what is not
 * in the table, is missing, or has another type is an error of class VF_ERROR_DATA:
 *   kernels/hppa/arch.json: boards.default.memory_mib: expected a positive integer, found "256"
 * A file that is not JSON at all is "FILE:LINE:COLUMN: ...".
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stddef.h>

typedef struct VfJson VfJson; /* one object inside a file: knows the file and its key path */

typedef enum {
	VF_JSON_STRING,	  /* char *; not empty */
	VF_JSON_TEXT,	  /* char *; may be empty, or null: then NULL */
	VF_JSON_POSITIVE, /* guint64, > 0 */
	VF_JSON_NATURAL,  /* guint64, >= 0 */
	VF_JSON_BOOLEAN,  /* gboolean */
	VF_JSON_STRINGS,  /* GStrv, never NULL */
	VF_JSON_MAP,	  /* GHashTable of string to string, in @target owned, never NULL */
	VF_JSON_OBJECT,	  /* passed to @read with @target; null only when VF_JSON_OPTIONAL */
	VF_JSON_OBJECTS,  /* array of objects, each passed to @read */
	VF_JSON_NAMED,	  /* object of objects, each passed to @read with its key as name */
} VfJsonType;

/* An optional member that is not there leaves its field as it was; a NULL list becomes empty. */
enum { VF_JSON_REQUIRED = 0, VF_JSON_OPTIONAL = 1 };

typedef struct VfJsonMember {
	const char *key;
	VfJsonType type;
	guint flags;
	gsize offset; /* of the field in the structure that is filled; unused with @read */
	/* @name is the key for VF_JSON_NAMED, otherwise NULL; @target the whole structure */
	gboolean (*read)(VfJson *json, const char *name, gpointer target, GError **error);
	const char *const *words; /* for strings: the allowed values, NULL-terminated, or NULL */
	/* for VF_JSON_OBJECT without @read: read into the structure at @offset */
	const struct VfJsonMember *members;
} VfJsonMember;

/* VF_JSON_MEMBER("size", POSITIVE, VfCacheGeometry, size, .flags = VF_JSON_OPTIONAL) */
#define VF_JSON_MEMBER(name, kind, structure, field, ...)                                    \
	{                                                                                    \
		.key = (name), .type = VF_JSON_##kind, .offset = offsetof(structure, field), \
		##__VA_ARGS__                                                                \
	}

/*
 * Reads @path (at most 1 MiB) and fills @target by @members (ended by a NULL key). Fields are
 * overwritten, strings owned by @target. On failure @target may be partly filled; free it as
 * usual.
 */
gboolean vf_json_read_file(const char *path, const VfJsonMember *members, gpointer target,
			   GError **error);
/* The same for bytes in memory; @name stands for the file in errors. */
gboolean vf_json_read_text(const char *text, gsize length, const char *name,
			   const VfJsonMember *members, gpointer target, GError **error);

/* As VfJsonMember's @read; @name is NULL. Checks that span members follow vf_json_read() in it. */
typedef gboolean (*VfJsonRead)(VfJson *json, const char *name, gpointer target, GError **error);

/* As vf_json_read_text(), but the object that is the whole file goes to @read. */
gboolean vf_json_parse(const char *text, gsize length, const char *name, VfJsonRead read,
		       gpointer target, GError **error);

/*
 * The first half of vf_json_read_file(): the bytes of @path and a NUL byte behind them, or
 * VF_ERROR_DATA. Caller frees.
 */
char *vf_json_load(const char *path, gsize *length, GError **error);

/* For @read functions: the same for the object that @json stands for. */
gboolean vf_json_read(VfJson *json, const VfJsonMember *members, gpointer target, GError **error);

/* Error at @json's place in the file: "FILE: KEY.PATH.@key: ..." (@key may be NULL). */
gboolean vf_json_throw(VfJson *json, GError **error, const char *key, const char *format, ...)
	G_GNUC_PRINTF(4, 5);
