// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "watch.h"
#include "calls.h"
#include "lock.h"
#include "pages.h"
#include "exec/target_page.h"
#include "exec/tb-flush.h"
#include "exec/tlb-common.h"
#include "exec/memory.h"
#include "exec/address-spaces.h"
#include "hw/boards.h"
#include "hw/core/cpu.h"
#include "system/hostmem.h"

#define MMU_INDEX(info) ((info)&15) /* include/exec/memopidx.h; no official way to it */
#define LEARN_AGAIN	65536u
#define INSN_BYTES	(sizeof(VfInsn) + 64) /* with its share of the table */
#define CHECKS		64u		      /* stores that prove the register numbers */

static struct {
	const VfConfig *config;
	const VfDecoder *decoder;
	VfAddressing addressing;
	VfModel *models[VF_MODELS_MAX];
	guint n_models;
	VfLock lock;
	bool armed, translated; /* code with callbacks exists */
	qemu_plugin_id_t id;
	uint64_t page_mask;
	unsigned tlb_page_bits; /* of QEMU's TLB */
	VfPages *pages;
	VfNear near;
	/* of the pages in @near: their copies in the models after the first */
	VfCopy *others[VF_NEAR_PAGES][VF_MODELS_MAX - 1];
	GHashTable *insns;		/* pc to VfInsn *, for the callbacks' user data */
	guint64 n_insns, max_insns;	/* that were allocated, and that may be */
	bool overflowed;		/* an instruction was not watched */
	VfCalls *calls;			/* NULL: never */
	bool following;			/* code that tells @calls exists */
	qemu_plugin_u64 last_call;	/* address of the call instruction executed last */
	const uint64_t *last_call_of_0; /* where it is for the first vCPU */
	VfWatchCounters counters;
	char *broken;
	bool learn;	/* addresses that the kernel has in variables are not known yet */
	unsigned waits; /* events since the last look at them */
} w;

void vf_watch_lock(void)
{
	vf_lock_take(&w.lock);
}

void vf_watch_unlock(void)
{
	vf_lock_leave(&w.lock);
}

bool vf_watch_armed(void)
{
	return w.armed;
}

const VfWatchCounters *vf_watch_counters(void)
{
	return &w.counters;
}

bool vf_watch_overflowed(void)
{
	return w.overflowed || vf_pages_overflowed(w.pages);
}

const char *vf_watch_broken(void)
{
	return w.broken;
}

void vf_watch_epoch(void)
{
	memset(&w.counters, 0, sizeof(w.counters));
	vf_near_clear(&w.near);
	for (guint i = 0; i < w.n_models; i++)
		vf_model_epoch(w.models[i]);
}

const guint8 *vf_watch_ram(void *opaque, guint64 pa)
{
	MemoryRegionSection section;
	const guint8 *at = NULL;

	if (!vf_ram_has(&w.addressing.ram, pa))
		return NULL;
	section = memory_region_find(get_system_memory(), pa, 1);
	if (!section.mr)
		return NULL;
	if (memory_region_is_ram(section.mr) && !section.readonly)
		at = (guint8 *)memory_region_get_ram_ptr(section.mr) + section.offset_within_region;
	memory_region_unref(section.mr);
	return at;
}

/* Registers: the API lists none on most targets, but serves gdb's numbers plus one. */
static guint64 read_register(void *opaque, guint number)
{
	static __thread GByteArray *bytes;
	guint64 value = 0;
	int n;

	if (!bytes)
		bytes = g_byte_array_new();
	bytes->len = 0; /* g_byte_array_set_size() would move what is behind it */
	n = qemu_plugin_read_register((struct qemu_plugin_register *)(uintptr_t)(number + 1),
				      bytes);
	for (int i = 0; i < n; i++)
		value = value << 8 | bytes->data[w.decoder->big_endian ? i : n - 1 - i];
	return value;
}

/* Past the linear map by QEMU's TLB, where the page may be missing. 0: not known. */
static guint64 read_variable(guint64 va)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	const guint8 *page;
	guint64 value = 0, pa;

	if (vf_linear(&w.addressing, va, &pa)) {
		page = vf_watch_ram(NULL, pa & ~w.page_mask);
		if (page)
			g_byte_array_append(bytes, page + (pa & w.page_mask), w.decoder->word);
	} else if (!qemu_plugin_read_memory_vaddr(va, bytes, w.decoder->word)) {
		return 0;
	}
	for (guint b = 0; b < bytes->len; b++)
		value = value << 8 | bytes->data[w.decoder->big_endian ? b : bytes->len - 1 - b];
	return value;
}

/* Kernel variables that hold addresses; they read 0 until the kernel has set them. */
static void learn(void)
{
	guint64 values[VF_SYMBOLS_MAX] = {0};
	const char *const *names = w.decoder->symbols;
	guint64 va;

	/* one that stays 0 would be read for ever */
	if (w.waits++ % LEARN_AGAIN)
		return;
	w.learn = false;
	vf_near_clear(&w.near);
	for (guint i = 0; names[i]; i++) {
		va = vf_config_symbol(w.config, names[i]);
		if (!va)
			continue;
		values[i] = read_variable(va);
		w.learn |= !values[i];
	}
	if (w.decoder->learn)
		w.decoder->learn(&w.addressing, values);
}

static void add_target(uint64_t pa)
{
	if (!vf_pages_add_target(w.pages, pa))
		return;
	vf_near_clear(&w.near);
	for (guint i = 0; i < w.n_models; i++)
		vf_model_target(w.models[i], pa);
}

/* The value of an access, in memory order. Returns its size. */
static guint access_value(qemu_plugin_meminfo_t info, uint8_t *bytes)
{
	qemu_plugin_mem_value v = qemu_plugin_mem_get_value(info);
	guint size = 1u << qemu_plugin_mem_size_shift(info);
	guint64 half[2] = {0};

	switch (v.type) {
	case QEMU_PLUGIN_MEM_VALUE_U8:
		half[0] = v.data.u8;
		break;
	case QEMU_PLUGIN_MEM_VALUE_U16:
		half[0] = v.data.u16;
		break;
	case QEMU_PLUGIN_MEM_VALUE_U32:
		half[0] = v.data.u32;
		break;
	case QEMU_PLUGIN_MEM_VALUE_U64:
		half[0] = v.data.u64;
		break;
	case QEMU_PLUGIN_MEM_VALUE_U128:
		half[0] = v.data.u128.low;
		half[1] = v.data.u128.high;
		break;
	}
	for (guint i = 0; i < size; i++) {
		guint at = qemu_plugin_mem_is_big_endian(info) ? size - 1 - i : i;

		bytes[i] = half[at / 8] >> (at % 8 * 8);
	}
	return size;
}

static VfWho who_at(uint64_t pc)
{
	return (VfWho){pc, *w.last_call_of_0};
}

static void feed_one(VfModel *m, const VfSegment *s, uint64_t pa, guint size, const uint8_t *value,
		     bool store, VfWho who)
{
	/* The line of the linear colour is found through the physical address itself. */
	uint64_t index = s->access == VF_ACCESS_PHYSICAL ? pa : s->index;

	if (s->access == VF_ACCESS_CACHED || (s->access == VF_ACCESS_PHYSICAL && store))
		(store ? vf_model_store : vf_model_load)(m, index, pa, size, value, who);
	else if (store)
		vf_model_uncached_store(m, pa, size, who);
	else
		vf_model_uncached_load(m, pa, size, value, who);
}

/* What the accesses of a page tell beside their values. Called with the lock held. */
static void note_page(const VfSegment *s, uint64_t va, uint64_t pa)
{
	if (s->direct)
		return;
	vf_pages_remember(w.pages, va, pa);
	if (w.config->buffers == VF_BUFFERS_VMALLOC && vf_pages_in_vmalloc(w.pages, va))
		add_target(pa);
}

/* @models: one bit each. */
static void feed(const VfSegment *s, uint64_t va, uint64_t pa, guint size, const uint8_t *value,
		 bool store, uint64_t pc, guint models)
{
	if (w.learn)
		learn();
	note_page(s, va, pa);
	for (guint i = 0; i < w.n_models; i++)
		if (models >> i & 1)
			feed_one(w.models[i], s, pa, size, value, store, who_at(pc));
}

/*
 * Memory of the machine, as against that of a graphics card: it belongs to a memory backend, or, on
 * boards that make it themselves (sun4u), is all of -m.
 */
static bool is_main_memory(const MemoryRegion *mr)
{
	if (!memory_region_is_ram((MemoryRegion *)mr) || mr->readonly)
		return false;
	return int128_get64(mr->size) == current_machine->ram_size ||
	       (mr->owner && object_dynamic_cast(mr->owner, TYPE_MEMORY_BACKEND));
}

static bool add_range(Int128 start, Int128 len, const MemoryRegion *mr, hwaddr offset, void *opaque)
{
	guint64 from = int128_get64(start);

	if (is_main_memory(mr))
		vf_ram_add(opaque, from, from + int128_get64(len), 1ull << VF_MODEL_PA_BITS);
	return false;
}

/* The memory of the machine, once that exists. Called with the lock held. */
static void learn_ram(void)
{
	if (w.addressing.ram.n || !current_machine)
		return;
	WITH_RCU_READ_LOCK_GUARD()
	flatview_for_each_range(address_space_to_flatview(&address_space_memory), add_range,
				&w.addressing.ram);
	vf_pages_reset(w.pages);
	vf_near_clear(&w.near);
}

/* @pa is none of the ranges: a device's registers, or memory that is not watched. */
static void note_outside(uint64_t pa)
{
	MemoryRegionSection section = memory_region_find(get_system_memory(), pa, 1);

	if (!section.mr)
		return;
	w.counters.outside += is_main_memory(section.mr);
	memory_region_unref(section.mr);
}

/* False: not RAM. */
static bool physical(qemu_plugin_meminfo_t info, const VfSegment *s, uint64_t va, uint64_t *pa)
{
	struct qemu_plugin_hwaddr *h;

	*pa = s->pa;
	if (!s->direct) {
		h = qemu_plugin_get_hwaddr(info, va);
		if (!h || qemu_plugin_hwaddr_is_io(h))
			return false;
		*pa = qemu_plugin_hwaddr_phys_addr(h);
	}
	if (vf_ram_has(&w.addressing.ram, *pa))
		return true;
	note_outside(*pa);
	return false;
}

/* The whole access, with its value. Called with the lock held. */
static void feed_access(qemu_plugin_meminfo_t info, const VfSegment *s, uint64_t va, uint64_t pa,
			bool store, uint64_t pc, guint models)
{
	VfSegment next;
	uint8_t value[16];
	guint size = access_value(info, value);
	guint first = MIN(size, w.addressing.page - (pa & w.page_mask));

	feed(s, va, pa, first, value, store, pc, models);
	if (first == size)
		return;
	w.decoder->segment(&w.addressing, va + first, MMU_INDEX(info), &next);
	if (physical(info, &next, va + first, &pa))
		feed(&next, va + first, pa, size - first, value + first, store, pc, models);
}

static VfCopy **others_of(const VfNearPage *near)
{
	return w.others[near - w.near.pages];
}

/* The page of an access is known without the models' tables of pages, from now on. */
static void make_near(const VfSegment *s, uint64_t pa, uint64_t key)
{
	VfCopy **others = others_of(vf_near_slot(&w.near, key)), *copy = NULL;

	if (s->access == VF_ACCESS_CACHED)
		copy = vf_model_copy(w.models[0], s->index, pa);
	if (!copy)
		return;
	for (guint i = 1; i < w.n_models; i++)
		others[i - 1] = vf_model_copy(w.models[i], s->index, pa);
	vf_near_add(&w.near, key, copy, s->direct);
}

/*
 * An access that take_access() could not finish in @models. Called with the lock held, so that
 * no page becomes a target while it is put aside. Apart, because of its frame.
 */
static void __attribute__((noinline)) look_up(qemu_plugin_meminfo_t info, uint64_t va, uint64_t pc,
					      uint64_t key, bool store, guint models)
{
	VfSegment s;
	uint64_t pa;

	w.decoder->segment(&w.addressing, va, MMU_INDEX(info), &s);
	if (!vf_pages_maybe(w.pages, &s, va) || !physical(info, &s, va, &pa) ||
	    !vf_pages_wanted(w.pages, &s, va, pa)) {
		vf_near_add(&w.near, key, NULL, s.direct);
		return;
	}
	if (!w.armed)
		return;
	feed_access(info, &s, va, pa, store, pc, models);
	make_near(&s, pa, key);
}

/*
 * Does the entry of QEMU's TLB that has just served the access lead to the page? No official way,
 * but five times as fast as that; "no" means nothing.
 */
static inline bool served(const VfCopy *copy, qemu_plugin_meminfo_t info, uint64_t va, bool store)
{
	const CPUTLBDescFast *tlb = &current_cpu->neg.tlb.f[MMU_INDEX(info)];
	uintptr_t at = va >> (w.tlb_page_bits - CPU_TLB_ENTRY_BITS) & tlb->mask;
	const CPUTLBEntry *entry = (const CPUTLBEntry *)((const char *)tlb->table + at);
	uintptr_t tag = store ? entry->addr_write : entry->addr_read;

	return (tag ^ va) >> w.tlb_page_bits == 0 &&
	       (const guint8 *)(uintptr_t)(va + entry->addend) ==
		       vf_copy_ram(copy) + (va & w.page_mask);
}

/* Is the page still behind its virtual address? */
static inline bool is_there(const VfNearPage *near, qemu_plugin_meminfo_t info, uint64_t va,
			    bool store)
{
	struct qemu_plugin_hwaddr *h;

	if (near->fixed || served(near->copy, info, va, store))
		return true;
	h = qemu_plugin_get_hwaddr(info, va);
	return h && (qemu_plugin_hwaddr_phys_addr(h) & ~w.page_mask) == vf_copy_page(near->copy);
}

static inline bool quick(VfModel *m, VfCopy *copy, uint64_t va, guint size, bool store, VfWho who)
{
	return store ? vf_model_quick_store(m, copy, va, size, who)
		     : vf_model_quick_load(m, copy, va, size);
}

/* The models that could not do it the quick way, one bit each. */
static inline guint quick_all(const VfNearPage *near, uint64_t va, guint size, bool store,
			      VfWho who)
{
	VfCopy **others = others_of(near);
	guint missed = !quick(w.models[0], near->copy, va, size, store, who);

	for (guint i = 1; i < w.n_models; i++)
		if (!others[i - 1] || !quick(w.models[i], others[i - 1], va, size, store, who))
			missed |= 1u << i;
	return missed;
}

/* Twice, so that @store costs nothing. */
G_ALWAYS_INLINE static inline void take_access(qemu_plugin_meminfo_t info, uint64_t va, uint64_t pc,
					       uint64_t key, bool store)
{
	const VfNearPage *near = vf_near_slot(&w.near, key);
	guint missed = G_MAXUINT;

	vf_lock_take(&w.lock);
	if (near->key == key && near->copy && is_there(near, info, va, store))
		missed = quick_all(near, va, 1u << qemu_plugin_mem_size_shift(info), store,
				   who_at(pc));
	if (missed)
		look_up(info, va, pc, key, store, missed);
	vf_lock_leave(&w.lock);
}

static void __attribute__((noinline))
take_load(qemu_plugin_meminfo_t info, uint64_t va, uint64_t pc, uint64_t key)
{
	take_access(info, va, pc, key, false);
}

static void __attribute__((noinline))
take_store(qemu_plugin_meminfo_t info, uint64_t va, uint64_t pc, uint64_t key)
{
	take_access(info, va, pc, key, true);
}

/* Most accesses end here, so that there is no stack frame. */
static inline bool is_aside(uint64_t key)
{
	VfNearPage *near = vf_near_slot(&w.near, key);

	return !w.armed || (near->key == key && vf_near_aside(near));
}

static void on_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *pc)
{
	uint64_t key = vf_near_key(va, MMU_INDEX(info));

	if (!is_aside(key))
		take_load(info, va, (uintptr_t)pc, key);
}

static void on_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *pc)
{
	uint64_t key = vf_near_key(va, MMU_INDEX(info));

	if (!is_aside(key))
		take_store(info, va, (uintptr_t)pc, key);
}

/* False: no page is known for @va; then it is also counted why. */
static bool operand(const VfCacheOp *op, uint64_t *pa)
{
	VfSegment s;
	hwaddr page;

	*pa = op->pa;
	if (op->has_pa)
		return true;
	w.decoder->segment(&w.addressing, op->va, w.decoder->kernel_mmu, &s);
	*pa = s.pa;
	if (s.direct)
		return true;
	page = cpu_get_phys_page_debug(current_cpu, op->va & ~w.page_mask);
	*pa = page | (op->va & w.page_mask);
	if (page != (hwaddr)-1)
		return true;
	if (vf_pages_recall(w.pages, op->va, pa))
		return true;
	if (w.config->track == VF_TRACK_ALL || s.user || vf_pages_in_vmalloc(w.pages, op->va))
		w.counters.untouched++;
	else
		w.counters.unmatched++;
	return false;
}

static VfIgnore class_of(const VfInsn *insn, const VfCacheOp *op)
{
	switch (insn->kind) {
	case VF_INSN_INDEX_FLUSH:
	case VF_INSN_INDEX_PURGE:
		w.counters.by_index++;
		return VF_IGNORE_INDEX;
	case VF_INSN_PAGE_FLUSH:
	case VF_INSN_PAGE_PURGE:
		w.counters.by_page++;
		return VF_IGNORE_PAGE;
	case VF_INSN_WHOLE_FLUSH:
		return VF_IGNORE_WHOLE;
	default:
		w.counters.tmpalias += op->tmpalias;
		w.counters.by_address += !op->tmpalias;
		return op->tmpalias ? VF_IGNORE_TMPALIAS : VF_IGNORE_LINE;
	}
}

static void operate(VfModel *m, VfInsnKind kind, uint64_t va, uint64_t pa, VfWho who)
{
	switch (kind) {
	case VF_INSN_FLUSH:
		vf_model_flush(m, va, pa, who);
		break;
	case VF_INSN_WRITEBACK:
		vf_model_writeback(m, va, pa, who);
		break;
	case VF_INSN_PURGE:
		vf_model_purge(m, va, pa, who);
		break;
	case VF_INSN_INDEX_FLUSH:
		vf_model_index_flush(m, va, who);
		break;
	case VF_INSN_INDEX_PURGE:
		vf_model_index_purge(m, va, who);
		break;
	case VF_INSN_PAGE_FLUSH:
		vf_model_page_flush(m, pa, who);
		break;
	case VF_INSN_PAGE_PURGE:
		vf_model_page_purge(m, pa, who);
		break;
	case VF_INSN_WHOLE_FLUSH:
		vf_model_whole_flush(m, who);
		break;
	case VF_INSN_CALL:
		break;
	}
}

static bool needs_page(VfInsnKind kind)
{
	return kind == VF_INSN_FLUSH || kind == VF_INSN_WRITEBACK || kind == VF_INSN_PURGE ||
	       kind == VF_INSN_PAGE_FLUSH || kind == VF_INSN_PAGE_PURGE;
}

static void execute(const VfInsn *insn)
{
	VfCacheOp op = {0};
	uint64_t pa = 0;

	if (w.learn)
		learn();
	if (insn->kind != VF_INSN_WHOLE_FLUSH)
		w.decoder->resolve(insn, &w.addressing, read_register, NULL, &op);
	w.counters.nullified += op.nullified;
	if (op.none)
		return;
	w.counters.operations++;
	if (class_of(insn, &op) & w.config->ignore) {
		w.counters.ignored++;
		return;
	}
	if (needs_page(insn->kind) && !operand(&op, &pa))
		return;
	for (guint i = 0; i < w.n_models; i++)
		operate(w.models[i], insn->kind, op.va, pa, who_at(insn->pc));
}

static void on_operation(unsigned vcpu, void *insn)
{
	vf_watch_lock();
	if (w.armed)
		execute(insn);
	vf_watch_unlock();
}

static void on_call(unsigned vcpu, void *pc)
{
	if (w.armed)
		vf_calls_note(w.calls, read_register(NULL, w.decoder->stack_pointer),
			      (uintptr_t)pc);
}

/* Forged register handles are undocumented: every store checked here proves them. */
static void on_check(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *opaque)
{
	const VfInsn *insn = opaque;
	guint64 expected;

	if (w.broken || w.counters.checked >= CHECKS)
		return;
	w.decoder->plain_store(insn->word, read_register, NULL, &expected);
	if ((uint32_t)expected == (uint32_t)va)
		w.counters.checked++;
	else
		w.broken = g_strdup_printf("registers read wrong: the store at 0x%" PRIx64
					   " went to 0x%" PRIx64 ", they say 0x%" PRIx64
					   ": this QEMU numbers them in another way",
					   insn->pc, va, expected);
}

static void flush_translations(CPUState *cpu, run_on_cpu_data data)
{
	tb_flush(cpu);
}

static void retranslate(void)
{
	CPUState *cpu = current_cpu ? current_cpu : first_cpu;

	if (cpu)
		async_safe_run_on_cpu(cpu, flush_translations, RUN_ON_CPU_NULL);
}

guint vf_watch_chain(guint64 *sites, guint max)
{
	if (!w.calls)
		return 0;
	if (!w.following) {
		/* following costs too much to be done for a guest without a hazard */
		w.following = true;
		retranslate();
		return 0;
	}
	return vf_calls_chain(w.calls, read_register(NULL, w.decoder->stack_pointer), sites, max);
}

/*
 * One VfInsn a (pc, word): user data of callbacks has to outlive the translation. NULL: a guest that
 * writes code all the time has used up what there is for it.
 */
static VfInsn *keep(const VfInsn *insn)
{
	VfInsn *kept = g_hash_table_lookup(w.insns, &insn->pc);

	if (kept && !memcmp(kept, insn, sizeof(*insn)))
		return kept;
	if (w.n_insns >= w.max_insns) {
		w.overflowed = true;
		return NULL;
	}
	w.n_insns++;
	kept = g_memdup2(insn, sizeof(*insn));
	g_hash_table_replace(w.insns, &kept->pc, kept);
	return kept;
}

static guint32 insn_word(const struct qemu_plugin_insn *insn, guint *size)
{
	uint8_t bytes[4] = {0};
	guint32 word = 0;

	*size = MIN(qemu_plugin_insn_data(insn, bytes, sizeof(bytes)), sizeof(bytes));
	for (guint i = 0; i < *size; i++)
		word = word << 8 | bytes[w.decoder->big_endian ? i : *size - 1 - i];
	return word;
}

static void watch_operation(struct qemu_plugin_insn *in, const VfInsn *insn)
{
	VfInsn *kept = keep(insn);

	if (kept)
		qemu_plugin_register_vcpu_insn_exec_cb(in, on_operation, QEMU_PLUGIN_CB_R_REGS,
						       kept);
}

static void translate_hooks(struct qemu_plugin_insn *in, uint64_t pc)
{
	VfInsn insn = {.pc = pc};

	for (const VfHook *h = w.decoder->hooks; h->symbol; h++) {
		if (pc != vf_config_symbol(w.config, h->symbol))
			continue;
		insn.kind = h->kind;
		insn.hook = h->number;
		watch_operation(in, &insn);
	}
}

static void translate_call(struct qemu_plugin_insn *in, uint64_t pc)
{
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(in, QEMU_PLUGIN_INLINE_STORE_U64,
							    w.last_call, pc);
	if (w.following)
		qemu_plugin_register_vcpu_insn_exec_cb(in, on_call, QEMU_PLUGIN_CB_R_REGS,
						       (void *)(uintptr_t)pc);
}

static guint64 no_register(void *opaque, guint number)
{
	return 0;
}

static void translate_insn(struct qemu_plugin_insn *in, bool first)
{
	uint64_t pc = qemu_plugin_insn_vaddr(in);
	void *at = (void *)(uintptr_t)pc;
	VfInsn insn, *kept;
	guint64 va;
	guint size;
	guint32 word = insn_word(in, &size);
	enum qemu_plugin_cb_flags flags =
		w.following ? QEMU_PLUGIN_CB_R_REGS : QEMU_PLUGIN_CB_NO_REGS;

	translate_hooks(in, pc);
	if (w.decoder->decode(word, size, pc, &insn)) {
		insn.first = first;
		if (insn.kind != VF_INSN_CALL) {
			watch_operation(in, &insn);
			return;
		}
		if (!(w.decoder->is_user && w.decoder->is_user(pc)))
			translate_call(in, pc);
	}
	if (w.decoder->touches_memory && !w.decoder->touches_memory(word))
		return;
	/* registers are looked at for the callers of a hazard only */
	qemu_plugin_register_vcpu_mem_cb(in, on_load, flags, QEMU_PLUGIN_MEM_R, at);
	qemu_plugin_register_vcpu_mem_cb(in, on_store, flags, QEMU_PLUGIN_MEM_W, at);
	if (w.decoder->plain_store && w.counters.checked < CHECKS &&
	    w.decoder->plain_store(word, no_register, NULL, &va)) {
		insn = (VfInsn){.word = word, .pc = pc};
		kept = keep(&insn);
		if (kept)
			qemu_plugin_register_vcpu_mem_cb(in, on_check, QEMU_PLUGIN_CB_R_REGS,
							 QEMU_PLUGIN_MEM_W, kept);
	}
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	vf_watch_lock();
	learn_ram();
	for (size_t i = 0; i < n; i++)
		translate_insn(qemu_plugin_tb_get_insn(tb, i), !i);
	vf_watch_unlock();
}

void vf_watch_arm(void)
{
	/* it may have been moved or extended */
	w.addressing.ram = (VfRam){0};
	learn_ram();
	for (guint i = 0; i < w.n_models; i++)
		vf_model_reset(w.models[i]);
	vf_pages_reset(w.pages);
	w.learn = true;
	w.waits = 0;
	vf_watch_epoch();
	w.armed = true;
	/* Once armed, always: what is translated between two windows runs in the second. */
	if (w.translated)
		return;
	w.translated = true;
	w.tlb_page_bits = qemu_target_page_bits();
	qemu_plugin_register_vcpu_tb_trans_cb(w.id, on_translate);
	retranslate();
}

void vf_watch_disarm(void)
{
	w.armed = false;
}

void vf_watch_targets(const uint64_t *pages, size_t n)
{
	learn_ram();
	for (size_t i = 0; i < n; i++)
		add_target(pages[i]);
	if (!vf_pages_narrow(w.pages))
		return;
	vf_near_clear(&w.near);
	for (guint i = 0; i < w.n_models; i++)
		vf_model_forget_others(w.models[i]);
}

void vf_watch_dma_write(uint64_t pa, size_t len)
{
	if (!w.armed)
		return;
	learn_ram();
	if (!vf_ram_has(&w.addressing.ram, pa))
		note_outside(pa);
	add_target(pa);
	for (guint i = 0; i < w.n_models; i++)
		vf_model_dma_write(w.models[i], pa, len);
}

void vf_watch_dma_read(uint64_t pa, size_t len)
{
	if (!w.armed)
		return;
	learn_ram();
	if (!vf_ram_has(&w.addressing.ram, pa))
		note_outside(pa);
	for (guint i = 0; i < w.n_models; i++)
		vf_model_dma_read(w.models[i], pa, len);
}

/* In the vCPU's thread, before it runs. Scoreboards grow, and move, when one comes. */
static void on_vcpu(qemu_plugin_id_t id, unsigned vcpu)
{
	vf_lock_claim();
	w.last_call_of_0 = qemu_plugin_scoreboard_find(w.last_call.score, 0);
}

void vf_watch_install(qemu_plugin_id_t id, const VfConfig *config, VfModel **models, guint n)
{
	w.id = id;
	vf_lock_init(&w.lock);
	w.config = config;
	w.decoder = config->decoder;
	w.addressing = config->addressing;
	w.page_mask = w.addressing.page - 1;
	w.n_models = n;
	memcpy(w.models, models, n * sizeof(*models));
	w.pages = vf_pages_new(&w.addressing, config->track, vf_config_tables(config) / 2);
	w.max_insns = vf_config_tables(config) / 2 / INSN_BYTES;
	w.insns = g_hash_table_new(g_int64_hash, g_int64_equal);
	if (config->calls && w.decoder->stack_pointer)
		w.calls = vf_calls_new(w.decoder->stack_grows_up);
	w.following = config->calls == VF_FOLLOW_ON;
	w.last_call = qemu_plugin_scoreboard_u64(qemu_plugin_scoreboard_new(sizeof(guint64)));
	qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
}
