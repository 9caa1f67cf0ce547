// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instructions to cache operations. The words are those of the GNU assemblers;
 * where a cross assembler is installed, they are assembled once more and
 * compared.
 */
#include "decode.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define NOTHING 100 /* decode() says no */

typedef struct Row {
	guint32 word;
	const char *text; /* for the assembler */
	int kind;	  /* VfInsnKind or NOTHING */
	/* With register n holding 0x1000 * n (hppa's PSW and space registers: 0), unless set below.
	 */
	guint64 va;
	guint64 pa; /* where the guest tells it */
	gboolean none;
} Row;

typedef struct Set {
	const VfDecoder *decoder;
	const char *assembler, *arguments;
	const Row *rows;
} Set;

static const Row hppa[] = {
	{0x07401280, "fdc %r0(%sr0,%r26)", VF_INSN_FLUSH, .va = 0x1a000},
	{0x075712a0, "fdc,m %r23(%sr0,%r26)", VF_INSN_FLUSH, .va = 0x1a000},
	{0x07351280, "fdc %r21(%r25)", VF_INSN_FLUSH, .va = 0x15000 + 0x19000},
	{0x068012c0, "fdce %r0(%sr0,%r20)", VF_INSN_INDEX_FLUSH, .va = 0x14000},
	{0x06d352e0, "fdce,m %r19(%sr1,%r22)", VF_INSN_INDEX_FLUSH, .va = 0x16000},
	{0x075713a0, "pdc,m %r23(%sr0,%r26)", VF_INSN_PURGE, .va = 0x1a000},
	{0x07801380, "pdc %r0(%r28)", VF_INSN_PURGE, .va = 0x1c000},
	{0x075722a0, "fic,m %r23(%sr4,%r26)", .kind = NOTHING},
	{0x00000400, "sync", .kind = NOTHING},
	{0x6bc53fd9, "stw %r5,-20(%sr0,%r30)", .kind = NOTHING},
	{0x4bc23fd9, "ldw -20(%r30),%r2", .kind = NOTHING},
	{0xe8400000, "b,l .+8,%r2", .kind = VF_INSN_CALL},
	{0xe8000000, "b,l .+8,%r0", .kind = NOTHING},
	{0xe7e02008, "ble 4(%sr4,%r31)", .kind = VF_INSN_CALL},
	{0xe840c000, "bv %r0(%r2)", .kind = NOTHING},
	{0xe8404000, "blr %r0,%r2", .kind = VF_INSN_CALL},
	{0},
};

static const Row hppa20[] = {
	{0x07593280, "fdc -4(%r26)", VF_INSN_FLUSH, .va = 0x1a000 - 4},
	{0x07463280, "fdc 3(%r26)", VF_INSN_FLUSH, .va = 0x1a003},
	{0},
};

static const Row sparc64[] = {
	{0xc0f208e0, "stxa %g0, [%o0] 0x47", VF_INSN_INDEX_PURGE, .va = 0x8000},
	{0xc0f208e1, "stxa %g0, [%o0 + %g1] 0x47", VF_INSN_INDEX_PURGE, .va = 0x9000},
	{0xc0f22000, "stxa %g0, [%o0] %asi", VF_INSN_INDEX_PURGE, .va = 0x8000, .none = TRUE},
	{0xc0f21000, "stxa %g0, [%o0] 0x80", .kind = NOTHING},
	{0xd6da88e0, "ldxa [%o2] 0x47, %o3", .kind = NOTHING},
	{0xc273a7ff, "stx %g1, [%sp + 0x7ff]", .kind = NOTHING},
	{0xc22a0000, "stb %g1, [%o0]", .kind = NOTHING},
	{0x40000002, "call .+8", .kind = VF_INSN_CALL},
	{0x9fc04000, "jmpl %g1, %o7", .kind = VF_INSN_CALL},
	{0x81c3e008, "retl", .kind = NOTHING},
	{0x01000000, "nop", .kind = NOTHING},
	{0},
};

static const Row mips64[] = {
	{0xbc950040, "cache 0x15, 0x40($4)", VF_INSN_FLUSH, .va = 0x4040},
	{0xbc81ffe0, "cache 0x01, -0x20($4)", VF_INSN_INDEX_FLUSH, .va = 0x3fe0},
	{0xbc91007f, "cache 0x11, 0x7f($4)", VF_INSN_PURGE, .va = 0x407f},
	{0xbcd90000, "cache 0x19, 0($6)", VF_INSN_WRITEBACK, .va = 0x6000},
	{0xbcc90000, "cache 0x09, 0($6)", VF_INSN_INDEX_PURGE, .va = 0x6000},
	{0xbcc50000, "cache 0x05, 0($6)", .kind = NOTHING},
	{0xbcd00000, "cache 0x10, 0($6)", .kind = NOTHING},
	{0xbcd70000, "cache 0x17, 0($6)", .kind = NOTHING},
	{0x04bf0008, "synci 8($5)", VF_INSN_WRITEBACK, .va = 0x5008},
	{0xffa4fff8, "sd $4, -8($29)", .kind = NOTHING},
	{0xa0a40000, "sb $4, 0($5)", .kind = NOTHING},
	{0x0c000400, "jal 0x1000", .kind = VF_INSN_CALL},
	{0x0320f809, "jalr $25", .kind = VF_INSN_CALL},
	{0x03e00008, "jr $31", .kind = NOTHING},
	{0x04110001, "bal .+8", .kind = VF_INSN_CALL},
	{0x10000001, "b .+8", .kind = NOTHING},
	{0},
};

static const Row mips64r6[] = {
	{0x7c95fe25, "cache 0x15, -4($4)", VF_INSN_FLUSH, .va = 0x3ffc},
	{0},
};

static const Row x86_64[] = {
	{0x0000ae0f, NULL, .kind = NOTHING},
	{0},
};

static const Set sets[] = {
	{&vf_decode_hppa, "hppa-linux-gnu-as", "", hppa},
	{&vf_decode_hppa, "hppa-linux-gnu-as", ".level 2.0", hppa20},
	{&vf_decode_sparc64, "sparc64-linux-gnu-as", "", sparc64},
	{&vf_decode_mips64, "mips64-linux-gnuabi64-as", ".set noreorder\n.set mips64r2", mips64},
	{&vf_decode_mips64, "mips64-linux-gnuabi64-as", ".set mips64r6", mips64r6},
	{&vf_decode_x86_64, NULL, NULL, x86_64},
};

#define RAM                                         \
	{                                           \
		.ranges = {{0, 256u << 20}}, .n = 1 \
	}

static const VfAddressing addressing = {.page = 4096, .ram = RAM, .page_offset = 0x10000000};

/* Values by gdb number; what is not set is 0x1000 * n. */
typedef struct Registers {
	guint64 value[128];
} Registers;

static Registers *registers_new(const VfDecoder *d)
{
	Registers *r = g_new0(Registers, 1);

	for (guint i = d == &vf_decode_hppa ? 1 : 0; i < 32; i++)
		r->value[i] = 0x1000 * i;
	return r;
}

static guint64 read_register(void *opaque, guint number)
{
	Registers *r = opaque;

	g_assert_cmpuint(number, <, G_N_ELEMENTS(r->value));
	return r->value[number];
}

static void test_words(gconstpointer data)
{
	const Set *set = data;
	g_autofree Registers *r = registers_new(set->decoder);

	for (const Row *row = set->rows; row->word; row++) {
		VfCacheOp op = {0};
		VfInsn insn;

		g_test_message("%08x %s", row->word, row->text);
		if (!set->decoder->decode(row->word, 4, 0x1000, &insn)) {
			g_assert_cmpint(row->kind, ==, NOTHING);
			continue;
		}
		g_assert_cmpint(insn.kind, ==, row->kind);
		if (insn.kind == VF_INSN_CALL)
			continue;
		set->decoder->resolve(&insn, &addressing, read_register, r, &op);
		g_assert_cmphex(op.va, ==, row->va);
		g_assert_cmpint(op.none, ==, row->none);
		g_assert_false(op.has_pa);
	}
}

static GBytes *assemble(const Set *set)
{
	g_autoptr(GString) source = g_string_new(NULL);
	g_autofree char *dir = g_dir_make_tmp("decode-XXXXXX", NULL);
	g_autofree char *input = g_build_filename(dir, "t.s", NULL);
	g_autofree char *object = g_build_filename(dir, "t.o", NULL);
	g_autofree char *prefix = g_strndup(set->assembler, strlen(set->assembler) - 2);
	g_autofree char *objcopy = g_strconcat(prefix, "objcopy", NULL);
	g_autofree char *binary = g_build_filename(dir, "t.bin", NULL);
	const char *const as[] = {set->assembler, "-o", object, input, NULL};
	const char *const copy[] = {objcopy, "-O", "binary", "-j", ".text", object, binary, NULL};
	const char *const *commands[] = {as, copy};
	char *bytes;
	gsize size;

	g_string_append_printf(source, "%s\n", set->arguments);
	for (const Row *row = set->rows; row->word; row++)
		g_string_append_printf(source, "\t%s\n", row->text);
	g_assert_true(g_file_set_contents(input, source->str, -1, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GSubprocess) child =
			g_subprocess_newv(commands[i], G_SUBPROCESS_FLAGS_NONE, &error);

		g_assert_no_error(error);
		g_assert_true(g_subprocess_wait_check(child, NULL, &error));
	}
	g_assert_true(g_file_get_contents(binary, &bytes, &size, NULL));
	g_unlink(input);
	g_unlink(object);
	g_unlink(binary);
	g_rmdir(dir);
	return g_bytes_new_take(bytes, size);
}

static void test_assembler(gconstpointer data)
{
	const Set *set = data;
	g_autofree char *path = g_find_program_in_path(set->assembler);
	g_autoptr(GBytes) bytes = NULL;
	const guint8 *word;
	gsize size, at = 0;

	if (!path) {
		g_test_skip("no cross assembler");
		return;
	}
	bytes = assemble(set);
	word = g_bytes_get_data(bytes, &size);
	for (const Row *row = set->rows; row->word; row++, at += 4) {
		g_assert_cmpuint(at + 4, <=, size);
		g_test_message("%s", row->text);
		g_assert_cmphex((guint32)word[at] << 24 | word[at + 1] << 16 | word[at + 2] << 8 |
					word[at + 3],
				==, row->word);
	}
}

/* In a kernel, as the first instruction of a translation block. */
static void decode_one(const VfDecoder *d, guint32 word, const Registers *r, VfCacheOp *op)
{
	VfInsn insn;

	g_assert_true(d->decode(word, 4, 0x1000, &insn));
	insn.first = TRUE;
	d->resolve(&insn, &addressing, read_register, (gpointer)r, op);
}

static void test_tmpalias(void)
{
	g_autofree Registers *r = registers_new(&vf_decode_hppa);
	VfCacheOp op;

	r->value[28] = 0x0f80a040;
	r->value[26] = 0x0140a123;
	decode_one(&vf_decode_hppa, 0x07801280, r, &op); /* fdc r0(r28): the "to" window */
	g_assert_true(op.tmpalias && op.has_pa && !op.none);
	g_assert_cmphex(op.va, ==, 0x0f80a040);
	g_assert_cmphex(op.pa, ==, 0x0140a040);
	r->value[28] = 0x0fc03020;
	r->value[23] = 0x00777000;
	decode_one(&vf_decode_hppa, 0x07801380, r, &op); /* pdc: the "from" window */
	g_assert_cmphex(op.pa, ==, 0x00777020);
	r->value[28] = 0x10000000;
	decode_one(&vf_decode_hppa, 0x07801280, r, &op); /* the linear map begins right behind */
	g_assert_false(op.tmpalias);
}

static void test_nullified(void)
{
	g_autofree Registers *r = registers_new(&vf_decode_hppa);
	VfInsn insn;
	VfCacheOp op;

	r->value[0] = 0x00200000;
	decode_one(&vf_decode_hppa, 0x07801280, r, &op);
	g_assert_true(op.nullified && op.none);
	/* Inside of a block QEMU leaves a nullified instruction out, and the bit is not up to date.
	 */
	g_assert_true(vf_decode_hppa.decode(0x07801280, 4, 0x1000, &insn));
	vf_decode_hppa.resolve(&insn, &addressing, read_register, r, &op);
	g_assert_false(op.none);
}

static void test_space(void)
{
	g_autofree Registers *r = registers_new(&vf_decode_hppa);
	VfInsn user;
	VfCacheOp op;

	r->value[28] = 0x40001000;
	r->value[48] = 0x77; /* SR5, by the upper bits of the base; not asked for in the kernel */
	decode_one(&vf_decode_hppa, 0x07801280, r, &op);
	g_assert_cmphex(op.va, ==, 0x40001000);
	g_assert_true(vf_decode_hppa.decode(0x07801280, 4, 0x7700001000, &user));
	vf_decode_hppa.resolve(&user, &addressing, read_register, r, &op);
	g_assert_cmphex(op.va, ==, 0x7740001000);
	r->value[45] = 0x88; /* SR1, named: fdc,m r19(sr1,r28) */
	decode_one(&vf_decode_hppa, 0x079352a0, r, &op);
	g_assert_cmphex(op.va, ==, 0x8840001000);
}

static void test_asi(void)
{
	g_autofree Registers *r = registers_new(&vf_decode_sparc64);
	VfCacheOp op;

	r->value[82] = 0x47ull << 24;
	decode_one(&vf_decode_sparc64, 0xc0f22000, r, &op);
	g_assert_false(op.none);
}

static void test_hook(void)
{
	const VfAddressing a = {.page = 8192, .ram = RAM, .page_offset = 0xfffff80000000000};
	const VfHook *h = vf_decode_sparc64.hooks;
	g_autofree Registers *r = registers_new(&vf_decode_sparc64);
	VfInsn insn = {.kind = h->kind, .hook = h->number};
	VfCacheOp op;

	r->value[8] = 0xfffff80000206000;
	vf_decode_sparc64.resolve(&insn, &a, read_register, r, &op);
	g_assert_true(op.has_pa && !op.none);
	g_assert_cmphex(op.pa, ==, 0x206000);
	r->value[8] = 0x100000000;
	vf_decode_sparc64.resolve(&insn, &a, read_register, r, &op);
	g_assert_true(op.none);
}

static void test_segments(void)
{
	static const struct {
		const VfDecoder *decoder;
		guint64 va;
		guint mmu;
		VfSegment s;
	} rows[] = {
		{&vf_decode_hppa,
		 0x10123456,
		 8,
		 {.direct = TRUE, .pa = 0x123456, .index = 0x10123456}},
		{&vf_decode_hppa,
		 0x00123456,
		 7,
		 {.direct = TRUE, .pa = 0x123456, .index = 0x123456}},
		{&vf_decode_hppa, 0x00900000, 8, {.index = 0x00900000}},
		{&vf_decode_hppa, 0x00020000, 8, {.access = VF_ACCESS_UNCACHED, .index = 0x20000}},
		{&vf_decode_hppa, 0x7700020000, 14, {.user = TRUE, .index = 0x7700020000}},
		{&vf_decode_sparc64,
		 0x10123456,
		 2,
		 {.direct = TRUE, .pa = 0x123456, .index = 0x10123456}},
		{&vf_decode_sparc64, 0x10123456, 0, {.user = TRUE, .index = 0x10123456}},
		{&vf_decode_sparc64,
		 0x123456,
		 5,
		 {.access = VF_ACCESS_PHYSICAL, .direct = TRUE, .pa = 0x123456, .index = 0x123456}},
		{&vf_decode_mips64,
		 0xffffffff80001000,
		 0,
		 {.direct = TRUE, .pa = 0x1000, .index = 0xffffffff80001000}},
		{&vf_decode_mips64,
		 0xffffffffa0001000,
		 0,
		 {.access = VF_ACCESS_UNCACHED,
		  .direct = TRUE,
		  .pa = 0x1000,
		  .index = 0xffffffffa0001000}},
		{&vf_decode_mips64, 0xffffffffc0001000, 0, {.index = 0xffffffffc0001000}},
		{&vf_decode_mips64,
		 0x9800000002001000,
		 0,
		 {.direct = TRUE, .pa = 0x2001000, .index = 0x9800000002001000}},
		{&vf_decode_mips64,
		 0x9000000002001000,
		 0,
		 {.access = VF_ACCESS_UNCACHED,
		  .direct = TRUE,
		  .pa = 0x2001000,
		  .index = 0x9000000002001000}},
		{&vf_decode_mips64, 0xc000000000004000, 0, {.index = 0xc000000000004000}},
		{&vf_decode_mips64,
		 0x12340000,
		 2,
		 {.user = TRUE, .pa = 0x12340000, .index = 0x12340000}},
		{&vf_decode_x86_64, 0x10123456, 0, {.user = TRUE, .index = 0x10123456}},
	};
	const VfAddressing a = {.page = 4096,
				.ram = RAM,
				.page_offset = 0x10000000,
				.uncached = 0x10000,
				.uncached_end = 0x810000};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		VfSegment s;

		g_test_message("%s %" G_GINT64_MODIFIER "x", rows[i].decoder->name, rows[i].va);
		rows[i].decoder->segment(&a, rows[i].va, rows[i].mmu, &s);
		g_assert_cmpint(s.access, ==, rows[i].s.access);
		g_assert_cmpint(s.direct, ==, rows[i].s.direct);
		g_assert_cmpint(s.user, ==, rows[i].s.user);
		g_assert_cmphex(s.index, ==, rows[i].s.index);
		if (s.direct)
			g_assert_cmphex(s.pa, ==, rows[i].s.pa);
	}
}

static void test_learn(void)
{
	VfAddressing a = {.page_offset = 0x10000000};
	const guint64 pcxl[] = {0x10000, 0x818000};
	const guint64 none[] = {0, 0x18000};

	vf_decode_hppa.learn(&a, none);
	g_assert_cmphex(a.uncached_end, ==, 0);
	g_assert_cmphex(a.vmalloc, ==, 0x18000);
	vf_decode_hppa.learn(&a, pcxl);
	g_assert_cmphex(a.uncached, ==, 0x10000);
	g_assert_cmphex(a.uncached_end, ==, 0x810000);
	g_assert_cmphex(a.vmalloc, ==, 0x818000);
}

static void test_plain_stores(void)
{
	static const struct {
		const VfDecoder *decoder;
		guint32 word;
		guint64 va; /* 0: not a plain store */
	} rows[] = {
		{&vf_decode_hppa, 0x6bc53fd9, 0x1e000 - 20},  /* stw r5,-20(r30) */
		{&vf_decode_hppa, 0x6b450080, 0x1a040},	      /* stw r5,64(r26) */
		{&vf_decode_hppa, 0x4bc23fd9, 0},	      /* ldw */
		{&vf_decode_sparc64, 0xc273a7ff, 0xe7ff},     /* stx %g1, [%sp + 0x7ff] */
		{&vf_decode_sparc64, 0xc2220009, 0x11000},    /* stw %g1, [%o0 + %o1] */
		{&vf_decode_sparc64, 0xc22a0000, 0},	      /* stb */
		{&vf_decode_mips64, 0xffa4fff8, 0x1d000 - 8}, /* sd $4, -8($29) */
		{&vf_decode_mips64, 0xaca41234, 0x6234},      /* sw $4, 0x1234($5) */
		{&vf_decode_mips64, 0xa0a40000, 0},	      /* sb */
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree Registers *r = registers_new(rows[i].decoder);
		guint64 va = 0;
		gboolean plain = rows[i].decoder->plain_store(rows[i].word, read_register, r, &va);

		g_assert_cmpint(plain, ==, rows[i].va != 0);
		if (plain)
			g_assert_cmphex(va, ==, rows[i].va);
	}
}

static void test_find(void)
{
	g_autofree char *names = vf_decoder_names();

	g_assert_true(vf_decoder_find("mips64el") == &vf_decode_mips64el);
	g_assert_null(vf_decoder_find("vax"));
	g_assert_cmpstr(names, ==, "hppa, mips64, mips64el, sparc64, x86_64");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(sets); i++) {
		g_autofree char *words =
			g_strdup_printf("/decode/%u-%s/words", i, sets[i].decoder->name);
		g_autofree char *as =
			g_strdup_printf("/decode/%u-%s/assembler", i, sets[i].decoder->name);

		g_test_add_data_func(words, &sets[i], test_words);
		if (sets[i].assembler)
			g_test_add_data_func(as, &sets[i], test_assembler);
	}
	g_test_add_func("/decode/hppa/tmpalias", test_tmpalias);
	g_test_add_func("/decode/hppa/nullified", test_nullified);
	g_test_add_func("/decode/hppa/space", test_space);
	g_test_add_func("/decode/hppa/learn", test_learn);
	g_test_add_func("/decode/sparc64/asi", test_asi);
	g_test_add_func("/decode/sparc64/hook", test_hook);
	g_test_add_func("/decode/segments", test_segments);
	g_test_add_func("/decode/plain-stores", test_plain_stores);
	g_test_add_func("/decode/find", test_find);
	return g_test_run();
}
