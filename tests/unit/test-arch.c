// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/arch.h"

#include "base/error.h"
#include "plan-fixture.h"

static void test_right(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfArch) arch = vf_arch_load(".", "alpha", &error);
	const VfBoard *board;
	const VfTriagePattern *first, *second;

	g_assert_no_error(error);
	g_assert_cmpstr(arch->name, ==, "alpha");
	g_assert_cmpstr(arch->dir, ==, "./kernels/alpha");
	g_assert_cmpstr(arch->kernel.cross_compile, ==, "hppa-linux-gnu-");
	g_assert_cmpstr(arch->kernel.config[0], ==, "common.config");
	g_assert_cmpuint(arch->kernel.objects, ==, 1200);
	g_assert_cmpstr(arch->guest.flags[0], ==, "-static");
	g_assert_cmpstr(arch->qemu.minimum, ==, "10.0");
	g_assert_cmpuint(arch->page_size, ==, 4096);
	g_assert_cmpstr(arch->model.symbols[0], ==, "pcxl_dma_start");
	g_assert_cmpstr(arch->limits[0], ==, "none worth a word");

	board = vf_arch_board(arch, "big");
	g_assert_cmpstr(board->name, ==, "big");
	g_assert_null(board->cpu);
	g_assert_cmpuint(board->memory_mib, ==, 256);
	g_assert_cmpstr(board->console.tty, ==, "ttyS0");
	g_assert_cmpstr(board->result.device[1], ==, "pci-serial,chardev=result");
	g_assert_cmpuint(board->cache.colours, ==, 8);
	g_assert_cmpuint(board->cache.alias, ==, 0);
	g_assert_cmpstr(board->snoop, ==, "none");
	g_assert_null(vf_arch_board(arch, "huge"));

	g_assert_cmpuint(arch->triage->len, ==, 2);
	first = arch->triage->pdata[0];
	second = arch->triage->pdata[1];
	g_assert_cmpstr(first->class, ==, "oops");
	g_assert_cmpint(first->effect, ==, VF_TRIAGE_FATAL);
	g_assert_cmpstr(second->class, ==, "panic");
	g_assert_cmpint(second->effect, ==, VF_TRIAGE_FAIL);
}

/* Values that are right although they are unusual. */
static void test_also_right(void)
{
	static const FixtureCase cases[] = {
		{"kernel.cross_compile", "\"\"", NULL},
		{"kernel.cross_compile", "null", NULL},
		{"boards.default.pci_bus", "\"pciB\"", NULL},
		{"boards.default.cache",
		 "{\"index\": \"pipt\", \"size\": 65536, \"ways\": 2, \"line\": 64, \"colours\": 1,"
		 " \"write\": \"back\", \"source\": \"s\"}",
		 NULL},
		{"boards.default.cache",
		 "{\"index\": \"vipt\", \"size\": 4096, \"ways\": 4, \"line\": 16, \"colours\": 1,"
		 " \"write\": \"back\", \"source\": \"s\"}",
		 NULL},
		{"boards.default.cache",
		 "{\"index\": \"vipt\", \"size\": 1572864, \"ways\": 4, \"line\": 64,"
		 " \"alias\": 4194304, \"colours\": 1024, \"write\": \"back\", \"source\": \"s\"}",
		 NULL},
		{"model.options", "{\"page_offset\": \"0x1000\"}", NULL},
		{"triage", "[]", NULL},
		{"triage.0.class", "\"soft lockup\"", NULL},
		{"triage.0", "{\"pattern\": \"a\", \"effect\": \"hint\"}", NULL},
		{"qemu.minimum", "\"10.0.2\"", NULL},
	};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_arch("alpha", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited = fixture_edit(text, cases[i].path, cases[i].value);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfArch) arch =
			vf_arch_parse(edited, strlen(edited), ".", "alpha", &error);

		g_assert_no_error(error);
		g_assert_nonnull(arch);
		if (g_str_has_suffix(cases[i].path, "cross_compile"))
			g_assert_null(arch->kernel.cross_compile);
	}
}

static void test_wrong(void)
{
	static const FixtureCase cases[] = {
		{"name", "\"beta\"",
		 "name: expected \"alpha\" as the file is called, found \"beta\""},
		{"page_size", "5000", "page_size: expected a power of two, found 5000"},
		{"page_size", "\"4096\"", "page_size: expected a positive integer, found \"4096\""},
		{"endian", "\"middle\"", "endian: expected one of big, little, found \"middle\""},
		{"bits", "16", "bits: expected 32 or 64, found 16"},
		{"pagesize", "4096",
		 "pagesize: unknown key; expected one of name, title, kernel, guest, qemu, "
		 "page_size, endian, bits, boards, model, triage, limits; did you mean page_size?"},
		{"limits", NULL, "limits: expected an array of strings, found nothing"},
		{"kernel.objects", "0", "kernel.objects: expected a positive integer, found 0"},
		{"kernel.arch", "\"pa risc\"",
		 "kernel.arch: expected one word of printable ASCII without quotes, found "
		 "\"pa risc\""},
		{"kernel.cross_compile", "\"a'b\"",
		 "kernel.cross_compile: expected one word of printable ASCII without quotes, found "
		 "\"a'b\""},
		{"kernel.target", "\"all install\"",
		 "kernel.target: expected one word of printable ASCII without quotes, found "
		 "\"all install\""},
		{"kernel.packages", "[\"gcc\", \"rm -rf\"]",
		 "kernel.packages[1]: expected the name of a Debian package, found \"rm -rf\""},
		{"kernel.packages", "[\"--yes\"]",
		 "kernel.packages[0]: expected the name of a Debian package, found \"--yes\""},
		{"kernel.packages", "[\"gcc\", \"gcc\"]",
		 "kernel.packages[1]: expected every value once, found \"gcc\""},
		{"kernel.image", "\"../vmlinux\"",
		 "kernel.image: expected a relative path without .., found \"../vmlinux\""},
		{"kernel.image", "\"/boot/vmlinux\"",
		 "kernel.image: expected a relative path without .., found \"/boot/vmlinux\""},
		{"kernel.config", "[\"common.config\", \"alpha/missing\"]",
		 "kernel.config[1]: expected a file below kernels/, found \"alpha/missing\""},
		{"kernel.config", "[\"../jobs/boot.json\"]",
		 "kernel.config[0]: expected a relative path without .., found "
		 "\"../jobs/boot.json\""},
		{"guest.cc", "[]", "guest.cc: expected at least the compiler, found nothing"},
		{"guest.cc", "[\"\"]",
		 "guest.cc[0]: expected a word of printable ASCII, found \"\""},
		{"guest.flags", "[\"-O2\\n\"]",
		 "guest.flags[0]: expected a word of printable ASCII, found \"-O2\\x0a\""},
		{"guest.packages", "[\"a\"]",
		 "guest.packages[0]: expected the name of a Debian package, found \"a\""},
		{"guest.packages", "[\"A\"]",
		 "guest.packages[0]: expected the name of a Debian package, found \"A\""},
		{"qemu.binary", "\"qemu system\"",
		 "qemu.binary: expected one word of printable ASCII without quotes, found "
		 "\"qemu system\""},
		{"qemu.package", "\"q=1\"",
		 "qemu.package: expected the name of a Debian package, found \"q=1\""},
		{"qemu.minimum", "\"ten\"",
		 "qemu.minimum: expected a version like 10.0, found \"ten\""},
		{"qemu.minimum", "\"10.\"",
		 "qemu.minimum: expected a version like 10.0, found \"10.\""},
		{"qemu.minimum", "\"10-rc1\"",
		 "qemu.minimum: expected a version like 10.0, found \"10-rc1\""},
		{"model.decode", "\"a b\"",
		 "model.decode: expected one word of printable ASCII without quotes, found \"a "
		 "b\""},
		{"model.symbols", "[\"ok\", \"1st\"]",
		 "model.symbols[1]: expected a C identifier, found \"1st\""},
		{"model.symbols", "[\"a-b\"]",
		 "model.symbols[0]: expected a C identifier, found \"a-b\""},
		{"model.options", "{\"Vmalloc\": \"1\"}",
		 "model.options.Vmalloc: expected a key of a-z, 0-9 and _"},
		{"model.options", "{\"vmalloc\": \"1 2\"}",
		 "model.options.vmalloc: expected one word of printable ASCII without quotes, "
		 "found "
		 "\"1 2\""},
		{"model.options", "{\"out\": \"x\"}",
		 "model.options.out: expected a key other than arch, arm, colours, index, line, "
		 "model, "
		 "out, snoop, track, way and write"},
		{"triage.0.class", "\"A B\"",
		 "triage[0].class: expected words of a-z, 0-9 and -, found \"A B\""},
		{"triage.0.class", "\"a  b\"",
		 "triage[0].class: expected words of a-z, 0-9 and -, found \"a  b\""},
		{"triage.0.class", NULL,
		 "triage[0].class: expected a non-empty string, found nothing"},
		{"triage.0.inside", "1", "triage[0].inside: expected true or false, found 1"},
		{"triage.0.effect", "\"deadly\"",
		 "triage[0].effect: expected one of fail, fatal, warn, stack, place, note, hint, "
		 "ignore, expect, expect-end, found \"deadly\""},
		{"triage.0.regex", "\"x\"",
		 "triage[0].regex: unknown key; expected one of class, pattern, effect, follows, "
		 "inside, source"},
		{"boards", "{}", "boards.default: expected an object, found nothing"},
		{"boards.No", "{}", "boards.No.title: expected a non-empty string, found nothing"},
		{"boards.default.machine", "\"a b\"",
		 "boards.default.machine: expected one word of printable ASCII without quotes, "
		 "found \"a b\""},
		{"boards.default.cpu", "\"\"",
		 "boards.default.cpu: expected one word of printable ASCII without quotes, found "
		 "\"\""},
		{"boards.default.memory_mib", "\"256\"",
		 "boards.default.memory_mib: expected a positive integer, found \"256\""},
		{"boards.default.memory", "256",
		 "boards.default.memory: unknown key; expected one of title, machine, cpu, "
		 "memory_mib, smp, arguments, console, result, append, pvpanic, pci_bus, cache, "
		 "snoop, limits; did you mean memory_mib?"},
		{"boards.default.arguments", "[\"-x\", \"a{bus}\"]",
		 "boards.default.arguments[1]: expected no placeholder, found \"a{bus}\""},
		{"boards.default.result.device", "[\"{chardev}\"]",
		 "boards.default.result.device[0]: expected no placeholder, found \"{chardev}\""},
		{"boards.default.pvpanic", "[\"\"]",
		 "boards.default.pvpanic[0]: expected a word of printable ASCII, found \"\""},
		{"boards.default.console.serial", "-1",
		 "boards.default.console.serial: expected an integer of at least 0, found -1"},
		{"boards.default.console.tty", "\"tty S0\"",
		 "boards.default.console.tty: expected one word of printable ASCII without quotes, "
		 "found \"tty S0\""},
		{"boards.default.result.guest", "\"pci 1\"",
		 "boards.default.result.guest: expected one word of printable ASCII without "
		 "quotes, "
		 "found \"pci 1\""},
		{"boards.default.append", "\"quiet\\nx\"",
		 "boards.default.append: expected printable ASCII without quotes, found "
		 "\"quiet\\x0ax\""},
		{"boards.default.pci_bus", "\"\"",
		 "boards.default.pci_bus: expected one word of printable ASCII without quotes, "
		 "found \"\""},
		{"boards.default.snoop", "\"some\"",
		 "boards.default.snoop: expected one of none, linear, all, found \"some\""},
		{"boards.default.cache.index", "\"vivt\"",
		 "boards.default.cache.index: vivt is not modelled yet: a virtually tagged cache "
		 "would be judged as a vipt one"},
		{"boards.default.cache.index", "\"vip\"",
		 "boards.default.cache.index: expected one of vipt, vivt, pipt, found \"vip\""},
		{"boards.default.cache.write", "\"around\"",
		 "boards.default.cache.write: expected one of back, through, found \"around\""},
		{"boards.default.cache.line", "24",
		 "boards.default.cache.line: expected a power of two, found 24"},
		{"boards.default.cache.ways", "3",
		 "boards.default.cache.size: expected ways of whole lines, found 65536 bytes for 3 "
		 "ways"},
		{"boards.default.cache.size", "65552",
		 "boards.default.cache.size: expected ways of whole lines, found 65552 bytes for 2 "
		 "ways"},
		{"boards.default.cache.colours", "4",
		 "boards.default.cache.colours: expected 8 (vipt, repeating after 32768 bytes, "
		 "pages of 4096), found 4"},
		{"boards.default.cache.alias", "4194304",
		 "boards.default.cache.colours: expected 1024 (vipt, repeating after 4194304 "
		 "bytes, "
		 "pages of 4096), found 8"},
		{"boards.default.cache.index", "\"pipt\"",
		 "boards.default.cache.colours: expected 1 (pipt, repeating after 32768 bytes, "
		 "pages of 4096), found 8"},
	};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_arch("alpha", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited = fixture_edit(text, cases[i].path, cases[i].value);
		g_autofree char *message =
			g_strconcat("kernels/alpha/arch.json: ", cases[i].message, NULL);
		g_autoptr(GError) error = NULL;

		scratch_write("kernels/alpha/arch.json", edited);
		g_assert_null(vf_arch_load(scratch->path, "alpha", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, message);
	}
}

static void test_board_name(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;

	fixture_put("kernels/alpha/arch.json", fixture_arch("alpha", "Not A Name"));
	g_assert_null(vf_arch_load(scratch->path, "alpha", &error));
	g_assert_cmpstr(error->message, ==,
			"kernels/alpha/arch.json: boards.Not A Name: expected a board name of a-z, "
			"0-9, - and _");
}

/* The text of GLib's reason is its own. */
static void test_pattern(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *text = fixture_arch("alpha", NULL);
	g_autofree char *edited = fixture_edit(text, "triage.0.pattern", "\"Fault (\"");

	scratch_write("kernels/alpha/arch.json", edited);
	g_assert_null(vf_arch_load(scratch->path, "alpha", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_true(g_str_has_prefix(error->message,
				       "kernels/alpha/arch.json: triage[0].pattern: expected a "
				       "Perl regular expression: "));
	g_assert_null(strchr(error->message, '\n'));
}

static void test_common_triage(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\"triage\": [{\"class\": \"panic\"}]}",
		 "kernels/triage.json: triage[0].pattern: expected a non-empty string, found "
		 "nothing"},
		{"[]", "kernels/triage.json: expected an object, found an array"},
		{"{", "kernels/triage.json:1:1: string or '}' expected near end of file"},
		{NULL, "kernels/triage.json: cannot open: No such file or directory"},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		if (cases[i].text)
			scratch_write("kernels/triage.json", cases[i].text);
		else
			g_assert_cmpint(g_unlink("kernels/triage.json"), ==, 0);
		g_assert_null(vf_arch_load(scratch->path, "alpha", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

static void test_files(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;

	scratch_write("kernels/alpha/arch.json", "{\n  \"name\": \"alpha\",\n  oops\n}\n");
	g_assert_null(vf_arch_load(scratch->path, "alpha", &error));
	g_assert_cmpstr(error->message, ==,
			"kernels/alpha/arch.json:3:6: string or '}' expected near 'oops'");
	g_clear_error(&error);
	g_assert_null(vf_arch_load(scratch->path, "gamma", &error));
	g_assert_cmpstr(error->message, ==,
			"kernels/gamma/arch.json: cannot open: No such file or directory");
}

static void test_names(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = NULL;
	g_autofree char *all = NULL;

	g_assert_cmpint(g_mkdir("kernels/shared", 0755), ==, 0);
	scratch_write("kernels/.hidden/arch.json", "");
	names = vf_arch_names(scratch->path, &error);
	g_assert_no_error(error);
	all = g_strjoinv(" ", names);
	g_assert_cmpstr(all, ==, "alpha beta");

	scratch_write("kernels/Upper\x1b/arch.json", "");
	g_assert_null(vf_arch_names(scratch->path, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==,
			"kernels/Upper\\x1b: expected a name of at most 64 characters a-z, 0-9, - "
			"and _");
	g_clear_error(&error);
	g_assert_null(vf_arch_names("nowhere", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==,
			"nowhere/kernels: expected a directory that can be read");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/arch/right", test_right);
	g_test_add_func("/arch/also-right", test_also_right);
	g_test_add_func("/arch/wrong", test_wrong);
	g_test_add_func("/arch/board-name", test_board_name);
	g_test_add_func("/arch/pattern", test_pattern);
	g_test_add_func("/arch/common-triage", test_common_triage);
	g_test_add_func("/arch/files", test_files);
	g_test_add_func("/arch/names", test_names);
	return g_test_run();
}
