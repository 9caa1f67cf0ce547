// SPDX-License-Identifier: GPL-2.0-or-later
/* A repository of packages with a key of its own, and a machine whose apt knows it. */
#include "kernel/source-debian.h"

#include <glib/gstdio.h>

#include "build-fixture.h"
#include "kernel/cache.h"
#include "kernel/debian-mirror.h"
#include "kernel/source.h"

static void run(const char *command)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *said = NULL;
	int status;
	char *argv[] = {"/bin/sh", "-ec", (char *)command, NULL};

	g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &said, NULL, &status,
		     &error);
	g_assert_no_error(error);
	if (status)
		g_test_message("%s: %s", command, said);
	g_assert_cmpint(status, ==, 0);
}

/* Signs dists/@suite with the key in gnupg/. */
static void publish(const char *suite)
{
	g_autofree char *command = g_strdup_printf(
		"cd repository; d=dists/%s; p=main/binary-$(dpkg --print-architecture)/Packages\n"
		"mkdir -p $d/${p%%/*}; dpkg-scanpackages -m pool/%s >$d/$p\n"
		"{ echo Origin: Debian; echo Label: Debian; echo Suite: %s; echo Codename: %s\n"
		"echo Architectures: all $(dpkg --print-architecture); echo Components: main\n"
		"echo Date: $(LC_ALL=C date -Ru); echo SHA256:\n"
		"echo \" $(sha256sum $d/$p | cut -c1-64) $(stat -c %%s $d/$p) $p\"; } >$d/Release\n"
		"gpg --homedir ../gnupg --batch --yes --clearsign -o $d/InRelease $d/Release",
		suite, suite, suite, suite);

	run(command);
}

static void add_package(const char *suite, const char *linux_version, const char *version)
{
	g_autofree char *command = g_strdup_printf(
		"p=linux-source-%s; rm -rf root; mkdir -p root/DEBIAN root/usr/src "
		"repository/pool/%s\n"
		"printf 'Package: %%s\\nVersion: %%s\\nArchitecture: all\\nMaintainer: t <t@t>\\n"
		"Description: t\\n' $p %s >root/DEBIAN/control; echo %s >tree/salt\n"
		"tar -cJf root/usr/src/$p.tar.xz tree\n"
		"dpkg-deb --root-owner-group -b root repository/pool/%s/${p}_%s_all.deb",
		linux_version, suite, version, version, suite, version);

	run(command);
}

/* The working directory becomes the place of repository, key and machine. */
static void set_up(void)
{
	g_autofree char *here = g_get_current_dir();
	g_autofree char *config = g_build_filename(here, "machine.conf", NULL);
	g_autofree char *text = g_strdup_printf(
		"Dir::Etc::main \"/dev/null\";\nDir::Etc::parts \"/dev/null\";\n"
		"Dir::Etc::sourcelist \"%s/machine.sources\";\nDir::Etc::sourceparts "
		"\"/dev/null\";\n"
		"Dir::State \"%s/machine\";\nDir::State::status \"%s/machine/status\";\n"
		"Dir::Cache \"%s/machine\";\nAPT::Sandbox::User \"root\";\n",
		here, here, here, here);
	g_autofree char *sources =
		g_strdup_printf("Types: deb\nURIs: file:%s/repository\nSuites: stable\n"
				"Components: main\nSigned-By: %s/key.gpg\n",
				here, here);

	build_tree("tree", "");
	run("mkdir -m 700 gnupg; gpg --homedir gnupg --batch --pinentry-mode loopback "
	    "--passphrase '' --quick-gen-key t@t ed25519 sign never\n"
	    "gpg --homedir gnupg --export >key.gpg; mkdir -p machine/lists/partial "
	    "machine/archives/partial; : >machine/status");
	scratch_write("machine.conf", text);
	scratch_write("machine.sources", sources);
	g_setenv("APT_CONFIG", config, TRUE);
	add_package("stable", "6.1", "6.1.5-1");
	publish("stable");
	run("apt-get -qq update");
}

/* The agent would outlive the test. */
static void tear_down(void)
{
	g_autofree char *kept = vf_cache_path("debian", NULL);

	run("gpgconf --homedir gnupg --kill all");
	g_unsetenv("APT_CONFIG");
	vf_dirs_remove(kept, NULL);
}

static VfSource *open_suite(const char *name)
{
	g_autoptr(GError) error = NULL;
	VfSource *source = vf_source_new(name, &error);

	g_assert_no_error(error);
	return source;
}

static gboolean fetch(VfSource *source, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	GAsyncResult *done = NULL;

	vf_source_fetch_async(source, NULL, NULL, NULL, build_done, &done);
	result = build_wait(&done);
	return vf_source_fetch_finish(result, error);
}

static void assert_fetched(const char *name, const char *expected)
{
	g_autoptr(VfSource) source = open_suite(name);
	g_autoptr(GError) error = NULL;

	fetch(source, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(vf_source_name(source), ==, expected);
}

static void assert_refused(const char *name, VfErrorCode code, const char *part)
{
	g_autoptr(VfSource) source = open_suite(name);
	g_autoptr(GError) error = NULL;

	g_assert_false(fetch(source, &error));
	g_assert_error(error, VF_ERROR, (int)code);
	if (!strstr(error->message, part))
		g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, part));
	g_assert_null(strchr(error->message, '\n'));
}

/* As if the mirror had been asked days ago. */
static void age(const char *suite)
{
	g_autofree char *path = vf_cache_path("debian", suite, "newest.json", NULL);
	g_autofree char *command =
		g_strdup_printf("sed -i 's/\"asked\": [0-9]*/\"asked\": 1000/' %s", path);

	run(command);
}

static void test_newest(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autoptr(GError) error = NULL;
	GAsyncResult *done = NULL;

	set_up();
	add_package("unstable", "9.9", "9.9.1-1");
	add_package("unstable", "9.10", "9.10.2-1");
	publish("unstable");
	assert_fetched("debian/unstable", "linux-source-9.10 9.10.2-1");
	source = open_suite("debian/unstable");
	vf_source_identify_async(source, NULL, build_done, &done);
	g_autoptr(GAsyncResult) identified = build_wait(&done);
	g_assert_true(vf_source_identify_finish(identified, NULL));
	vf_source_unpack_async(source, NULL, NULL, NULL, build_done, &done);
	g_autoptr(GAsyncResult) unpacked = build_wait(&done);
	g_assert_true(vf_source_unpack_finish(unpacked, &error));
	g_autofree char *salt = g_build_filename(vf_source_tree(source), "salt", NULL);
	g_autofree char *text = build_read(salt);
	g_assert_cmpstr(text, ==, "9.10.2-1\n");
	/* the machine's own lists are those of before */
	run("test -z \"$(ls machine/lists | grep unstable)\"");
	tear_down();
}

/* A recent answer asks nobody; @latest does. */
static void test_again(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *directory = vf_cache_path("debian", "unstable", NULL);
	g_autofree char *count = g_strdup_printf("test $(ls %s/*.tar.xz | wc -l) = 1", directory);

	set_up();
	add_package("unstable", "9.1", "9.1.2-1");
	publish("unstable");
	assert_fetched("debian/unstable", "linux-source-9.1 9.1.2-1");
	add_package("unstable", "9.1", "9.1.3-1");
	publish("unstable");
	assert_fetched("debian/unstable", "linux-source-9.1 9.1.2-1");
	assert_fetched("debian/unstable@latest", "linux-source-9.1 9.1.3-1");
	run(count);
	run("mv repository gone");
	assert_fetched("debian/unstable", "linux-source-9.1 9.1.3-1");
	tear_down();
}

static void test_offline(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	set_up();
	add_package("unstable", "9.1", "9.1.2-1");
	publish("unstable");
	assert_fetched("debian/unstable", "linux-source-9.1 9.1.2-1");
	run("rm -r repository/dists/unstable");
	age("unstable");
	assert_fetched("debian/unstable", "linux-source-9.1 9.1.2-1");
	assert_refused("debian/unstable@latest", VF_ERROR_HARNESS, "debian/unstable: apt: E: ");
	assert_refused("debian/other", VF_ERROR_HARNESS, "debian/other: apt: E: ");
	tear_down();
}

/* Neither another key nor other bytes than the signed ones are taken. */
static void test_forged(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *kept = vf_cache_path("debian", "unstable", "newest.json", NULL);

	set_up();
	add_package("unstable", "9.1", "9.1.2-1");
	publish("unstable");
	run("echo x >>repository/pool/unstable/linux-source-9.1_9.1.2-1_all.deb");
	assert_refused("debian/unstable", VF_ERROR_HARNESS, "E: ");
	add_package("unstable", "9.1", "9.1.2-1");
	run("rm repository/dists/unstable/InRelease");
	assert_refused("debian/unstable", VF_ERROR_HARNESS, " signed.");
	g_assert_false(g_file_test(kept, G_FILE_TEST_EXISTS));
	tear_down();
}

static void test_names(void)
{
	static const char *const bad[] = {"debian/",	 "debian/Unstable", "debian/-o",
					  "debian/a b",	 "debian/@latest",  "debian/..",
					  "debian/sid\n"};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) directory = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_source_new(bad[i], &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	}
	build_tree("debian/unstable", "a directory");
	directory = open_suite("./debian/unstable");
	g_assert_true(g_str_has_prefix(vf_source_name(directory), "directory "));
	g_assert_null(vf_debian_new("debian/unstable/linux", NULL));
	g_assert_null(vf_debian_new(NULL, NULL));
}

static void assert_sources(const char *entry, const char *expected)
{
	g_autofree char *targets = g_strdup_printf(
		"Repo-URI: http://m/security/\nOrigin: Debian\nLabel: Debian-Security\n"
		"Component: main\nSourcesentry: x:1\n\n"
		"Repo-URI: http://m/debian/\nOrigin: Debian\nLabel: Debian\nComponent: main\n"
		"Sourcesentry: %s\n",
		entry);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = vf_debian_sources(targets, "sid", &error);
	g_autofree char *whole =
		g_strconcat("Types: deb\nURIs: http://m/debian/\nSuites: sid\nComponents: main\n",
			    expected, NULL);

	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, whole);
}

/* The key is the one that the machine's entry names. */
static void test_keys(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	scratch_write("a.sources", "Types: deb\nSigned-By: /first\n\n\nTypes: deb\n"
				   "signed-by: /a.gpg /b.gpg\nURIs: x\n");
	scratch_write("b.sources", "Types: deb\nSigned-By:\n -----BEGIN\n .\n abc\nURIs: x\n");
	scratch_write("c.list", "# deb [signed-by=/no] x\n"
				"deb [arch=amd64 signed-by=/a.gpg,/b.gpg] http://m sid main\n"
				"deb http://m sid main # [signed-by=/no]\n");
	assert_sources("a.sources:1", "Signed-By: /first\n");
	assert_sources("a.sources:2", "signed-by: /a.gpg /b.gpg\n");
	assert_sources("a.sources:3", "");
	assert_sources("b.sources:1", "Signed-By:\n -----BEGIN\n .\n abc\n");
	assert_sources("c.list:1", "");
	assert_sources("c.list:2", "Signed-By: /a.gpg /b.gpg\n");
	assert_sources("c.list:3", "");
	assert_sources("missing.list:1", "");
	g_assert_null(vf_debian_sources("Repo-URI: http://m/\nOrigin: Other\n", "sid", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/source-debian/names", test_names);
	g_test_add_func("/source-debian/keys", test_keys);
	g_test_add_func("/source-debian/newest", test_newest);
	g_test_add_func("/source-debian/again", test_again);
	g_test_add_func("/source-debian/offline", test_offline);
	g_test_add_func("/source-debian/forged", test_forged);
	return build_fixture_main();
}
