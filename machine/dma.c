// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "dma.h"
#include "qemu/rcu.h"
#include "exec/memory.h"
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

bool vf_dma_translate(PCIDevice *dev, dma_addr_t iova, bool write, hwaddr *pa)
{
	IOMMUTLBEntry entry;

	RCU_READ_LOCK_GUARD();
	entry = address_space_get_iotlb_entry(pci_get_address_space(dev), iova, write,
					      MEMTXATTRS_UNSPECIFIED);
	if (!(entry.perm & (write ? IOMMU_WO : IOMMU_RO)))
		return false;
	*pa = entry.translated_addr | (iova & entry.addr_mask);
	return true;
}

static bool transfer(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len, bool write)
{
	return write ? pci_dma_write(dev, iova, buf, len) == MEMTX_OK
		     : pci_dma_read(dev, iova, buf, len) == MEMTX_OK;
}

/* @len does not cross a page. */
static bool observed_transfer(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len, bool write)
{
	hwaddr pa;
	bool done;

	if (!observer)
		return transfer(dev, iova, buf, len, write);
	if (!vf_dma_translate(dev, iova, write, &pa))
		return false;

	observer->lock();
	if (write)
		observer->write(pa, buf, len);
	else
		observer->read(pa, len);
	done = transfer(dev, iova, buf, len, write);
	observer->unlock();
	return done;
}

static bool by_page(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len, bool write)
{
	size_t done, n;

	for (done = 0; done < len; done += n) {
		n = MIN(len - done, VF_DMA_PAGE - ((iova + done) & (VF_DMA_PAGE - 1)));
		if (!observed_transfer(dev, iova + done, (uint8_t *)buf + done, n, write)) {
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
