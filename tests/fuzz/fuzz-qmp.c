// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "guest/qemu/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_send(const char *bytes, gsize length, G_GNUC_UNUSED gpointer data)
{
	g_assert_cmpint(bytes[length - 1], ==, '\n');
}

static void on_event(const char *name, G_GNUC_UNUSED const json_t *details,
		     G_GNUC_UNUSED gpointer data)
{
	g_assert_nonnull(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const VfQmpCalls calls = {on_send, on_event, NULL};
	g_autoptr(VfQmp) qmp = vf_qmp_new(&calls);
	const char *error;

	vf_qmp_execute(qmp, "quit");
	vf_qmp_feed(qmp, (const char *)data, size);
	error = vf_qmp_error(qmp);
	g_assert_true(!error || g_utf8_validate(error, -1, NULL));
	return 0;
}
