// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a libFuzzer entry point without libFuzzer: every seed file of the directory in argv[1],
 * every prefix step of it, and FUZZ_RUNS (default 20000) seeded random mutations. Linked with
 * clang's -fsanitize=fuzzer instead of this file, the same target runs coverage-guided.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(const guint8 *data, gsize size)
{
	/* exact-size copy, so that a sanitizer sees a read past the end */
	g_autofree guint8 *copy = g_memdup2(data, size);

	LLVMFuzzerTestOneInput(copy, size);
}

static GPtrArray *seeds_of(const char *directory)
{
	GPtrArray *seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		char *bytes;
		gsize size;

		if (g_file_get_contents(path, &bytes, &size, NULL))
			g_ptr_array_add(seeds, g_bytes_new_take(bytes, size));
	}
	return seeds;
}

/* Appends up to 64 bytes of @out to it. */
static void repeat(GByteArray *out, guint at)
{
	guint8 piece[64];
	guint n = MIN(out->len - at, sizeof(piece));

	memcpy(piece, out->data + at / 2, n);
	g_byte_array_append(out, piece, n);
}

static GByteArray *mutate(GRand *random, const GPtrArray *seeds)
{
	GBytes *seed = seeds->pdata[g_rand_int_range(random, 0, (gint32)seeds->len)];
	GByteArray *out = g_byte_array_new();
	gsize size;
	const guint8 *data = g_bytes_get_data(seed, &size);

	g_byte_array_append(out, data, size);
	for (int n = g_rand_int_range(random, 1, 9); n > 0 && out->len; n--) {
		guint at = (guint)g_rand_int_range(random, 0, (gint32)out->len);
		guint8 byte = (guint8)g_rand_int(random);

		switch (g_rand_int_range(random, 0, 5)) {
		case 0:
			out->data[at] = byte;
			break;
		case 1:
			out->data[at] ^= (guint8)(1u << (byte & 7));
			break;
		case 2:
			g_byte_array_set_size(out, at);
			break;
		case 3:
			g_byte_array_remove_index(out, at);
			break;
		default:
			repeat(out, at);
		}
	}
	return out;
}

int main(int argc, char **argv)
{
	g_autoptr(GPtrArray) seeds = seeds_of(argc > 1 ? argv[1] : ".");
	g_autoptr(GRand) random = g_rand_new_with_seed(7146);
	const char *runs = g_getenv("FUZZ_RUNS");
	guint64 n = runs ? g_ascii_strtoull(runs, NULL, 10) : 20000;

	if (!seeds->len) {
		g_printerr("fuzz driver: no seeds in %s\n", argc > 1 ? argv[1] : ".");
		return 1;
	}
	for (guint i = 0; i < seeds->len; i++) {
		gsize size;
		const guint8 *data = g_bytes_get_data(seeds->pdata[i], &size);

		for (gsize cut = 0; cut <= size; cut += 1 + size / 64)
			one(data, cut);
		one(data, size);
	}
	for (guint64 i = 0; i < n; i++) {
		g_autoptr(GByteArray) input = mutate(random, seeds);

		one(input->data, input->len);
	}
	g_print("%u seeds, %" G_GUINT64_FORMAT " mutations\n", seeds->len, n);
	return 0;
}
