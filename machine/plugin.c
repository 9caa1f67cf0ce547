// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door: QEMU calls qemu_plugin_install() before it creates the machine and
 * before it looks at -device (system/vl.c, qemu_init_board), so the device
 * types registered here are known in time.
 */
#include "qemu/osdep.h"
#include "options.h"
#include "dma.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-control.h"
#include "migration/vmstate.h"
#include "vifarm-qemu.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* qemu_hw_version() answers "2.5+" on every build, query-version tells the truth. */
static bool check_version(GError **error)
{
	g_autofree char *have = NULL;
	VersionInfo *v = qmp_query_version(NULL);

	have = g_strdup_printf("%" PRId64 ".%" PRId64 ".%" PRId64 " (%s)", v->qemu->major,
			       v->qemu->minor, v->qemu->micro, v->package);
	qapi_free_VersionInfo(v);
	if (g_str_equal(have, VF_QEMU_VERSION " (" VF_QEMU_PACKAGE ")"))
		return true;
	g_set_error(error, VF_ERROR, VF_ERROR_QEMU,
		    "built for QEMU " VF_QEMU_VERSION " (" VF_QEMU_PACKAGE
		    "), running %s: build again",
		    have);
	return false;
}

static bool check_property(DeviceClass *dc, const char *name, ptrdiff_t want, char **why)
{
	const Property *p = NULL;

	for (int i = 0; i < dc->props_count_; i++)
		if (g_str_equal(dc->props_[i].name, name))
			p = &dc->props_[i];
	if (!p)
		*why = g_strdup_printf("pci-device has no property %s", name);
	else if (p->offset != want)
		*why = g_strdup_printf("PCIDevice.%s is at %td, the headers say %td", name,
				       p->offset, want);
	return !*why;
}

/*
 * The running binary carries offsets of its own: its property table and its
 * migration description name fields from the first third to the last field.
 */
bool vf_layout_check(char **why)
{
	static const struct {
		const char *property;
		ptrdiff_t offset;
	} known[] = {
		{"acpi-index", offsetof(PCIDevice, acpi_index)},
		{"romfile", offsetof(PCIDevice, romfile)},
		{"x-max-bounce-buffer-size", offsetof(PCIDevice, max_bounce_buffer_size)},
	};
	DeviceClass *dc = DEVICE_CLASS(object_class_by_name(TYPE_PCI_DEVICE));

	*why = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!check_property(dc, known[i].property, known[i].offset, why))
			return false;
	for (const VMStateField *f = vmstate_pci_device.fields; f->name; f++)
		if (g_str_equal(f->name, "version_id") &&
		    f->offset != offsetof(PCIDevice, version_id))
			*why = g_strdup("PCIDevice.version_id is elsewhere than the headers say");
	return !*why;
}

static void record_start(const qemu_info_t *info)
{
	VfRecord *r = vf_record_begin("start");

	vf_record_uint(r, "format", 1);
	vf_record_string(r, "qemu", VF_QEMU_VERSION " (" VF_QEMU_PACKAGE ")");
	vf_record_string(r, "target", info->target_name);
	vf_record_end(r);
}

static void at_exit(qemu_plugin_id_t id, void *opaque)
{
	const GPtrArray *modules = vf_modules();
	const VfDmaTotals *dma = vf_dma_totals();
	const VfModule *m;
	VfRecord *r;

	vf_window_end();
	for (guint i = 0; i < modules->len; i++) {
		m = modules->pdata[i];
		if (m->finish)
			m->finish();
	}
	r = vf_record_begin("end");
	vf_record_uint(r, "dma_written", dma->written);
	vf_record_uint(r, "dma_read", dma->read);
	vf_record_uint(r, "dma_faults", dma->faults);
	vf_record_end(r);
}

static bool start(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv,
		  GError **error)
{
	const GPtrArray *modules = vf_modules();
	const VfModule *m;

	if (!check_version(error))
		return false;
	for (int i = 0; i < argc; i++)
		if (!vf_option_set(argv[i], error))
			return false;
	record_start(info);
	for (guint i = 0; i < modules->len; i++) {
		m = modules->pdata[i];
		if (m->install && !m->install(id, info, error))
			return false;
	}
	vf_control_register_types();
	vf_saa7146_register_types();
	if (vf_out_enabled())
		qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return true;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
					   char **argv)
{
	g_autoptr(GError) error = NULL;

	if (start(id, info, argc, argv, &error))
		return 0;
	fprintf(stderr, "vifarm.so: %s\n", error->message);
	return -1;
}
