// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The only way by which the devices of vifarm.so reach guest memory.
 *
 * A device hands over bus addresses (IOVA). They are translated to
 * guest-physical addresses through the device's own bus-master address space,
 * IOMMU included, page by page, so that an observer sees the same physical
 * addresses as the CPU's accesses have. Only RAM is reached: a guest that aims
 * a device at the registers of one gets a bus error.
 */
#ifndef VIFARM_DMA_H
#define VIFARM_DMA_H

#include "vifarm.h"
#include "hw/pci/pci_device.h"

#define VF_DMA_PAGE 4096u /* the SAA7146's page; the smallest that an IOMMU here maps */

/*
 * Who wants to know of each access. Per stretch inside one page the order is
 *
 *	lock(); write(pa, buf, len); <memory is written>; unlock();
 *	lock(); read(pa, len);       <memory is read>;    unlock();
 *
 * so that between lock and unlock the observer's state and the memory agree.
 * @buf are the bytes that are about to be written. A stretch that cannot be
 * translated, or is not RAM, is not reported. All four callbacks must be set.
 * The lock may be taken by other threads in plugin callbacks; it is held
 * across no call into the guest or the main loop.
 */
typedef struct VfDmaObserver {
	void (*lock)(void);
	void (*unlock)(void);
	void (*write)(hwaddr pa, const void *buf, size_t len);
	void (*read)(hwaddr pa, size_t len);
} VfDmaObserver;

/* @observer is static and stays registered; there is at most one. */
void vf_dma_observe(const VfDmaObserver *observer);

/*
 * Copies @len bytes to or from @iova on behalf of @dev. False: a part of the
 * range has no translation, is not RAM, or the bus answered with an error; what came before
 * that part was done.
 */
bool vf_dma_write(PCIDevice *dev, dma_addr_t iova, const void *buf, size_t len);
bool vf_dma_read(PCIDevice *dev, dma_addr_t iova, void *buf, size_t len);

/* The guest-physical address behind @iova; false: no translation for @write access, or no RAM. */
bool vf_dma_translate(PCIDevice *dev, dma_addr_t iova, bool write, hwaddr *pa);

/* Totals since the start, for the end record. Bytes. */
typedef struct VfDmaTotals {
	uint64_t written;
	uint64_t read;
	uint64_t faults; /* calls that returned false */
} VfDmaTotals;

const VfDmaTotals *vf_dma_totals(void);

#endif
