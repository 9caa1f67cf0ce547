// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a libFuzzer entry point without libFuzzer: every seed file of the directory in argv[1],
 * every prefix step of it, FUZZ_RUNS (default 20000) seeded random mutations, and as many inputs of
 * up to 4 MiB as FUZZ_BIG_SECONDS (default 3) of processor time allow. An input that takes more
 * than CPU_SECONDS, or a process that needs more than MEMORY_BYTES, is a failure: that is how
 * quadratic parsers and those without limits show. Linked with clang's -fsanitize=fuzzer instead of
 * this file, the same target runs coverage-guided.
 */
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024 * 1024)
#ifdef __SANITIZE_ADDRESS__
#define CPU_SECONDS 20
#else
#define CPU_SECONDS  2
#define MEMORY_BYTES (G_GUINT64_CONSTANT(1) << 30)
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is being run, for the message when it does not end. */
static char current[200];

static void on_slow(G_GNUC_UNUSED int signal_number)
{
	static const char text[] = ": takes too much processor time\n";

	(void)!write(STDERR_FILENO, current, strlen(current));
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

static void one(const guint8 *data, gsize size)
{
	static const struct itimerval limit = {.it_value.tv_sec = CPU_SECONDS}, none;
	/* exact-size copy, so that a sanitizer sees a read past the end */
	g_autofree guint8 *copy = g_memdup2(data, size);

	setitimer(ITIMER_PROF, &limit, NULL);
	LLVMFuzzerTestOneInput(copy, size);
	setitimer(ITIMER_PROF, &none, NULL);
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

static gsize line_end(const guint8 *data, gsize size, gsize at)
{
	const guint8 *newline = at < size ? memchr(data + at, '\n', size - at) : NULL;

	return newline ? (gsize)(newline - data) + 1 : size;
}

/* One or two lines of the seed, a word of it, or up to 64 bytes: an element of a list, or a level. */
static GString *piece_of(GRand *random, const guint8 *data, gsize size, gsize *at)
{
	gsize start = (gsize)g_rand_int_range(random, 0, (gint32)size), end = start;
	int kind = g_rand_int_range(random, 0, 4);

	if (kind < 2) {
		while (start && data[start - 1] != '\n')
			start--;
		for (int i = 0; i <= kind; i++)
			end = line_end(data, size, end);
	} else {
		end += (gsize)g_rand_int_range(random, 1, kind == 2 ? 8 : 65);
	}
	*at = start;
	return g_string_new_len((const char *)data + start, (gssize)(MIN(end, size) - start));
}

/* @piece with another number in it, so that a set of names grows. */
static void add_numbered(GByteArray *out, const GString *piece, guint number)
{
	guint at = out->len;

	g_byte_array_append(out, (const guint8 *)piece->str, (guint)piece->len);
	for (guint i = out->len; i-- > at && number;)
		if (g_ascii_isalnum(out->data[i])) {
			out->data[i] = (guint8)('a' + number % 26);
			number /= 26;
		}
}

/*
 * The seed with one piece of it again and again, or with a second one as often behind that: long
 * lists, long lines, deep nesting.
 */
static GByteArray *grow(GRand *random, const GPtrArray *seeds, gsize bytes)
{
	guint index = (guint)g_rand_int_range(random, 0, (gint32)seeds->len);
	GByteArray *out = g_byte_array_new();
	gboolean numbered = g_rand_boolean(random), pair = g_rand_int_range(random, 0, 3) == 0;
	gsize size, at, other;
	const guint8 *data = g_bytes_get_data(seeds->pdata[index], &size);
	g_autoptr(GString) piece = NULL, second = NULL;

	if (!size)
		return out;
	piece = piece_of(random, data, size, &at);
	second = piece_of(random, data, size, &other);
	g_byte_array_append(out, data, (guint)at);
	for (guint i = 0; out->len < bytes / (pair ? 2 : 1); i++)
		add_numbered(out, piece, numbered ? i : 0);
	while (pair && out->len < bytes)
		add_numbered(out, second, 0);
	g_byte_array_append(out, data + at, (guint)(size - at));
	g_snprintf(current, sizeof(current),
		   "seed %u of %u, %" G_GSIZE_FORMAT " bytes at %" G_GSIZE_FORMAT
		   " repeated up to %" G_GSIZE_FORMAT "%s%s",
		   index, seeds->len, piece->len, at, bytes, numbered ? ", numbered" : "",
		   pair ? ", and a second piece" : "");
	return out;
}

static double cpu_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static guint run_big(GRand *random, const GPtrArray *seeds)
{
#ifdef __SANITIZE_ADDRESS__ /* what takes long shows without it, and twenty times as quick */
	static const gsize sizes[] = {MIB / 16, MIB / 4};
#else
	static const gsize sizes[] = {MIB / 4, MIB, 4 * MIB};
#endif
	const char *given = g_getenv("FUZZ_BIG_SECONDS");
	double end = cpu_seconds() + (given ? g_ascii_strtod(given, NULL) : 3);
	guint count = 0;

	for (; cpu_seconds() < end; count++) {
		g_autoptr(GByteArray) input =
			grow(random, seeds, sizes[count % G_N_ELEMENTS(sizes)]);

		one(input->data, input->len);
	}
	return count;
}

static void set_limits(void)
{
#if defined(MEMORY_BYTES) && !defined(FUZZ_STARTS_QEMU) /* which would inherit the limit */
	const struct rlimit memory = {MEMORY_BYTES, MEMORY_BYTES};

	setrlimit(RLIMIT_AS, &memory);
#endif
	signal(SIGPROF, on_slow);
	g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
}

int main(int argc, char **argv)
{
	g_autoptr(GPtrArray) seeds = seeds_of(argc > 1 ? argv[1] : ".");
	g_autoptr(GRand) random = g_rand_new_with_seed(7146);
	const char *runs = g_getenv("FUZZ_RUNS");
	guint64 n = runs ? g_ascii_strtoull(runs, NULL, 10) : 20000;
	guint big;

	if (!seeds->len) {
		g_printerr("fuzz driver: no seeds in %s\n", argc > 1 ? argv[1] : ".");
		return 1;
	}
	set_limits();
	for (guint i = 0; i < seeds->len; i++) {
		gsize size;
		const guint8 *data = g_bytes_get_data(seeds->pdata[i], &size);

		for (gsize cut = 0; cut <= size; cut += 1 + size / 64)
			one(data, cut);
		one(data, size);
	}
	for (guint64 i = 0; i < n; i++) {
		g_autoptr(GByteArray) input = mutate(random, seeds);

		g_snprintf(current, sizeof(current), "mutation %" G_GUINT64_FORMAT, i);
		one(input->data, input->len);
	}
	big = run_big(random, seeds);
	g_print("%u seeds, %" G_GUINT64_FORMAT " mutations, %u large inputs\n", seeds->len, n, big);
	return 0;
}
