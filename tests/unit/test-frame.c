// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <zlib.h>

#include "evidence/frame.h"
#include "rootfs/channel.h"

typedef struct Got {
	GString *text; /* "K:payload\n" for each record */
	VfFrame *frame;
} Got;

static void on_record(char type, const char *payload, gsize length, gpointer data)
{
	GString *text = data;

	g_string_append_c(text, type);
	g_string_append_c(text, ':');
	g_string_append_len(text, payload, (gssize)length);
	g_string_append_c(text, '\n');
}

static void got_free(Got *got)
{
	g_string_free(got->text, TRUE);
	vf_frame_free(got->frame);
	g_free(got);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Got, got_free)

/* Feeds @length bytes in pieces of @piece. */
static Got *decode(const char *bytes, gsize length, gsize piece)
{
	Got *got = g_new0(Got, 1);

	got->text = g_string_new(NULL);
	got->frame = vf_frame_new(on_record, got->text);
	for (gsize at = 0; at < length; at += piece)
		vf_frame_feed(got->frame, bytes + at, MIN(piece, length - at));
	vf_frame_finish(got->frame);
	return got;
}

/* As the guest's own encoder writes it. */
static void encode(GString *out, guint64 seq, char type, const void *payload, gsize length)
{
	char line[CHANNEL_RECORD];
	bool cut = false;
	gsize n = channel_encode(line, seq, type, payload, length, &cut);

	g_string_append_len(out, line, (gssize)n);
}

static GString *good(void)
{
	GString *out = g_string_new(NULL);

	encode(out, 0, 'I', "page_size=4096", 14);
	encode(out, 1, 'K', "1..1", 4);
	encode(out, 2, 'K', "", 0);
	encode(out, 3, 'K', "a\\b\0\xff", 5);
	encode(out, 4, 'E', "4", 1);
	return out;
}

static void test_round_trip(void)
{
	g_autoptr(GString) out = good();
	static const char expected[] = "I:page_size=4096\nK:1..1\nK:\nK:a\\b\0\xff\nE:4\n";

	for (gsize piece = 1; piece <= out->len; piece++) {
		g_autoptr(Got) got = decode(out->str, out->len, piece);

		g_assert_null(vf_frame_error(got->frame));
		g_assert_cmpmem(got->text->str, got->text->len, expected, sizeof(expected) - 1);
		g_assert_cmpuint(vf_frame_records(got->frame), ==, 5);
		g_assert_true(vf_frame_ended(got->frame));
	}
}

static void test_longest(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *plain = g_strnfill(CHANNEL_PAYLOAD, 'x');
	g_autofree char *escaped = g_strnfill(CHANNEL_PAYLOAD / 4, '\n');
	g_autoptr(Got) got = NULL;

	encode(out, 0, 'K', plain, CHANNEL_PAYLOAD);
	encode(out, 1, 'K', escaped, CHANNEL_PAYLOAD / 4);
	encode(out, 2, 'E', "2", 1);
	got = decode(out->str, out->len, 7);
	g_assert_null(vf_frame_error(got->frame));
	g_assert_true(vf_frame_ended(got->frame));
	g_assert_cmpuint(got->text->len, ==, 2 * 3 + CHANNEL_PAYLOAD + CHANNEL_PAYLOAD / 4 + 4);
}

/* A line that floats before the UART is set up, and after power-off. */
static void test_noise(void)
{
	g_autoptr(GString) out = g_string_new("\xff\xfe\n\n\x80noise\r\n\x01\x02");
	g_autoptr(Got) got = NULL;
	gsize before = out->len;

	encode(out, 0, 'E', "0", 1);
	g_string_append(out, "\xff\xff");
	got = decode(out->str, out->len, 3);
	g_assert_null(vf_frame_error(got->frame));
	g_assert_true(vf_frame_ended(got->frame));
	g_assert_cmpuint(vf_frame_noise(got->frame), ==, before - 4 + 2);
}

static void test_endless_noise(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(Got) got = NULL;

	for (int i = 0; i < 100000; i++)
		g_string_append_c(out, (char)(0x80 | i));
	encode(out, 0, 'E', "0", 1);
	got = decode(out->str, out->len, 4096);
	g_assert_null(vf_frame_error(got->frame));
	g_assert_true(vf_frame_ended(got->frame));
	g_assert_cmpuint(vf_frame_noise(got->frame), ==, 100000);
}

/* What is done to good(), and what the error begins with. */
static const struct {
	const char *name, *from, *to, *error;
} damages[] = {
	{"checksum", "4096", "4097", "result channel, record 0: wrong checksum: \"~vf 0 I "},
	{"magic", "~vf 1", "~vg 1",
	 "result channel, record 1: bytes that are not a record: \"~vg 1"},
	{"number", "~vf 1 ", "~vf x ", "result channel, record 1: malformed"},
	{"leading zero", "~vf 1 ", "~vf 01 ", "result channel, record 1: malformed"},
	{"huge number", "~vf 1 ", "~vf 99999999999999999999 ",
	 "result channel, record 1: malformed"},
	{"joined", "4096\n", "4096", "result channel, record 0: wrong checksum"},
	{"split", "4096\n", "40\n96\n", "result channel, record 0: wrong checksum"},
	{"empty", "~vf 1 K", "~vf ", "result channel, record 1: malformed"},
	{"text between", "~vf 1", "Oops\n~vf 1",
	 "result channel, record 1: bytes that are not a record: \"Oops\""},
	{"text before", "~vf 1", "Oops ~vf 1",
	 "result channel, record 1: bytes that are not a record: \"Oops ~vf 1"},
};

static void test_damage(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autoptr(GString) out = good();
		g_autoptr(Got) got = NULL;

		g_assert_cmpuint(g_string_replace(out, damages[i].from, damages[i].to, 1), ==, 1);
		got = decode(out->str, out->len, 5);
		g_test_message("%s: %s", damages[i].name, vf_frame_error(got->frame));
		g_assert_nonnull(vf_frame_error(got->frame));
		g_assert_true(g_str_has_prefix(vf_frame_error(got->frame), damages[i].error));
		g_assert_null(strchr(vf_frame_error(got->frame), '\n'));
		g_assert_false(vf_frame_ended(got->frame));
	}
}

static void test_every_bit(void)
{
	g_autoptr(GString) out = good();

	for (gsize bit = 0; bit < out->len * 8; bit++) {
		g_autoptr(Got) got = NULL;

		out->str[bit / 8] ^= (char)(1 << bit % 8);
		got = decode(out->str, out->len, out->len);
		out->str[bit / 8] ^= (char)(1 << bit % 8);
		/* before the first record, what does not look like one is noise */
		if (bit / 8 < 4)
			g_assert_cmpuint(vf_frame_noise(got->frame), >, 0);
		else
			g_assert_nonnull(vf_frame_error(got->frame));
		g_assert_false(vf_frame_ended(got->frame));
	}
}

static void test_every_cut(void)
{
	g_autoptr(GString) out = good();

	for (gsize cut = 0; cut < out->len; cut++) {
		g_autoptr(Got) got = decode(out->str, cut, 11);

		g_assert_false(vf_frame_ended(got->frame));
	}
}

static void expect_error(const GString *out, const char *error)
{
	g_autoptr(Got) got = decode(out->str, out->len, 64);

	g_assert_nonnull(vf_frame_error(got->frame));
	g_assert_true(g_str_has_prefix(vf_frame_error(got->frame), error));
	g_assert_false(vf_frame_ended(got->frame));
}

static void test_sequence(void)
{
	g_autoptr(GString) gap = g_string_new(NULL);
	g_autoptr(GString) twice = g_string_new(NULL);
	g_autoptr(GString) count = g_string_new(NULL);
	g_autoptr(GString) after = g_string_new(NULL);
	g_autoptr(GString) type = g_string_new(NULL);

	encode(gap, 0, 'K', "a", 1);
	encode(gap, 2, 'K', "b", 1);
	expect_error(gap, "result channel, record 1: out of sequence, has number 2: \"~vf 2 K ");
	encode(twice, 0, 'K', "a", 1);
	encode(twice, 0, 'K', "a", 1);
	expect_error(twice, "result channel, record 1: out of sequence, has number 0: \"~vf 0 K ");
	encode(count, 0, 'E', "1", 1);
	expect_error(count,
		     "result channel, record 1: the end marker's count is wrong: \"~vf 0 E ");
	encode(after, 0, 'E', "0", 1);
	encode(after, 1, 'K', "a", 1);
	expect_error(after, "result channel, record 1: comes after the end marker: \"~vf 1 K ");
	encode(type, 0, 'X', "a", 1);
	expect_error(type, "result channel, record 0: unknown type: \"~vf 0 X ");
}

/* Right checksums, but payloads that no encoder writes. */
static void test_payload(void)
{
	static const char *const payloads[] = {"\x01", "\x7f",	"\\",	"\\q41",
					       "\\x4", "\\x4g", "\\y41"};

	for (guint i = 0; i < G_N_ELEMENTS(payloads); i++) {
		g_autofree char *body = g_strdup_printf("0 K %s", payloads[i]);
		g_autoptr(GString) out = g_string_new(NULL);

		g_string_printf(out, "~vf 0 K %08lx %s\n",
				crc32(0, (const Bytef *)body, (uInt)strlen(body)), payloads[i]);
		expect_error(out, "result channel, record 0: malformed payload: \"~vf 0 K ");
	}
}

static void test_overlong(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(Got) got = NULL;

	encode(out, 0, 'K', "a", 1);
	g_string_append(out, "~vf 1 K 00000000 ");
	for (int i = 0; i < 1000000; i++)
		g_string_append_c(out, 'x');
	g_string_append_c(out, '\n');
	got = decode(out->str, out->len, 1000);
	g_assert_true(g_str_has_prefix(vf_frame_error(got->frame),
				       "result channel, record 1: too long: \"~vf 1 K"));
	g_assert_cmpuint(strlen(vf_frame_error(got->frame)), <, 200);
}

/* Damage in one record does not cost the others. */
static void test_goes_on(void)
{
	g_autoptr(GString) out = good();
	g_autoptr(Got) got = NULL;

	g_string_replace(out, "1..1", "1..2", 1);
	got = decode(out->str, out->len, 9);
	g_assert_cmpuint(vf_frame_records(got->frame), ==, 4);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/frame/round-trip", test_round_trip);
	g_test_add_func("/frame/longest", test_longest);
	g_test_add_func("/frame/noise", test_noise);
	g_test_add_func("/frame/endless-noise", test_endless_noise);
	g_test_add_func("/frame/damage", test_damage);
	g_test_add_func("/frame/every-bit", test_every_bit);
	g_test_add_func("/frame/every-cut", test_every_cut);
	g_test_add_func("/frame/sequence", test_sequence);
	g_test_add_func("/frame/payload", test_payload);
	g_test_add_func("/frame/overlong", test_overlong);
	g_test_add_func("/frame/goes-on", test_goes_on);
	return g_test_run();
}
