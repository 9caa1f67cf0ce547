// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest does, as the model sees it: accesses, cache operations and DMA at any address, in
 * and out of memory. Input: a byte for the geometry, then operations of eight bytes. The model's
 * memory stays below its limit.
 */
#include "model.h"

#include <stdint.h>
#include <string.h>

#define RAM   (1u << 20)
#define LIMIT (1u << 21)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static guint8 memory[RAM];

static const guint8 *ram_at(void *opaque, guint64 pa)
{
	(void)opaque;
	return pa < RAM ? memory + pa : NULL;
}

static void on_hazard(void *opaque, const VfModelHazard *h)
{
	(void)opaque;
	g_assert_cmpint(h->class, <, VF_HAZARDS);
	g_assert_cmpint(h->cause, <, VF_CAUSES);
}

typedef struct Operation {
	guint64 va, pa;
	guint size;
	VfWho who;
} Operation;

static Operation read_operation(const uint8_t *data, guint page)
{
	static const guint64 places[] = {0, 1ull << 35, 1ull << VF_MODEL_PA_BITS, 1ull << 63};
	Operation o = {.pa = places[data[1] & 3]};

	if (!o.pa || data[2] & 1)
		o.pa += (guint64)(data[3] << 16 | data[4] << 8 | data[5]) % (2 * RAM);
	o.va = (guint64)data[6] * page + (o.pa & (page - 1));
	o.size = 1 + data[7] % 64;
	o.size = MIN(o.size, page - (guint)(o.pa & (page - 1)));
	o.who = (VfWho){.pc = data[1] + 1u};
	return o;
}

static void operate(VfModel *m, guint kind, const Operation *o)
{
	guint8 value[64];

	memset(value, (int)kind, sizeof(value));
	switch (kind % 14) {
	case 0:
	case 1:
		vf_model_load(m, o->va, o->pa, o->size, value, o->who);
		break;
	case 2:
	case 3:
		vf_model_store(m, o->va, o->pa, o->size, value, o->who);
		break;
	case 4:
		vf_model_uncached_load(m, o->pa, o->size, value, o->who);
		break;
	case 5:
		vf_model_uncached_store(m, o->pa, o->size, o->who);
		break;
	case 6:
		vf_model_flush(m, o->va, o->pa, o->who);
		break;
	case 7:
		vf_model_purge(m, o->va, o->pa, o->who);
		break;
	case 8:
		vf_model_page_purge(m, o->pa, o->who);
		break;
	case 9:
		vf_model_index_flush(m, o->va, o->who);
		break;
	case 10:
		vf_model_dma_write(m, o->pa, o->size);
		break;
	case 11:
		vf_model_dma_read(m, o->pa, o->size);
		break;
	case 12:
		vf_model_target(m, o->pa);
		break;
	default:
		kind & 16 ? vf_model_forget_others(m) : vf_model_epoch(m);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const guint8 shape = size ? *data : 0;
	const VfGeometry geometry = {.page = 4096,
				     .line = 16u << (shape & 1),
				     .colours = 4,
				     .ways = shape >> 1 & 3};
	const VfPolicy policy = {.write_through = shape >> 3 & 1,
				 .snoop = (shape >> 4) % 3,
				 .move_in = shape >> 6 == 1 && !(shape >> 3 & 1)};
	const VfModelOps ops = {.ram = ram_at, .hazard = on_hazard};
	g_autoptr(VfModel) m = vf_model_new(&geometry, &policy, &ops, LIMIT, NULL);
	VfTargets targets;

	g_assert_nonnull(m);
	for (size_t at = 1; at + 8 <= size; at += 8) {
		Operation o = read_operation(data + at, geometry.page);

		operate(m, data[at], &o);
		g_assert_cmpuint(vf_model_memory(m), <=, LIMIT);
	}
	vf_model_targets(m, &targets);
	return 0;
}
