// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A board of stock QEMU without a running CPU, driven over its qtest protocol:
 * reads and writes of guest-physical memory and of PCI configuration space.
 *
 * Every function ends the test program with a message when QEMU does not answer.
 */
#ifndef TESTS_QTEST_H
#define TESTS_QTEST_H

#include <gio/gio.h>

typedef struct Qtest Qtest;

/* How a board reaches PCI configuration space and memory; see boards[] in boards.c. */
typedef struct Board {
	const char *name;
	const char *binary;
	const char *machine; /* words, separated by blanks */
	const char *pci_bus; /* ",bus=..." for -device, or "" */
	guint bus, slot;     /* where the device under test is; the control port is in slot - 1 */
	guint64 ram;	     /* guest-physical = PCI bus address of RAM that the tests use */
	guint64 mmio;	     /* guest-physical address of the first BAR, 4 KiB for each device */
	guint32 mmio_pci;    /* its PCI address */
	void (*enable)(Qtest *q);
	guint32 (*config_read)(Qtest *q, guint bus, guint slot, guint reg);
	void (*config_write)(Qtest *q, guint bus, guint slot, guint reg, guint32 value);
} Board;

extern const Board boards[];
extern const guint n_boards;

/*
 * Starts @board with vifarm.so (path in the environment variable VIFARM_SO) and
 * further arguments, NULL-terminated. @options follow the plugin's name
 * (",out=..." or ""). NULL: the binary is not installed.
 */
Qtest *qtest_start(const Board *board, const char *options, const char *const *arguments);
void qtest_stop(Qtest *q);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qtest, qtest_stop)

/* For g_subprocess_launcher_set_child_setup(): a failing test ends at once, QEMU would wait on. */
void qtest_die_with_parent(gpointer data);

/* Bytes in the order in which they lie in memory; registers are little-endian bytes. */
void qtest_read(Qtest *q, guint64 addr, void *buf, gsize len);
void qtest_write(Qtest *q, guint64 addr, const void *buf, gsize len);
guint32 qtest_read_le(Qtest *q, guint64 addr);
void qtest_write_le(Qtest *q, guint64 addr, guint32 value);
void qtest_write_be(Qtest *q, guint64 addr, guint32 value);
void qtest_port_out(Qtest *q, guint port, guint32 value);
guint32 qtest_port_in(Qtest *q, guint port);

/* For x86_64's -bios: the CPU halts at once, the clock runs. */
void qtest_write_halting_bios(const char *path);

/* Gives the device in slot @slot a BAR at @pci and turns on memory decoding and bus mastering. */
void qtest_map(Qtest *q, const Board *board, guint slot, guint32 pci);

#endif
