// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "dma.h"
#include "qemu/rcu.h"
#include "exec/memory.h"
#include "system/dma.h"
#include "hw/pci/pci.h"

static const VfDmaObserver *observer;
static VfDmaTotals totals;

void vf_dma_observe(const VfDmaObserver *who)
{
	observer = who;
}

const VfDmaTotals *vf_dma_totals(void)
{
	return &totals;
}

/* A device reaches memory only: a register that it could write would call a device in its midst. */
static MemTxAttrs memory_only(void)
{
	MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;

	attrs.memory = 1;
	return attrs;
}

static bool is_memory(AddressSpace *as, hwaddr pa, bool write)
{
	hwaddr at, len = 1;
	MemoryRegion *mr = address_space_translate(as, pa, &at, &len, write, memory_only());

	return memory_region_is_ram(mr) && !(write && mr->readonly);
}

/* The address space and the address in it where @iova leads; NULL: nowhere, or to no memory. */
static AddressSpace *translate(PCIDevice *dev, dma_addr_t iova, bool write, hwaddr *pa)
{
	IOMMUTLBEntry entry = address_space_get_iotlb_entry(pci_get_address_space(dev), iova, write,
							    memory_only());

	if (!(entry.perm & (write ? IOMMU_WO : IOMMU_RO)))
		return NULL;
	*pa = entry.translated_addr | (iova & entry.addr_mask);
	return is_memory(entry.target_as, *pa, write) ? entry.target_as : NULL;
}

bool vf_dma_translate(PCIDevice *dev, dma_addr_t iova, bool write, hwaddr *pa)
{
	RCU_READ_LOCK_GUARD();
	return translate(dev, iova, write, pa) != NULL;
}

static void tell_observer(hwaddr pa, const void *buf, size_t len, bool write)
{
	if (write)
		observer->write(pa, buf, len);
	else
		observer->read(pa, len);
}

/* @len does not cross a page. The access goes where the observer was told that it goes. */
static bool transfer(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len, bool write)
{
	DMADirection direction = write ? DMA_DIRECTION_FROM_DEVICE : DMA_DIRECTION_TO_DEVICE;
	AddressSpace *as;
	bool done;
	hwaddr pa;

	RCU_READ_LOCK_GUARD();
	as = translate(dev, iova, write, &pa);
	if (!as)
		return false;
	if (observer) {
		observer->lock();
		tell_observer(pa, buf, len, write);
	}
	done = dma_memory_rw(as, pa, buf, len, direction, memory_only()) == MEMTX_OK;
	if (observer)
		observer->unlock();
	return done;
}

static bool by_page(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len, bool write)
{
	size_t done, n;

	for (done = 0; done < len; done += n) {
		n = MIN(len - done, VF_DMA_PAGE - ((iova + done) & (VF_DMA_PAGE - 1)));
		if (!transfer(dev, iova + done, (uint8_t *)buf + done, n, write)) {
			totals.faults++;
			return false;
		}
		*(write ? &totals.written : &totals.read) += n;
	}
	return true;
}

bool vf_dma_write(PCIDevice *dev, dma_addr_t iova, const void *buf, size_t len)
{
	/* transfer() does not change the buffer when it writes to memory. */
	return by_page(dev, iova, (void *)buf, len, true);
}

bool vf_dma_read(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len)
{
	return by_page(dev, iova, buf, len, false);
}
