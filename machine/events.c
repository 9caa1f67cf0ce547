// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "vifarm.h"

static const VfEvents *observer;
static char *window;

void vf_events_register(const VfEvents *events)
{
	observer = events;
}

const char *vf_window_name(void)
{
	return window;
}

static void record_window(const char *edge, const char *name)
{
	VfRecord *r = vf_record_begin("window");

	vf_record_string(r, "edge", edge);
	vf_record_string(r, "name", name);
	vf_record_end(r);
}

void vf_window_begin(const char *name)
{
	vf_window_end();
	window = g_strndup(name, VF_WINDOW_NAME_MAX);
	g_strcanon(window, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:/+", '?');
	record_window("begin", window);
	if (observer && observer->window_begin)
		observer->window_begin(window);
}

void vf_window_end(void)
{
	if (!window)
		return;
	if (observer && observer->window_end)
		observer->window_end(window);
	record_window("end", window);
	g_clear_pointer(&window, g_free);
}

void vf_event_arm(const char *device)
{
	if (observer && observer->arm)
		observer->arm(device);
}

void vf_event_targets(const char *device, const uint64_t *pages, size_t n)
{
	if (observer && observer->targets)
		observer->targets(device, pages, n);
}

void vf_event_disarm(const char *device)
{
	if (observer && observer->disarm)
		observer->disarm(device);
}
