// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "evidence/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_record(char type, const char *payload, gsize length, gpointer data)
{
	guint64 *records = data;

	g_assert_true(type == 'K' || type == 'I' || type == 'E');
	g_assert_cmpuint(length, <=, VF_FRAME_PAYLOAD_MAX);
	g_assert_cmpint(payload[length], ==, 0);
	++*records;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	guint64 records = 0;
	g_autoptr(VfFrame) frame = vf_frame_new(on_record, &records);
	gsize half = size / 2;

	vf_frame_feed(frame, (const char *)data, half);
	vf_frame_feed(frame, (const char *)data + half, size - half);
	vf_frame_finish(frame);
	g_assert_cmpuint(records, ==, vf_frame_records(frame));
	g_assert_true(!vf_frame_ended(frame) || records);
	return 0;
}
