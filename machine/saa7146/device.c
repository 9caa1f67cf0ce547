// SPDX-License-Identifier: GPL-2.0-or-later
/* The chip in a PCI slot of QEMU: properties, interrupt line, timers, DMA, migration. */
#include "qemu/osdep.h"
#include "vifarm.h"
#include "dma.h"
#include "cards.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"

#define TYPE_SAA7146 "saa7146"
OBJECT_DECLARE_SIMPLE_TYPE(Saa7146, SAA7146)

struct Saa7146 {
	PCIDevice parent_obj;
	MemoryRegion mmio;
	SaaChip chip;
	QEMUTimer *timers[SAA_TIMERS];
	GHashTable *reported; /* what was said to be unimplemented, once each */
	char *card;
	uint32_t faults[SAA_FAULTS];
	uint32_t ts_rate, field_rate;
	bool trace, hold;
};

/* For the record at the end: QEMU exits without unrealizing its devices. */
static GPtrArray *devices;

static bool bus_read(void *opaque, uint32_t addr, void *buf, size_t len)
{
	return vf_dma_read(PCI_DEVICE(opaque), addr, buf, len);
}

static bool bus_write(void *opaque, uint32_t addr, const void *buf, size_t len)
{
	return vf_dma_write(PCI_DEVICE(opaque), addr, buf, len);
}

static void bus_irq(void *opaque, bool level)
{
	pci_set_irq(PCI_DEVICE(opaque), level);
}

static int64_t bus_now(void *opaque)
{
	return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void bus_timer(void *opaque, SaaTimer which, int64_t at)
{
	Saa7146 *s = opaque;

	if (at < 0)
		timer_del(s->timers[which]);
	else
		timer_mod(s->timers[which], at);
}

static void bus_unimplemented(void *opaque, const char *what, uint32_t value)
{
	Saa7146 *s = opaque;
	VfRecord *r;

	qemu_log_mask(LOG_UNIMP, "saa7146: unimplemented: %s (0x%08x)\n", what, value);
	if (!g_hash_table_add(s->reported, (gpointer)what))
		return;
	r = vf_record_begin("unimplemented");
	vf_record_string(r, "device", TYPE_SAA7146);
	vf_record_string(r, "what", what);
	vf_record_hex(r, "value", value);
	vf_record_end(r);
}

static void bus_arm(void *opaque)
{
	vf_event_arm(TYPE_SAA7146);
}

static void bus_disarm(void *opaque)
{
	vf_event_disarm(TYPE_SAA7146);
}

static void bus_targets(void *opaque, const uint32_t *pages, size_t n)
{
	g_autofree uint64_t *physical = g_new(uint64_t, n);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
	size_t found = 0;
	hwaddr pa;

	for (size_t i = 0; i < n; i++) {
		if (!vf_dma_translate(PCI_DEVICE(opaque), pages[i], true, &pa))
			continue;
		physical[found] = pa;
		if (!g_hash_table_contains(seen, &physical[found]))
			g_hash_table_add(seen, &physical[found++]);
	}
	if (found)
		vf_event_targets(TYPE_SAA7146, physical, found);
}

static const SaaBus bus = {
	.read = bus_read,
	.write = bus_write,
	.irq = bus_irq,
	.now = bus_now,
	.timer = bus_timer,
	.unimplemented = bus_unimplemented,
	.arm = bus_arm,
	.targets = bus_targets,
	.disarm = bus_disarm,
};

static void stream_timer(void *opaque)
{
	saa_timer(&SAA7146(opaque)->chip, SAA_TIMER_STREAM);
}

static void field_timer(void *opaque)
{
	saa_timer(&SAA7146(opaque)->chip, SAA_TIMER_FIELD);
}

static void late_timer(void *opaque)
{
	saa_timer(&SAA7146(opaque)->chip, SAA_TIMER_LATE);
}

static QEMUTimerCB *const timer_callbacks[SAA_TIMERS] = {
	[SAA_TIMER_STREAM] = stream_timer,
	[SAA_TIMER_FIELD] = field_timer,
	[SAA_TIMER_LATE] = late_timer,
};

static uint64_t mmio_read(void *opaque, hwaddr addr, unsigned size)
{
	Saa7146 *s = opaque;
	uint32_t value = saa_read(&s->chip, addr);

	if (s->trace)
		fprintf(stderr, "saa7146: read  %03x = %08x\n", (unsigned)addr, value);
	return value;
}

static void mmio_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
	Saa7146 *s = opaque;

	if (s->trace)
		fprintf(stderr, "saa7146: write %03x = %08x\n", (unsigned)addr, (uint32_t)value);
	saa_write(&s->chip, addr, value);
}

/* 8 and 16 bit accesses, which no driver makes, are refused and logged by the memory core. */
static const MemoryRegionOps mmio_ops = {
	.read = mmio_read,
	.write = mmio_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = {.min_access_size = 4, .max_access_size = 4},
	.impl = {.min_access_size = 4, .max_access_size = 4},
};

static bool read_properties(Saa7146 *s, SaaConfig *config, Error **errp)
{
	const char *card = s->card ? s->card : "nova-c";

	config->card = saa_card_find(card);
	if (!config->card) {
		g_autofree char *names = saa_card_names();

		error_setg(errp, "saa7146: unknown card \"%s\"; known are %s", card, names);
		return false;
	}
	for (int i = 0; i < SAA_FAULTS; i++) {
		const SaaFaultKind *kind = &saa_faults[i];

		if (s->faults[i] && (s->faults[i] < kind->min || s->faults[i] > kind->max)) {
			error_setg(errp, "saa7146: %s=%u is outside %u..%u (0: never)", kind->name,
				   s->faults[i], kind->min, kind->max);
			return false;
		}
		config->faults[i] = s->faults[i];
	}
	if (s->ts_rate < 1000 || s->ts_rate > 200000000) {
		error_setg(errp, "saa7146: ts-rate=%u is outside 1000..200000000 bit/s",
			   s->ts_rate);
		return false;
	}
	if (s->field_rate < 1 || s->field_rate > 1000) {
		error_setg(errp, "saa7146: field-rate=%u is outside 1..1000 Hz", s->field_rate);
		return false;
	}
	config->ts_rate = s->ts_rate;
	config->field_rate = s->field_rate;
	config->hold = s->hold;
	return true;
}

/* Subsystem 0000:0000 is the MXB's; QEMU's default for an id of 0 in the class would be its own. */
static void set_identity(PCIDevice *dev, const SaaCard *card)
{
	pci_set_word(dev->config + PCI_SUBSYSTEM_VENDOR_ID, card->subvendor);
	pci_set_word(dev->config + PCI_SUBSYSTEM_ID, card->subdevice);
	pci_config_set_interrupt_pin(dev->config, 1);
	dev->config[PCI_MIN_GNT] = 15;
	dev->config[PCI_MAX_LAT] = 38;
}

static void saa7146_realize(PCIDevice *dev, Error **errp)
{
	Saa7146 *s = SAA7146(dev);
	SaaConfig config;

	if (!read_properties(s, &config, errp))
		return;
	set_identity(dev, config.card);
	for (int i = 0; i < SAA_TIMERS; i++)
		s->timers[i] = timer_new_ns(QEMU_CLOCK_VIRTUAL, timer_callbacks[i], s);
	s->reported = g_hash_table_new(g_str_hash, g_str_equal);
	saa_init(&s->chip, &bus, s, &config);
	memory_region_init_io(&s->mmio, OBJECT(s), &mmio_ops, s, TYPE_SAA7146, SAA_BAR_SIZE);
	pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mmio);
	if (!devices)
		devices = g_ptr_array_new();
	g_ptr_array_add(devices, s);
}

static void record_totals(const Saa7146 *s)
{
	const SaaTotals *t = &s->chip.totals;
	VfRecord *r = vf_record_begin(TYPE_SAA7146);

	vf_record_string(r, "card", s->chip.config.card->name);
	vf_record_string(r, "title", s->chip.config.card->title);
	for (int i = 0; i < SAA_FAULTS; i++)
		if (s->faults[i])
			vf_record_uint(r, saa_faults[i].name, s->faults[i]);
	vf_record_uint(r, "ts_rate", s->ts_rate);
	vf_record_uint(r, "packets", t->packets);
	vf_record_uint(r, "wraps", t->wraps);
	vf_record_uint(r, "fields", t->fields);
	vf_record_uint(r, "frames", t->frames);
	vf_record_uint(r, "interrupts", t->interrupts);
	vf_record_uint(r, "i2c_transfers", t->i2c_transfers);
	vf_record_uint(r, "faults", t->faults);
	vf_record_uint(r, "rps_errors", t->rps_errors);
	if (t->reentered)
		vf_record_uint(r, "reentered", t->reentered);
	vf_record_end(r);
}

static void saa7146_exit(PCIDevice *dev)
{
	Saa7146 *s = SAA7146(dev);

	record_totals(s);
	g_ptr_array_remove(devices, s);
	for (int i = 0; i < SAA_TIMERS; i++)
		timer_free(s->timers[i]);
	g_hash_table_unref(s->reported);
}

static void finish(void)
{
	for (guint i = 0; devices && i < devices->len; i++)
		record_totals(devices->pdata[i]);
}

static const VfModule saa7146_module = {.name = TYPE_SAA7146, .finish = finish};
VF_MODULE(saa7146_module)

static void saa7146_reset(DeviceState *dev)
{
	saa_reset(&SAA7146(dev)->chip);
}

static int post_load(void *opaque, int version)
{
	return saa_loaded(&SAA7146(opaque)->chip) ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_slave = {
	.name = "saa7146/slave",
	.version_id = 1,
	.minimum_version_id = 1,
	.fields =
		(const VMStateField[]){
			VMSTATE_UINT8_ARRAY(regs, SaaSlave, 256),
			VMSTATE_UINT8(pointer, SaaSlave),
			VMSTATE_BOOL(programmed, SaaSlave),
			VMSTATE_UINT32(position, SaaSlave),
			VMSTATE_END_OF_LIST(),
		},
};

static const VMStateDescription vmstate_rps = {
	.name = "saa7146/rps",
	.version_id = 1,
	.minimum_version_id = 1,
	.fields =
		(const VMStateField[]){
			VMSTATE_UINT32(pc, SaaRps),
			VMSTATE_UINT32(events, SaaRps),
			VMSTATE_BOOL(told, SaaRps),
			VMSTATE_END_OF_LIST(),
		},
};

static const VMStateDescription vmstate_stream = {
	.name = "saa7146/stream",
	.version_id = 1,
	.minimum_version_id = 1,
	.fields =
		(const VMStateField[]){
			VMSTATE_UINT64(packets, SaaStream),
			VMSTATE_UINT32(in_packet, SaaStream),
			VMSTATE_UINT32(field, SaaStream),
			VMSTATE_UINT32(line, SaaStream),
			VMSTATE_UINT32(byte, SaaStream),
			VMSTATE_UINT64(credit, SaaStream),
			VMSTATE_INT64(last, SaaStream),
			VMSTATE_UINT64(wraps, SaaStream),
			VMSTATE_UINT32(unread, SaaStream),
			VMSTATE_END_OF_LIST(),
		},
};

static const VMStateDescription vmstate_chip = {
	.name = "saa7146/chip",
	.version_id = 1,
	.minimum_version_id = 1,
	.fields =
		(const VMStateField[]){
			VMSTATE_UINT32_ARRAY(regs, SaaChip, SAA_REGS),
			VMSTATE_UINT32_ARRAY(active, SaaChip, SAA_REGS),
			VMSTATE_UINT8(debi_failed, SaaChip),
			VMSTATE_STRUCT_ARRAY(rps, SaaChip, 2, 1, vmstate_rps, SaaRps),
			VMSTATE_STRUCT_ARRAY(slaves, SaaChip, SAA_SLAVES_MAX, 1, vmstate_slave,
					     SaaSlave),
			VMSTATE_INT32(i2c_current, SaaChip),
			VMSTATE_BOOL(i2c_reading, SaaChip),
			VMSTATE_UINT32(i2c_transfers, SaaChip),
			VMSTATE_STRUCT(stream, SaaChip, 1, vmstate_stream, SaaStream),
			VMSTATE_UINT32(frame, SaaChip),
			VMSTATE_BOOL(odd, SaaChip),
			VMSTATE_UINT32(phase, SaaChip),
			VMSTATE_UINT32(idle, SaaChip),
			VMSTATE_INT64(field_next, SaaChip),
			VMSTATE_INT64(field_base, SaaChip),
			VMSTATE_UINT32(lookups, SaaChip),
			VMSTATE_INT64(irq_at, SaaChip),
			VMSTATE_END_OF_LIST(),
		},
};

static const VMStateDescription vmstate_saa7146 = {
	.name = TYPE_SAA7146,
	.version_id = 1,
	.minimum_version_id = 1,
	.post_load = post_load,
	.fields =
		(const VMStateField[]){
			VMSTATE_PCI_DEVICE(parent_obj, Saa7146),
			VMSTATE_STRUCT(chip, Saa7146, 1, vmstate_chip, SaaChip),
			VMSTATE_END_OF_LIST(),
		},
};

/* The names are those of saa_faults[]. */
#define FAULT(name, index) DEFINE_PROP_UINT32(name, Saa7146, faults[index], 0)

static const Property properties[] = {
	DEFINE_PROP_STRING("card", Saa7146, card),
	DEFINE_PROP_UINT32("ts-rate", Saa7146, ts_rate, 40000000),
	DEFINE_PROP_UINT32("field-rate", Saa7146, field_rate, 50),
	DEFINE_PROP_BOOL("trace", Saa7146, trace, false),
	DEFINE_PROP_BOOL("hold", Saa7146, hold, false),
	FAULT("drop", SAA_FAULT_DROP),
	FAULT("duplicate", SAA_FAULT_DUPLICATE),
	FAULT("reorder", SAA_FAULT_REORDER),
	FAULT("corrupt", SAA_FAULT_CORRUPT),
	FAULT("prot", SAA_FAULT_PROT),
	FAULT("page", SAA_FAULT_PAGE),
	FAULT("late", SAA_FAULT_LATE),
	FAULT("i2c", SAA_FAULT_I2C),
};

static void saa7146_class_init(ObjectClass *klass, void *data)
{
	DeviceClass *dc = DEVICE_CLASS(klass);
	PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
	g_autofree char *why = NULL;

	if (!vf_layout_check(&why)) {
		error_report("vifarm.so: %s", why);
		exit(1);
	}
	k->realize = saa7146_realize;
	k->exit = saa7146_exit;
	k->vendor_id = 0x1131;
	k->device_id = 0x7146;
	k->revision = 1; /* 0 has bugs that the drivers work around */
	k->class_id = PCI_CLASS_MULTIMEDIA_OTHER;
	dc->desc = "Philips SAA7146A multimedia bridge (vifarm)";
	dc->vmsd = &vmstate_saa7146;
	device_class_set_legacy_reset(dc, saa7146_reset);
	device_class_set_props(dc, properties);
	set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

void vf_saa7146_register_types(void)
{
	static const InterfaceInfo interfaces[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};
	static const TypeInfo info = {
		.name = TYPE_SAA7146,
		.parent = TYPE_PCI_DEVICE,
		.instance_size = sizeof(Saa7146),
		.class_init = saa7146_class_init,
		.interfaces = (InterfaceInfo *)interfaces,
	};

	type_register_static(&info);
}
