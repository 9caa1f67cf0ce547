// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections, events and the cleaning up, with libvirt's test driver, which needs no guest. */
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "guest/libvirt/libvirt-host.h"
#include "guest/libvirt/libvirt-root.h"
#include "scratch.h"

typedef struct Fixture {
	VfHost *host;
	GMainLoop *loop;
	guint swept;
} Fixture;

static void on_open(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Fixture *f = data;

	f->swept = vf_host_open_finish(f->host, result);
	g_main_loop_quit(f->loop);
}

static void open_host(Fixture *f, const char *uri)
{
	g_autoptr(GError) error = NULL;

	f->loop = g_main_loop_new(NULL, FALSE);
	f->host = vf_host_new(uri, &error);
	g_assert_no_error(error);
	vf_host_open_async(f->host, NULL, on_open, f);
	g_main_loop_run(f->loop);
}

static void set_up(Fixture *f, gconstpointer uri)
{
	open_host(f, uri);
	g_assert_no_error(f->host->error);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer uri)
{
	vf_host_free(f->host);
	g_main_loop_unref(f->loop);
}

/* A domain of the test driver; @metadata NULL: not one of ours. */
static virDomainPtr create(Fixture *f, const char *name, const char *metadata)
{
	g_autofree char *xml =
		g_strdup_printf("<domain type='test'><name>%s</name><metadata>%s</metadata>"
				"<memory unit='MiB'>8</memory><os><type>hvm</type></os></domain>",
				name, metadata ? metadata : "");
	virDomainPtr domain = virDomainCreateXML(f->host->connection, xml, 0);

	if (!domain)
		g_error("%s: %s", name, virGetLastErrorMessage());
	return domain;
}

static char *owned_by(const char *from, const char *to)
{
	g_autoptr(VfOwner) self = vf_owner_self("r");
	g_autofree char *xml = vf_owner_xml(self);
	g_autoptr(GString) changed = g_string_new(xml);

	if (from)
		g_assert_cmpuint(g_string_replace(changed, from, to, 1), ==, 1);
	return g_strdup(changed->str);
}

static gboolean exists(Fixture *f, const char *name)
{
	virDomainPtr domain = virDomainLookupByName(f->host->connection, name);

	if (domain)
		virDomainFree(domain);
	return domain != NULL;
}

/* Only what an orchestrator of this machine left that is no more; by its metadata. */
static void test_sweep(Fixture *f, G_GNUC_UNUSED gconstpointer uri)
{
	g_autofree char *mine = owned_by(NULL, NULL);
	g_autofree char *gone = owned_by(" start=\"", " start=\"9");
	g_autofree char *elsewhere = owned_by(" machine=\"", " machine=\"x");
	g_autofree char *broken = owned_by(" pid=\"", " pid=\"x");
	const struct {
		const char *name, *metadata;
	} domains[] = {{"mine", mine},		 {"gone", gone},     {"gone-too", gone},
		       {"elsewhere", elsewhere}, {"broken", broken}, {"stranger", NULL}};

	for (gsize i = 0; i < G_N_ELEMENTS(domains); i++)
		virDomainFree(create(f, domains[i].name, domains[i].metadata));
	g_assert_cmpuint(vf_host_sweep(f->host->connection), ==, 2);
	g_assert_false(exists(f, "gone"));
	g_assert_false(exists(f, "gone-too"));
	g_assert_true(exists(f, "mine"));
	g_assert_true(exists(f, "elsewhere"));
	g_assert_true(exists(f, "broken"));
	g_assert_true(exists(f, "stranger"));
	g_assert_true(exists(f, "test"));
	g_assert_cmpuint(vf_host_sweep(f->host->connection), ==, 0);
}

/* A second connection to the host does it by itself. */
static void test_sweep_on_open(Fixture *f, gconstpointer uri)
{
	g_autofree char *gone = owned_by(" start=\"", " start=\"9");
	Fixture second;

	virDomainFree(create(f, "left-behind", gone));
	open_host(&second, uri);
	g_assert_cmpuint(second.swept, ==, 1);
	g_assert_false(exists(f, "left-behind"));
	tear_down(&second, uri);
}

typedef struct Ear {
	VfHostGuest guest; /* first */
	GMainLoop *loop;
	GString *heard;
} Ear;

static void on_event(VfHostGuest *guest, int event, int detail)
{
	Ear *ear = (Ear *)guest;

	g_string_append_printf(ear->heard, "%d.%d ", event, detail);
	if (event == VIR_DOMAIN_EVENT_STOPPED)
		g_main_loop_quit(ear->loop);
}

static void on_nothing(G_GNUC_UNUSED VfHostGuest *guest)
{
	g_assert_not_reached();
}

static void test_events(Fixture *f, G_GNUC_UNUSED gconstpointer uri)
{
	Ear ear = {{"mine", on_event, on_nothing, on_nothing}, f->loop, g_string_new(NULL)};
	g_autofree char *expected =
		g_strdup_printf("%d.%d %d.%d ", VIR_DOMAIN_EVENT_STARTED,
				VIR_DOMAIN_EVENT_STARTED_BOOTED, VIR_DOMAIN_EVENT_STOPPED,
				VIR_DOMAIN_EVENT_STOPPED_DESTROYED);
	virDomainPtr mine, other;

	vf_host_add(f->host, &ear.guest);
	other = create(f, "other", NULL);
	mine = create(f, "mine", NULL);
	g_assert_cmpint(virDomainDestroy(other), ==, 0);
	g_assert_cmpint(virDomainDestroy(mine), ==, 0);
	g_main_loop_run(f->loop);
	g_assert_cmpstr(ear.heard->str, ==, expected);
	vf_host_remove(f->host, &ear.guest);
	virDomainFree(mine);
	virDomainFree(other);
	g_string_free(ear.heard, TRUE);
}

static void test_properties(Fixture *f, G_GNUC_UNUSED gconstpointer uri)
{
	g_assert_false(f->host->direct);
	g_assert_false(f->host->emulates);
	g_assert_cmpuint(f->host->slots, >=, 1);
	g_assert_cmpstr(f->host->shown, ==, "test:///default");
}

static void test_unreachable(void)
{
	Fixture f;

	open_host(&f, "qemu+unix:///system?socket=/nonexistent/socket");
	g_assert_null(f.host->connection);
	g_assert_error(f.host->error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_true(g_str_has_prefix(f.host->error->message, "qemu+unix:///system: "));
	tear_down(&f, NULL);
}

static void check_uri(const char *uri, gboolean direct, const char *shown)
{
	g_autoptr(GError) error = NULL;
	VfHost *host = vf_host_new(uri, &error);

	g_assert_no_error(error);
	g_assert_cmpint(host->direct, ==, direct);
	g_assert_cmpstr(host->shown, ==, shown);
	vf_host_free(host);
}

/* Which hosts see this machine's files; secrets of a query are not for people. */
static void test_uris(void)
{
	check_uri("qemu:///embed", TRUE, "qemu:///embed");
	check_uri("qemu:///session", TRUE, "qemu:///session");
	check_uri("qemu:///system", FALSE, "qemu:///system");
	check_uri("qemu+unix:///session?socket=/s", FALSE, "qemu+unix:///session");
	check_uri("qemu+ssh://farm@host/session?keyfile=/k", FALSE, "qemu+ssh://farm@host/session");
}

static void test_never_ask(void)
{
	static const char *const rows[][2] = {
		{"qemu+ssh://h/session", "qemu+ssh://h/session?no_tty=1"},
		{"qemu+ssh://h/session?port=1", "qemu+ssh://h/session?port=1&no_tty=1"},
		{"qemu+ssh://h/session?no_tty=0", "qemu+ssh://h/session?no_tty=0"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		VfHost *host = vf_host_new(rows[i][0], NULL);

		g_assert_cmpstr(host->uri, ==, rows[i][1]);
		vf_host_free(host);
	}
}

static void test_refused(void)
{
	static const char *const uris[] = {
		"",
		"qemu",
		"lxc:///system",
		"qemu+teletype:///system",
		"qemu:///",
		"qemu://host/embed",
		"qemu:///embed?root=relative",
		"qemu:///embed?root=/far/too/long/for/the/names/of/sockets/that/are/below/it",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", uris[i]);
		g_assert_null(vf_host_new(uris[i], &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	}
}

static void test_root(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *root = vf_libvirt_root_new(&error);
	g_autofree char *conf = g_build_filename(root, "etc", "qemu.conf", NULL);
	g_autofree char *text = NULL;

	g_assert_no_error(error);
	g_assert_cmpuint(strlen(root), <=, VF_LIBVIRT_ROOT_MAX);
	g_assert_true(g_file_get_contents(conf, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "stdio_handler = \"file\"\n"));
	vf_libvirt_root_sweep();
	g_assert_true(g_file_test(root, G_FILE_TEST_IS_DIR)); /* we live */
	vf_libvirt_root_remove(root);
	g_assert_false(g_file_test(root, G_FILE_TEST_EXISTS));
}

/* The directory of a process that is gone goes; one without a name on it stays. */
static void test_root_sweep(void)
{
	g_autofree char *gone = vf_libvirt_root_new(NULL);
	g_autofree char *unnamed = vf_libvirt_root_new(NULL);
	g_autofree char *owner = g_build_filename(gone, "owner", NULL);
	g_autofree char *other = g_build_filename(unnamed, "owner", NULL);
	g_autofree char *text = owned_by(" start=\"", " start=\"9");

	g_assert_true(g_file_set_contents(owner, text, -1, NULL));
	g_assert_true(g_file_set_contents(other, "?", -1, NULL));
	vf_libvirt_root_sweep();
	g_assert_false(g_file_test(gone, G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test(unnamed, G_FILE_TEST_EXISTS));
	vf_libvirt_root_remove(unnamed);
}

/* What the user has put there is the user's. */
static void test_root_kept(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir("etc", 0755), ==, 0);
	scratch_write("etc/qemu.conf", "mine\n");
	g_assert_true(vf_libvirt_root_set_up(scratch->path, &error));
	g_assert_true(g_file_get_contents("etc/qemu.conf", &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "mine\n");
}

int main(int argc, char **argv)
{
	static const char uri[] = "test:///default";
	g_autofree char *cache = g_dir_make_tmp("vifarm-test-XXXXXX", NULL);
	int status;

	g_test_init(&argc, &argv, NULL);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	g_test_add_func("/libvirt-host/uris", test_uris);
	g_test_add_func("/libvirt-host/never-ask", test_never_ask);
	g_test_add_func("/libvirt-host/refused", test_refused);
	g_test_add_func("/libvirt-host/unreachable", test_unreachable);
	g_test_add("/libvirt-host/properties", Fixture, uri, set_up, test_properties, tear_down);
	g_test_add("/libvirt-host/sweep", Fixture, uri, set_up, test_sweep, tear_down);
	g_test_add("/libvirt-host/sweep-on-open", Fixture, uri, set_up, test_sweep_on_open,
		   tear_down);
	g_test_add("/libvirt-host/events", Fixture, uri, set_up, test_events, tear_down);
	g_test_add_func("/libvirt-host/root", test_root);
	g_test_add_func("/libvirt-host/root-sweep", test_root_sweep);
	g_test_add_func("/libvirt-host/root-kept", test_root_kept);
	status = g_test_run();
	vf_dirs_remove(cache, NULL);
	return status;
}
