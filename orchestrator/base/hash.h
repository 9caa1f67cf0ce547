// SPDX-License-Identifier: GPL-2.0-or-later
/* Content keys: sha256 over labelled parts, so that "ab"+"c" and "a"+"bc" differ. */
#pragma once

#include <glib.h>

typedef struct VfHash VfHash;

VfHash *vf_hash_new(const char *purpose);
void vf_hash_free(VfHash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfHash, vf_hash_free)

void vf_hash_bytes(VfHash *hash, const char *label, const void *bytes, gsize length);
void vf_hash_string(VfHash *hash, const char *label, const char *text); /* NULL is a value */
gboolean vf_hash_file(VfHash *hash, const char *label, const char *path, GError **error);

/* 64 lower-case hex digits. Caller frees. The hash can go on afterwards. */
char *vf_hash_hex(const VfHash *hash);

/* sha256 of one file, 64 hex digits, or NULL. */
char *vf_hash_of_file(const char *path, GError **error);
