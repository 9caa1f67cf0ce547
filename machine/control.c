// SPDX-License-Identifier: GPL-2.0-or-later
/* The control port, docs/control-port.md. */
#include "qemu/osdep.h"
#include "vifarm.h"
#include "crc32.h"
#include "dma.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "hw/pci/pci.h"
#include "migration/vmstate.h"

#define TYPE_VIFARM_CTL "vifarm-ctl"
OBJECT_DECLARE_SIMPLE_TYPE(VifarmCtl, VIFARM_CTL)

#define CTL_VENDOR_ID 0x1234
#define CTL_DEVICE_ID 0xf146
#define CTL_BAR_SIZE  0x1000
#define CTL_MAGIC     0x56464d31u /* "VFM1" */
#define CTL_VERSION   1u
#define CTL_DMA_MAX   (16u << 20) /* a command runs to its end inside one MMIO write */

enum {
	CTL_R_MAGIC = 0x00,
	CTL_R_VERSION = 0x04,
	CTL_R_WINDOW = 0x08,
	CTL_R_NAME = 0x0c,
	CTL_R_DMA_ADDR_LO = 0x20,
	CTL_R_DMA_ADDR_HI = 0x24,
	CTL_R_DMA_LEN = 0x28,
	CTL_R_DMA_SEED = 0x2c,
	CTL_R_DMA_CMD = 0x30,
	CTL_R_DMA_STATUS = 0x34,
	CTL_R_DMA_SUM = 0x38,
};

enum { CMD_WRITE_PATTERN = 1, CMD_READ_SUM = 2 };

enum { STATUS_IDLE = 0, STATUS_DONE = 1, STATUS_BUS_ERROR = 2, STATUS_BAD_COMMAND = 3 };

struct VifarmCtl {
	PCIDevice parent_obj;
	MemoryRegion mmio;
	uint8_t name[VF_WINDOW_NAME_MAX + 1]; /* always ends with 0 */
	uint32_t name_len;
	uint32_t addr_lo, addr_hi, len, seed, status, sum;
};

static uint8_t pattern(uint32_t seed, uint32_t i)
{
	return (seed * 2654435761u + i * 40503u) >> 7;
}

static uint32_t run_dma(VifarmCtl *s, uint32_t command)
{
	PCIDevice *dev = PCI_DEVICE(s);
	dma_addr_t iova = (uint64_t)s->addr_hi << 32 | s->addr_lo;
	uint8_t buf[VF_DMA_PAGE];
	uint32_t done, n;
	bool ok;

	if (s->len > CTL_DMA_MAX || (command != CMD_WRITE_PATTERN && command != CMD_READ_SUM))
		return STATUS_BAD_COMMAND;

	s->sum = 0;
	for (done = 0; done < s->len; done += n) {
		n = MIN(s->len - done, sizeof(buf));
		for (uint32_t i = 0; command == CMD_WRITE_PATTERN && i < n; i++)
			buf[i] = pattern(s->seed, done + i);
		ok = command == CMD_WRITE_PATTERN ? vf_dma_write(dev, iova + done, buf, n)
						  : vf_dma_read(dev, iova + done, buf, n);
		if (!ok)
			return STATUS_BUS_ERROR;
		s->sum = vf_crc32(s->sum, buf, n);
	}
	return STATUS_DONE;
}

static void write_name(VifarmCtl *s, uint8_t byte)
{
	if (!byte)
		s->name_len = 0;
	else if (s->name_len < VF_WINDOW_NAME_MAX)
		s->name[s->name_len++] = byte;
	s->name[s->name_len] = 0;
}

static uint64_t ctl_read(void *opaque, hwaddr addr, unsigned size)
{
	VifarmCtl *s = opaque;

	switch (addr) {
	case CTL_R_MAGIC:
		return CTL_MAGIC;
	case CTL_R_VERSION:
		return CTL_VERSION;
	case CTL_R_DMA_ADDR_LO:
		return s->addr_lo;
	case CTL_R_DMA_ADDR_HI:
		return s->addr_hi;
	case CTL_R_DMA_LEN:
		return s->len;
	case CTL_R_DMA_SEED:
		return s->seed;
	case CTL_R_DMA_STATUS:
		return s->status;
	case CTL_R_DMA_SUM:
		return s->sum;
	default:
		qemu_log_mask(LOG_GUEST_ERROR, "vifarm-ctl: read of register 0x%03x\n",
			      (unsigned)addr);
		return 0;
	}
}

static void ctl_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
	VifarmCtl *s = opaque;

	switch (addr) {
	case CTL_R_WINDOW:
		if (value)
			vf_window_begin((const char *)s->name);
		else
			vf_window_end();
		break;
	case CTL_R_NAME:
		write_name(s, value);
		break;
	case CTL_R_DMA_ADDR_LO:
		s->addr_lo = value;
		break;
	case CTL_R_DMA_ADDR_HI:
		s->addr_hi = value;
		break;
	case CTL_R_DMA_LEN:
		s->len = value;
		break;
	case CTL_R_DMA_SEED:
		s->seed = value;
		break;
	case CTL_R_DMA_CMD:
		s->status = run_dma(s, value);
		break;
	default:
		qemu_log_mask(LOG_GUEST_ERROR, "vifarm-ctl: write of 0x%08x to register 0x%03x\n",
			      (unsigned)value, (unsigned)addr);
	}
}

static const MemoryRegionOps ctl_ops = {
	.read = ctl_read,
	.write = ctl_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = {.min_access_size = 4, .max_access_size = 4},
	.impl = {.min_access_size = 4, .max_access_size = 4},
};

static void ctl_realize(PCIDevice *dev, Error **errp)
{
	VifarmCtl *s = VIFARM_CTL(dev);

	memory_region_init_io(&s->mmio, OBJECT(s), &ctl_ops, s, TYPE_VIFARM_CTL, CTL_BAR_SIZE);
	pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mmio);
}

static void ctl_reset(DeviceState *dev)
{
	VifarmCtl *s = VIFARM_CTL(dev);

	vf_window_end();
	s->name[0] = 0;
	s->name_len = 0;
	s->addr_lo = s->addr_hi = s->len = s->seed = s->sum = 0;
	s->status = STATUS_IDLE;
}

/* A name of any length from a hostile stream must not move the terminator out of the array. */
static int ctl_post_load(void *opaque, int version)
{
	VifarmCtl *s = opaque;

	return s->name_len > VF_WINDOW_NAME_MAX || s->name[s->name_len] ? -EINVAL : 0;
}

static const VMStateDescription ctl_vmstate = {
	.name = TYPE_VIFARM_CTL,
	.version_id = 1,
	.minimum_version_id = 1,
	.post_load = ctl_post_load,
	.fields =
		(const VMStateField[]){
			VMSTATE_PCI_DEVICE(parent_obj, VifarmCtl),
			VMSTATE_UINT8_ARRAY(name, VifarmCtl, VF_WINDOW_NAME_MAX + 1),
			VMSTATE_UINT32(name_len, VifarmCtl),
			VMSTATE_UINT32(addr_lo, VifarmCtl),
			VMSTATE_UINT32(addr_hi, VifarmCtl),
			VMSTATE_UINT32(len, VifarmCtl),
			VMSTATE_UINT32(seed, VifarmCtl),
			VMSTATE_UINT32(status, VifarmCtl),
			VMSTATE_UINT32(sum, VifarmCtl),
			VMSTATE_END_OF_LIST(),
		},
};

static void ctl_class_init(ObjectClass *klass, void *data)
{
	DeviceClass *dc = DEVICE_CLASS(klass);
	PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
	g_autofree char *why = NULL;

	if (!vf_layout_check(&why)) {
		error_report("vifarm.so: %s", why);
		exit(1);
	}
	k->realize = ctl_realize;
	k->vendor_id = CTL_VENDOR_ID;
	k->device_id = CTL_DEVICE_ID;
	k->revision = 1;
	k->class_id = PCI_CLASS_OTHERS;
	dc->desc = "vifarm control port";
	dc->vmsd = &ctl_vmstate;
	device_class_set_legacy_reset(dc, ctl_reset);
	set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

void vf_control_register_types(void)
{
	static const InterfaceInfo interfaces[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};
	static const TypeInfo info = {
		.name = TYPE_VIFARM_CTL,
		.parent = TYPE_PCI_DEVICE,
		.instance_size = sizeof(VifarmCtl),
		.class_init = ctl_class_init,
		.interfaces = (InterfaceInfo *)interfaces,
	};

	type_register_static(&info);
}
