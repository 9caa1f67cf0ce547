// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <string.h>

/* "name=value name=value": false and the message in @message when one is refused. */
static gboolean configure(VfConfig *c, const char *text, const char *target, char **message)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	g_autoptr(GError) error = NULL;
	gboolean ok = TRUE;

	vf_config_init(c);
	for (guint i = 0; ok && words[i]; i++) {
		char *value = strchr(words[i], '=');

		*value++ = 0;
		ok = vf_config_set(c, words[i], value, &error);
	}
	ok = ok && vf_config_finish(c, target, &error);
	g_assert_true(ok == !error);
	*message = error ? g_strdup(error->message) : NULL;
	return ok;
}

#define B160L "model=infinite line=32 way=32768 colours=8"
#define SUN4U                                                           \
	"model=exact line=32 way=16384 ways=1 colours=2 write=through " \
	"snoop=all sym.__flush_dcache_page=0x42d000"

static void test_complete(void)
{
	g_autofree char *message = NULL;
	VfConfig c;

	g_assert_true(configure(&c,
				SUN4U " vmalloc=0x100000000-0x10000000000 curve=64:128 track=all",
				"sparc64", &message));
	g_assert_true(c.decoder == &vf_decode_sparc64);
	g_assert_true(c.write_through);
	g_assert_cmpuint(c.snoop, ==, VF_SNOOP_ALL);
	g_assert_cmpuint(c.addressing.page, ==, 8192);
	g_assert_cmpuint(c.addressing.vmalloc_end, ==, 0x10000000000);
	g_assert_cmpuint(c.n_curve, ==, 2);
	g_assert_cmpuint(vf_config_geometry(&c, c.curve[1]).ways, ==, 8);
	g_assert_cmpuint(vf_config_geometry(&c, 0).ways, ==, 0);
	g_assert_cmpuint(vf_config_symbol(&c, "__flush_dcache_page"), ==, 0x42d000);
	g_assert_cmpuint(vf_config_symbol(&c, "nothing"), ==, 0);
	g_assert_cmpstr(vf_config_text(&c, "snoop"), ==, "all");
	vf_config_clear(&c);
}

static void test_ignore(void)
{
	g_autofree char *message = NULL;
	VfConfig c;

	g_assert_true(configure(&c, B160L " ignore=tmpalias:index", "hppa", &message));
	g_assert_cmpuint(c.ignore, ==, VF_IGNORE_TMPALIAS | VF_IGNORE_INDEX);
	vf_config_clear(&c);
}

static void test_off(void)
{
	g_autofree char *message = NULL;
	VfConfig c;

	g_assert_true(configure(&c, "line=32", "m68k", &message));
	g_assert_cmpuint(c.mode, ==, VF_MODE_OFF);
	vf_config_clear(&c);
}

static void test_refused(void)
{
	static const struct {
		const char *text, *target, *message;
	} cases[] = {
		{"mode=infinite", "hppa", "unknown option \"mode\""},
		{"model=infinit", "hppa", "\"infinit\" is none of off, infinite, exact, movein"},
		{"line=32k", "hppa", "\"32k\" is not a number"},
		{"line=-1", "hppa", "\"-1\" is not a number"},
		{"line=99999999999999999999", "hppa", "\"99999999999999999999\" is not a number"},
		{"line=4", "hppa", "4 is outside 8..64"},
		{"snoop=some", "hppa", "\"some\" is none of none, linear, all"},
		{"vmalloc=0x1000", "hppa", "\"0x1000\" is not a range LOW-HIGH"},
		{"vmalloc=0x2000-0x1000", "hppa", "the range 0x2000-0x1000 is empty"},
		{"ignore=line:all", "hppa",
		 "\"all\" is none of line, tmpalias, index, page, whole"},
		{"curve=1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17", "hppa", "more than 16 sizes"},
		{"sym.=0x1", "hppa", "a symbol needs a name: sym.NAME=ADDRESS"},
		{"model=infinite way=32768 colours=8", "hppa", "model=infinite needs line="},
		{"model=exact line=32 way=32768 colours=8", "hppa", "model=exact needs ways="},
		{B160L, "m68k", "the model cannot read the instructions of m68k yet"},
		{B160L " arch=mips64", "hppa", "arch=mips64, but this QEMU runs hppa"},
		{B160L " arch=vax", "hppa",
		 "\"vax\" is none of hppa, mips64, mips64el, sparc64, x86_64"},
		{B160L " curve=64", "hppa",
		 "curve= needs track=all: a cache of a real size has to see what displaces its "
		 "lines"},
		{B160L " curve=48 track=all", "hppa", "curve: 48 KiB is no multiple of way=32768"},
		{"model=infinite line=32 way=16384 colours=2", "sparc64",
		 "arch=sparc64 needs sym.__flush_dcache_page= (from System.map)"},
		{"model=movein write=through line=32 way=32768 colours=8", "hppa",
		 "model=movein is for write-back caches"},
		{"model=infinite line=32 way=32768 colours=7", "hppa",
		 "way is no multiple of colours"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *message = NULL;
		VfConfig c;

		g_assert_false(configure(&c, cases[i].text, cases[i].target, &message));
		g_assert_cmpstr(message, ==, cases[i].message);
		vf_config_clear(&c);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/complete", test_complete);
	g_test_add_func("/config/ignore", test_ignore);
	g_test_add_func("/config/off", test_off);
	g_test_add_func("/config/refused", test_refused);
	return g_test_run();
}
