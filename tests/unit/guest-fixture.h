// SPDX-License-Identifier: GPL-2.0-or-later
/* Two jobs for a guest that is described but never started. */
#pragma once

#include "guest/guest.h"
#include "scratch.h"

static const char system_map[] = "00000000101001a4 T vpeirq\n"
				 "00000000f0000000 D pcxl_dma_start\n"
				 "000000000043f2c0 T __flush_dcache_page\n"
				 "00000000f0400000 D parisc_vmalloc_start\n"
				 "fff8000000000000 D PAGE_OFFSET\n"
				 "0000010000000000 D VMALLOC_END\n";

static char *no_words[] = {NULL};
static char *devices[] = {"saa7146,card=a{bus}", "vifarm-ctl{bus}", NULL};
static VfJob plain = {
	.name = "plain",
	.program = "boot",
	.timeout = 120,
	.devices = no_words,
	.append = "kunit.enable=1",
};
static VfJob model = {
	.name = "model",
	.program = "capture-ts",
	.timeout = 900,
	.devices = devices,
	.model = {.present = TRUE, .track = "dma", .arm = "window"},
};

typedef struct GuestFixture {
	VfKernel kernel;
	VfInitramfs initramfs;
	VfTask task;
	VfGuestSpec spec;
} GuestFixture;

static inline void guest_fixture_init(GuestFixture *f, const VfArch *arch, const VfBoard *board,
				      const VfJob *job)
{
	*f = (GuestFixture){
		.kernel = {.image = "/cache/kernels/k/image", .symbols = "System.map"},
		.initramfs = {.path = "/cache/initramfs/i.cpio.gz"},
		.task = {.arch = arch, .board = board, .job = job},
	};
	f->spec = (VfGuestSpec){
		.task = &f->task,
		.kernel = &f->kernel,
		.initramfs = &f->initramfs,
		.plugin = "/build/machine/vifarm.so",
		.directory = "/state/runs/r/t/1",
		.run_id = "r",
	};
}
