// SPDX-License-Identifier: GPL-2.0-or-later
/* Golden domains of every board that libvirt can run, golden/domain/<arch>-<board>-<job>. */
#include <string.h>

#include "base/error.h"
#include "golden.h"
#include "guest-fixture.h"
#include "guest/libvirt/domain-xml.h"
#include "paths.h"

static VfOwner owner = {
	.run = (char *)"20260101-000000-abcd",
	.machine = (char *)"0123456789abcdef",
	.boot = (char *)"11111111-2222-3333-4444-555555555555",
	.space = (char *)"pid:[4026531836]",
	.user = 1000,
	.pid = 4711,
	.start = 123456,
};

static const VfDomain domain = {
	.name = "vifarm-20260101-000000-abcd-a.b.c.full-1",
	.emulator = "/usr/bin/qemu",
	.owner = &owner,
	.files = {.image = "/cache/kernels/k/image",
		  .initramfs = "/cache/initramfs/i.cpio.gz",
		  .plugin = "/build/machine/vifarm.so",
		  .model = "/state/runs/r/t/1/model.jsonl",
		  .console = "/state/runs/r/t/1/console.pipe",
		  .result = "/state/runs/r/t/1/result.pipe"},
};

static char *describe(const VfGuestSpec *spec)
{
	g_autoptr(GError) error = NULL;
	char *xml = vf_domain_xml(spec, &domain, &error);

	g_assert_no_error(error);
	return xml;
}

static void check_board(const VfArch *arch, const VfBoard *board, VfJob *job)
{
	g_autofree char *name =
		g_strdup_printf("domain/%s-%s-%s.xml", arch->name, board->name, job->name);
	g_autofree char *xml = NULL;
	GuestFixture f;

	guest_fixture_init(&f, arch, board, job);
	f.task.name = (char *)"a/b/c/full";
	xml = describe(&f.spec);
	golden_check(name, xml);
}

static void test_golden(void)
{
	/* all but hppa, which libvirt has no name for */
	static const char *const archs[] = {"mips64", "sparc64", "x86_64"};
	g_autoptr(Scratch) scratch = scratch_new();

	scratch_write("System.map", system_map);
	for (gsize i = 0; i < G_N_ELEMENTS(archs); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(VfArch) arch = vf_arch_load(VIFARM_SOURCE_DIR, archs[i], &error);
		GHashTableIter iter;
		gpointer board;

		g_assert_no_error(error);
		g_hash_table_iter_init(&iter, arch->boards);
		while (g_hash_table_iter_next(&iter, NULL, &board)) {
			check_board(arch, board, &plain);
			check_board(arch, board, &model);
		}
	}
}

typedef struct Fixture {
	Scratch *scratch;
	VfArch *arch;
	GuestFixture f;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer job)
{
	fixture->scratch = scratch_new();
	scratch_write("System.map", system_map);
	fixture->arch = vf_arch_load(VIFARM_SOURCE_DIR, "mips64", NULL);
	guest_fixture_init(&fixture->f, fixture->arch, vf_arch_board(fixture->arch, "default"),
			   job);
	fixture->f.task.name = (char *)"mips64/default/plain/full";
}

static void tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer job)
{
	vf_arch_free(fixture->arch);
	scratch_free(fixture->scratch);
}

/* What users and file names bring must not become markup. */
static void test_escaped(Fixture *fixture, G_GNUC_UNUSED gconstpointer job)
{
	static char *words[] = {(char *)"a='<&>'", NULL};
	VfDomain odd = domain;
	g_autofree char *xml = NULL;

	odd.files.image = "/k&k/<vmlinux>";
	odd.files.console = "/a,b'c/console.pipe";
	fixture->f.spec.append = words;
	xml = vf_domain_xml(&fixture->f.spec, &odd, NULL);
	g_assert_nonnull(strstr(xml, "<kernel>/k&amp;k/&lt;vmlinux&gt;</kernel>"));
	g_assert_nonnull(strstr(xml, " a=&apos;&lt;&amp;&gt;&apos;</cmdline>"));
	g_assert_nonnull(
		strstr(xml, "value='file,id=console,path=/a,,b&apos;c/console.pipe,append=on'"));
}

static void test_memory(Fixture *fixture, G_GNUC_UNUSED gconstpointer job)
{
	const VfLayout layout = {.memory_mib = 16};
	g_autofree char *xml = NULL;

	fixture->f.spec.layout = &layout;
	xml = describe(&fixture->f.spec);
	g_assert_nonnull(strstr(xml, "<memory unit='MiB'>272</memory>"));
}

static void test_no_system_map(Fixture *fixture, G_GNUC_UNUSED gconstpointer job)
{
	g_autoptr(VfArch) sparc = vf_arch_load(VIFARM_SOURCE_DIR, "sparc64", NULL);
	g_autoptr(GError) error = NULL;

	fixture->f.task.arch = sparc;
	fixture->f.task.board = vf_arch_board(sparc, "default");
	fixture->f.kernel.symbols = (char *)"nosuch.map";
	g_assert_null(vf_domain_xml(&fixture->f.spec, &domain, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
}

static void test_arch(void)
{
	VfArch arch = {.qemu = {.binary = (char *)"/opt/qemu-system-mips64el"}};

	g_assert_cmpstr(vf_domain_arch(&arch), ==, "mips64el");
	arch.qemu.binary = (char *)"fake";
	g_assert_cmpstr(vf_domain_arch(&arch), ==, "fake");
	arch.qemu.libvirt_arch = (char *)"armv6l";
	g_assert_cmpstr(vf_domain_arch(&arch), ==, "armv6l");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/domain-xml/golden", test_golden);
	g_test_add("/domain-xml/escaped", Fixture, &plain, set_up, test_escaped, tear_down);
	g_test_add("/domain-xml/memory", Fixture, &model, set_up, test_memory, tear_down);
	g_test_add("/domain-xml/no-system-map", Fixture, &model, set_up, test_no_system_map,
		   tear_down);
	g_test_add_func("/domain-xml/arch", test_arch);
	return g_test_run();
}
