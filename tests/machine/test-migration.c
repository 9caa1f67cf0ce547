// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A capture that is saved in its middle and goes on in another QEMU: the ring
 * in guest memory must hold one unbroken sequence over the seam. x86_64, with
 * a firmware that halts, so that the clock runs and nothing else does.
 */
#include "../../machine/saa7146/pattern.h"
#include "../../machine/saa7146/registers.h"
#include "qtest.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#define TABLE	   0x100000u
#define RING_BASE  0x200000u
#define RING_PAGES 47u
#define RING	   (RING_PAGES * 4096u)
#define LINE	   376u

typedef struct Machine {
	Qtest *q;
	GSocketConnection *qmp;
	GDataInputStream *answers;
	char *socket;
} Machine;

static const Board *pc(void)
{
	return &boards[0];
}

/* One QMP command without arguments, or with "name":{...}; waits for its return. */
static char *qmp(Machine *m, const char *command)
{
	g_autofree char *line = g_strdup_printf("{\"execute\":%s}\n", command);
	g_autoptr(GError) error = NULL;
	GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(m->qmp));
	char *answer;

	g_output_stream_write_all(out, line, strlen(line), NULL, NULL, &error);
	g_assert_no_error(error);
	for (;;) {
		answer = g_data_input_stream_read_line(m->answers, NULL, NULL, &error);
		g_assert_no_error(error);
		g_assert_nonnull(answer);
		g_assert_null(strstr(answer, "\"error\":"));
		if (g_str_has_prefix(answer, "{\"return\""))
			return answer;
		g_free(answer);
	}
}

static void qmp_do(Machine *m, const char *command)
{
	g_free(qmp(m, command));
}

static void connect_qmp(Machine *m)
{
	g_autoptr(GSocketAddress) address = g_unix_socket_address_new(m->socket);
	g_autoptr(GSocketClient) client = g_socket_client_new();

	for (int i = 0; !m->qmp && i < 200; i++) {
		m->qmp = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);
		g_usleep(20000);
	}
	g_assert_nonnull(m->qmp);
	g_socket_set_timeout(g_socket_connection_get_socket(m->qmp), 60);
	m->answers = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(m->qmp)));
	g_free(g_data_input_stream_read_line(m->answers, NULL, NULL, NULL)); /* greeting */
	qmp_do(m, "\"qmp_capabilities\"");
}

/* @incoming: URI of a saved machine, NULL: a fresh one. */
static gboolean start(Machine *m, const char *dir, const char *name, const char *incoming)
{
	g_autofree char *bios = g_build_filename(dir, "halt.bin", NULL);
	g_autofree char *chardev = NULL;
	const char *arguments[] = {"-accel", "tcg",	"-bios",
				   bios,     "-device", "saa7146,addr=5,ts-rate=40000000",
				   "-qmp",   NULL,	"-incoming",
				   incoming, NULL};

	m->socket = g_build_filename(dir, name, NULL);
	chardev = g_strdup_printf("unix:%s,server=on,wait=off", m->socket);
	arguments[7] = chardev;
	if (!incoming)
		arguments[8] = NULL;
	m->q = qtest_start(pc(), "", arguments);
	if (!m->q)
		return FALSE;
	connect_qmp(m);
	return TRUE;
}

static void stop(Machine *m)
{
	g_clear_object(&m->answers);
	g_clear_object(&m->qmp);
	g_clear_pointer(&m->q, qtest_stop);
	g_unlink(m->socket);
	g_clear_pointer(&m->socket, g_free);
}

static guint32 reg(Machine *m, guint offset)
{
	return qtest_read_le(m->q, pc()->mmio + offset);
}

static void set(Machine *m, guint offset, guint32 value)
{
	qtest_write_le(m->q, pc()->mmio + offset, value);
}

static void i2c(Machine *m, guint32 word)
{
	set(m, SAA_I2C_TRANSFER, word);
	set(m, SAA_MC2, 0x00010001);
}

static void start_capture(Machine *m)
{
	guint32 table[1024];

	for (guint i = 0; i < G_N_ELEMENTS(table); i++)
		table[i] =
			GUINT32_TO_LE(RING_BASE + 4096 * (RING_PAGES - 1 - MIN(i, RING_PAGES - 1)));
	qtest_write(m->q, TABLE, table, sizeof(table));
	qtest_map(m->q, pc(), pc()->slot, pc()->mmio_pci);
	i2c(m, 0xc4u << 24 | 0x1a << 16 | 0x2b << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	i2c(m, 0x85u << 24 | 0x84 << 16 | 2 << 6 | 1 << 4);
	set(m, 0x38, RING);
	set(m, 0x3c, LINE);
	set(m, 0x40, TABLE | SAA_PAGE_ME | 0x90);
	set(m, 0x44, RING / LINE << 16 | LINE);
	set(m, SAA_MC2, 0x00100010);
	set(m, SAA_IER, SAA_INT_VPE);
	set(m, SAA_MC1, 0x00100010);
}

/* The memory of the ring in the order in which the chip fills it. */
static void read_ring(Machine *m, guint8 *ring)
{
	for (guint i = 0; i < RING_PAGES; i++)
		qtest_read(m->q, RING_BASE + 4096 * (RING_PAGES - 1 - i), ring + 4096 * i, 4096);
}

/* Number of the last whole packet; every packet of the ring is checked. */
static guint32 check_ring(Machine *m)
{
	g_autofree guint8 *ring = g_malloc(RING);
	guint32 vdp = reg(m, SAA_VDP1 + 8), end = vdp - vdp % TS_SIZE, sequence = 0;
	guint8 sent[TS_SIZE];

	read_ring(m, ring);
	for (guint32 at = TS_SIZE; at < RING; at += TS_SIZE) {
		const guint8 *packet = ring + (end + at) % RING;

		if (at == TS_SIZE)
			sequence = ts_get32(packet + 4);
		ts_fill(sent, sequence);
		ts_put32(sent + TS_CRC, ts_crc32(sent, TS_CRC));
		g_assert_cmpmem(packet, TS_SIZE, sent, TS_SIZE);
		sequence++;
	}
	return sequence - 1;
}

static void save(Machine *m, const char *uri)
{
	g_autofree char *command =
		g_strdup_printf("\"migrate\",\"arguments\":{\"uri\":\"%s\"}", uri);

	qmp_do(m, command);
	for (int i = 0; i < 500; i++) {
		g_autofree char *status = qmp(m, "\"query-migrate\"");

		if (strstr(status, "\"completed\""))
			return;
		g_assert_null(strstr(status, "\"failed\""));
		g_usleep(20000);
	}
	g_error("the machine was not saved");
}

/* Until the status is @wanted, or is it no longer. */
static void wait_status(Machine *m, const char *wanted, gboolean is)
{
	g_autofree char *member = g_strdup_printf("\"status\": \"%s\"", wanted);

	for (int i = 0; i < 500; i++) {
		g_autofree char *status = qmp(m, "\"query-status\"");

		if ((strstr(status, member) != NULL) == is)
			return;
		g_usleep(20000);
	}
	g_error("the machine %s %s", is ? "is not" : "stays", wanted);
}

static void test_capture_goes_on(void)
{
	g_autofree char *dir = g_dir_make_tmp("vifarm-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(dir, "state", NULL);
	g_autofree char *uri = g_strconcat("file:", file, NULL);
	g_autofree char *bios = g_build_filename(dir, "halt.bin", NULL);
	Machine a = {0}, b = {0};
	guint32 before, after;

	qtest_write_halting_bios(bios);
	if (!start(&a, dir, "a", NULL)) {
		g_test_skip("binary not installed");
		return;
	}
	start_capture(&a);
	g_usleep(300000);
	qmp_do(&a, "\"stop\"");
	before = check_ring(&a);
	save(&a, uri);
	g_assert_cmpuint(reg(&a, SAA_MC1) & SAA_MC1_TR(2), !=, 0);
	stop(&a);

	g_assert_true(start(&b, dir, "b", uri));
	wait_status(&b, "inmigrate", FALSE);
	qmp_do(&b, "\"cont\"");
	wait_status(&b, "running", TRUE);
	g_usleep(15000); /* less than a lap: packets of both machines lie in the ring */
	qmp_do(&b, "\"stop\"");
	after = check_ring(&b);
	g_assert_cmpuint(after, >, before);
	stop(&b);
	g_unlink(file);
	g_unlink(bios);
	g_rmdir(dir);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/migration/capture-goes-on", test_capture_goes_on);
	return g_test_run();
}
