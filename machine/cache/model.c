// SPDX-License-Identifier: GPL-2.0-or-later
#include "model.h"
#include "arena.h"

#include <string.h>

#define CHUNK_BITS 10
#define CHUNK_SIZE (sizeof(Page *) << CHUNK_BITS)

typedef VfCopy Copy;
typedef struct Page Page;

/*
 * One line of one colour. Masks have one bit a byte. A byte is the latest
 * unless it is in @stale. As small as it can be: it is looked at for every access.
 */
typedef struct Line {
	struct Line *prev, *next; /* in its set, most recently used first */
	guint16 index;		  /* in the page */
	guint8 valid, dirty;
	guint8 cause; /* VfCause of the last overtaking */
	guint64 stale;
	VfWho filled, stored;
} __attribute__((aligned(VF_ARENA_ALIGNMENT))) Line;

/*
 * Why a byte of a line was already stale when it was filled (subsets of @stale); otherwise it was
 * overtaken since.
 */
typedef struct Reason {
	guint64 alias, lost, destroyed;
	guint64 vague; /* its value is not known */
	VfWho overtaken;
} Reason;

struct VfCopy {
	Copy *next; /* in its page, by colour */
	Page *page;
	guint8 *data;
	guint8 *fresh;	 /* one a line: it is valid, and no byte of it stale */
	Reason *reasons; /* one a line; NULL: no byte was ever stale */
	guint colour;
	Line lines[];
};
G_STATIC_ASSERT(sizeof(Line) == VF_ARENA_ALIGNMENT);

/* Memory's side of a line: bytes that memory does not have the latest of. */
typedef struct Memory {
	guint64 stale, lost, destroyed;
	guint64 vague; /* of the stale ones: their value in memory is not known */
} Memory;

struct Page {
	guint64 pa;
	const guint8 *ram;
	Copy *copies;
	Memory *memory; /* one a line; NULL: memory has the latest of everything */
	guint8 *old;	/* with @memory: values of the stale bytes */
	guint64 *dma;	/* masks, one a line, targets only: DMA wrote there in this epoch */
	guint epoch;	/* of @dma, @touched and @aliased */
	gboolean touched, aliased;
	gboolean target;
};

typedef struct Set {
	Line *head, *tail;
	guint length;
	guint64 swept; /* number of the sweep in which an index operation was here */
} Set;

struct VfModel {
	VfGeometry geometry;
	VfPolicy policy;
	VfModelOps ops;
	guint page_bits, line_bits, lines; /* lines a page */
	Page **chunks[1u << (VF_MODEL_PA_BITS - 12 - CHUNK_BITS)];
	Page *last;
	GPtrArray *pages, *targets; /* of Page */
	VfArena arena;		    /* of pages, copies and what they point to */
	Set *sets;
	guint n_sets, n_swept;
	guint n_index; /* sets that an operation by index can tell apart */
	guint64 sweep;
	guint epoch;
	VfCounters counters;
	gsize memory, limit;
	gboolean overflowed;
};

/* What a line-sized part of an access is. */
typedef struct Span {
	guint line;   /* index in the page */
	guint offset; /* of the first byte in the page */
	guint size;
	guint64 mask; /* bytes of the line */
} Span;

static const char *const hazard_names[VF_HAZARDS] = {
	[VF_HAZARD_R] = "R",
	[VF_HAZARD_A] = "A",
	[VF_HAZARD_U] = "U",
	[VF_HAZARD_W_ARMED] = "W-armed",
	[VF_HAZARD_W] = "W",
	[VF_HAZARD_P] = "P",
	[VF_HAZARD_P_ARMED] = "P-armed",
	[VF_HAZARD_D] = "D",
	[VF_HAZARD_C] = "C",
};

static const char *const cause_names[VF_CAUSES] = {
	[VF_CAUSE_CPU] = "cpu",		  [VF_CAUSE_UNCACHED] = "uncached", [VF_CAUSE_DMA] = "dma",
	[VF_CAUSE_EVICTION] = "eviction", [VF_CAUSE_UNSEEN] = "unseen",
};

const char *vf_hazard_name(VfHazardClass class)
{
	return hazard_names[class];
}

const char *vf_cause_name(VfCause cause)
{
	return cause_names[cause];
}

static gboolean power_of_two(guint n, guint min, guint max)
{
	return n >= min && n <= max && !(n & (n - 1));
}

static gboolean check_geometry(const VfGeometry *g, GError **error)
{
	const char *wrong = NULL;

	if (!power_of_two(g->line, 8, VF_LINE_MAX))
		wrong = "line must be a power of two from 8 to 64";
	else if (!power_of_two(g->page, MAX(g->line, 4096), 1u << 20))
		wrong = "page (way / colours) must be a power of two from 4096 to 1048576";
	else if (!power_of_two(g->colours, 1, 4096))
		wrong = "colours must be a power of two from 1 to 4096";
	else if (g->index % g->line || g->index > g->page * g->colours)
		wrong = "index must be whole lines, at most a way";
	if (wrong)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "cache geometry: %s",
			    wrong);
	return !wrong;
}

VfModel *vf_model_new(const VfGeometry *geometry, const VfPolicy *policy, const VfModelOps *ops,
		      gsize limit, GError **error)
{
	VfModel *m;

	if (!check_geometry(geometry, error))
		return NULL;
	m = g_new0(VfModel, 1);
	m->geometry = *geometry;
	m->policy = *policy;
	m->ops = *ops;
	m->limit = limit;
	m->page_bits = g_bit_nth_lsf(geometry->page, -1);
	m->line_bits = g_bit_nth_lsf(geometry->line, -1);
	m->lines = geometry->page / geometry->line;
	m->n_sets = geometry->colours * m->lines;
	m->sets = g_new0(Set, m->n_sets);
	m->n_index = geometry->index ? geometry->index / geometry->line : m->n_sets;
	m->sweep = 1;
	m->epoch = 1;
	m->pages = g_ptr_array_new();
	m->targets = g_ptr_array_new();
	return m;
}

void vf_model_reset(VfModel *m)
{
	vf_arena_clear(&m->arena);
	g_ptr_array_set_size(m->pages, 0);
	g_ptr_array_set_size(m->targets, 0);
	for (guint i = 0; i < G_N_ELEMENTS(m->chunks); i++)
		g_clear_pointer(&m->chunks[i], g_free);
	memset(m->sets, 0, m->n_sets * sizeof(Set));
	m->last = NULL;
	m->memory = 0;
	m->overflowed = FALSE;
	m->n_swept = 0;
	m->sweep = 1;
	vf_model_epoch(m);
}

void vf_model_free(VfModel *m)
{
	vf_model_reset(m);
	g_ptr_array_unref(m->pages);
	g_ptr_array_unref(m->targets);
	g_free(m->sets);
	g_free(m);
}

void vf_model_epoch(VfModel *m)
{
	m->epoch++;
	memset(&m->counters, 0, sizeof(m->counters));
}

const VfCounters *vf_model_counters(const VfModel *m)
{
	return &m->counters;
}

gsize vf_model_memory(const VfModel *m)
{
	return m->memory;
}

gboolean vf_model_overflowed(const VfModel *m)
{
	return m->overflowed;
}

/* Whether @size bytes more may be allocated. */
static gboolean account(VfModel *m, gsize size)
{
	if (m->memory + size > m->limit) {
		m->overflowed = TRUE;
		return FALSE;
	}
	m->memory += size;
	return TRUE;
}

static Page *find_page(const VfModel *m, guint64 pa)
{
	guint64 n = pa >> m->page_bits;
	Page **chunk;

	if (pa >> VF_MODEL_PA_BITS)
		return NULL;
	chunk = m->chunks[n >> CHUNK_BITS];
	return chunk ? chunk[n & ((1u << CHUNK_BITS) - 1)] : NULL;
}

static Page *add_page(VfModel *m, guint64 pa)
{
	guint64 n = pa >> m->page_bits;
	const guint8 *ram;
	Page ***chunk, *p;

	if (pa >> VF_MODEL_PA_BITS)
		return NULL;
	chunk = &m->chunks[n >> CHUNK_BITS];
	ram = m->ops.ram(m->ops.opaque, n << m->page_bits);
	/* with its places in the lists of pages and of targets */
	if (!ram || !account(m, sizeof(Page) + 2 * sizeof(Page *) + (*chunk ? 0 : CHUNK_SIZE)))
		return NULL;
	if (!*chunk)
		*chunk = g_malloc0(CHUNK_SIZE);
	p = vf_arena_take(&m->arena, sizeof(Page));
	p->pa = n << m->page_bits;
	p->ram = ram;
	(*chunk)[n & ((1u << CHUNK_BITS) - 1)] = p;
	g_ptr_array_add(m->pages, p);
	return p;
}

static Page *get_page(VfModel *m, guint64 pa)
{
	Page *p;

	if (m->last && m->last->pa == (pa & ~(guint64)(m->geometry.page - 1)))
		return m->last;
	p = find_page(m, pa);
	if (!p)
		p = add_page(m, pa);
	if (p)
		m->last = p;
	return p;
}

static guint colour_of(const VfModel *m, guint64 va)
{
	return (va >> m->page_bits) & (m->geometry.colours - 1);
}

static Copy *find_copy(const Page *p, guint colour)
{
	Copy *c = p->copies;

	while (c && c->colour != colour)
		c = c->next;
	return c;
}

/* NULL when the model's memory is used up. */
static Copy *get_copy(VfModel *m, Page *p, guint colour)
{
	Copy *c = find_copy(p, colour), **at;
	gsize size = sizeof(Copy) + m->lines * sizeof(Line);
	gsize data = m->geometry.page + m->lines, reasons = m->lines * sizeof(Reason);
	gsize memory = m->lines * sizeof(Memory) + m->geometry.page;

	/* What get_reason(), and get_memory() for the page, may want later is paid now. */
	if (c || !account(m, size + data + reasons + (p->copies ? 0 : memory)))
		return c;
	c = vf_arena_take(&m->arena, size);
	c->data = vf_arena_take(&m->arena, data);
	c->fresh = c->data + m->geometry.page;
	c->page = p;
	c->colour = colour;
	for (at = &p->copies; *at && (*at)->colour < colour; at = &(*at)->next)
		;
	c->next = *at;
	*at = c;
	for (guint i = 0; i < m->lines; i++)
		c->lines[i].index = i;
	return c;
}

static Memory *get_memory(VfModel *m, Page *p, guint line)
{
	if (!p->memory) {
		p->memory = vf_arena_take(&m->arena, m->lines * sizeof(Memory));
		p->old = vf_arena_take(&m->arena, m->geometry.page);
	}
	return &p->memory[line];
}

static guint64 bits(guint first, guint n)
{
	return (n == 64 ? G_MAXUINT64 : (1ull << n) - 1) << first;
}

/* Splits [@offset, @end) of a page at line boundaries; false at the end. */
static gboolean next_span(const VfModel *m, guint *offset, guint end, Span *s)
{
	guint line = m->geometry.line;

	if (*offset >= end)
		return FALSE;
	s->offset = *offset;
	s->line = *offset >> m->line_bits;
	s->size = MIN(end - *offset, line - (*offset & (line - 1)));
	s->mask = bits(*offset & (line - 1), s->size);
	*offset += s->size;
	return TRUE;
}

static guint page_offset(const VfModel *m, guint64 pa)
{
	return pa & (m->geometry.page - 1);
}

static Copy *copy_of(const Line *l)
{
	return (Copy *)((guint8 *)(l - l->index) - G_STRUCT_OFFSET(Copy, lines));
}

static guint8 *line_data(const VfModel *m, const Line *l)
{
	return copy_of(l)->data + ((guint)l->index << m->line_bits);
}

static guint64 line_pa(const VfModel *m, const Line *l)
{
	return copy_of(l)->page->pa + ((guint)l->index << m->line_bits);
}

static Set *set_of(const VfModel *m, const Line *l)
{
	return &m->sets[copy_of(l)->colour * m->lines + l->index];
}

static void unlink_line(VfModel *m, Line *l)
{
	Set *s = set_of(m, l);

	*(l->prev ? &l->prev->next : &s->head) = l->next;
	*(l->next ? &l->next->prev : &s->tail) = l->prev;
	s->length--;
}

static void link_line(VfModel *m, Line *l)
{
	Set *s = set_of(m, l);

	l->prev = NULL;
	l->next = s->head;
	*(s->head ? &s->head->prev : &s->tail) = l;
	s->head = l;
	s->length++;
}

/* After each change of @l->valid or @l->stale. */
static void note_fresh(const Line *l)
{
	copy_of(l)->fresh[l->index] = l->valid && !l->stale;
}

static Reason *get_reason(VfModel *m, const Line *l)
{
	Copy *c = copy_of(l);

	if (!c->reasons)
		c->reasons = vf_arena_take(&m->arena, m->lines * sizeof(Reason));
	return &c->reasons[l->index];
}

static Reason reason_of(const Line *l)
{
	const Copy *c = copy_of(l);

	return c->reasons ? c->reasons[l->index] : (Reason){0};
}

static void forget_reasons(Reason *r, guint64 mask)
{
	r->alias &= ~mask;
	r->lost &= ~mask;
	r->destroyed &= ~mask;
}

static void refresh_memory(Memory *mem, guint64 mask)
{
	mem->stale &= ~mask;
	mem->lost &= ~mask;
	mem->destroyed &= ~mask;
	mem->vague &= ~mask;
}

/* The dirty line that has the latest of some of @mask, for a report. */
static const Line *owner(const Page *p, guint line, guint64 mask)
{
	for (const Copy *c = p->copies; c; c = c->next) {
		const Line *l = &c->lines[line];

		if (l->valid && l->dirty && (mask & ~l->stale))
			return l;
	}
	return NULL;
}

static void report(VfModel *m, VfModelHazard *h)
{
	if (h->silent)
		m->counters.silent++;
	else
		m->counters.hazards[h->class]++;
	m->ops.hazard(m->ops.opaque, h);
}

/* The bytes of @mask whose value is known to differ, or not known at all. */
static guint64 differing(const guint8 *copy, const guint8 *latest, guint64 mask, guint64 vague)
{
	guint64 differ = 0;

	for (guint64 rest = mask; rest; rest &= rest - 1) {
		guint i = __builtin_ctzll(rest);

		if ((vague >> i & 1) || copy[i] != latest[i])
			differ |= 1ull << i;
	}
	return differ;
}

/*
 * Completes and reports @h for the bytes @mask of the line that begins at
 * @copy, of which @latest is what they should be. NULL: not known.
 */
static void report_bytes(VfModel *m, VfModelHazard *h, guint64 line_at, guint64 mask, guint64 vague,
			 const guint8 *copy, const guint8 *latest)
{
	guint64 differ = latest ? differing(copy, latest, mask, vague) : mask;
	guint first;

	h->silent = !differ;
	first = __builtin_ctzll(differ ? differ : mask);
	h->pa = line_at + first;
	h->bytes = __builtin_popcountll(differ ? differ : mask);
	h->expected = latest ? latest[first] : -1;
	h->found = vague >> first & 1 ? -1 : copy[first];
	report(m, h);
}

/* Bytes that a device changed without a report: older than memory in every other line too. */
static void outdate_others(Page *p, const Line *except, guint64 mask)
{
	for (Copy *c = p->copies; c; c = c->next) {
		Line *l = &c->lines[except->index];

		if (l == except || !l->valid)
			continue;
		if (mask & ~l->stale)
			l->cause = VF_CAUSE_UNSEEN;
		l->stale |= mask;
		note_fresh(l);
	}
}

static void write_back(VfModel *m, Line *l, VfWho who, VfCause cause)
{
	Page *p = copy_of(l)->page;
	Memory *mem = get_memory(m, p, l->index);
	guint at = (guint)l->index << m->line_bits;
	const guint8 *data = line_data(m, l), *ram = p->ram + at;
	guint64 all = bits(0, m->geometry.line);
	Reason reason = reason_of(l);
	guint64 overtaken, unseen, differ;
	VfModelHazard h = {.class = VF_HAZARD_W,
			   .target = p->target,
			   .who = who,
			   .origin = l->stored,
			   .colour = copy_of(l)->colour,
			   .other = copy_of(l)->colour};

	l->dirty = FALSE;
	refresh_memory(mem, all & ~l->stale & mem->stale);

	/* Where the latest is in yet another line, this write destroys nothing. */
	overtaken = l->stale & ~mem->stale;
	differ = differing(data, ram, overtaken, reason.vague);
	if (overtaken) {
		h.cause = cause == VF_CAUSE_EVICTION ? cause : l->cause;
		h.overtaken = reason.overtaken;
		report_bytes(m, &h, p->pa + at, overtaken, reason.vague, data, ram);
	}
	unseen = differing(data, ram, all & ~l->stale & ~mem->stale, 0);
	if (unseen && m->policy.snoop == VF_SNOOP_ALL) {
		m->counters.unseen++;
		unseen = 0;
	}
	if (unseen) {
		h.cause = VF_CAUSE_UNSEEN;
		h.overtaken = (VfWho){0, 0};
		report_bytes(m, &h, p->pa + at, unseen, 0, data, ram);
		outdate_others(p, l, unseen);
	}
	differ |= unseen;
	mem->vague = (mem->vague & ~l->stale) | (l->stale & reason.vague & (differ | mem->stale));
	mem->stale |= differ;
	mem->destroyed |= differ;
	for (guint64 rest = mem->stale & (l->stale | unseen); rest; rest &= rest - 1)
		p->old[at + __builtin_ctzll(rest)] = data[__builtin_ctzll(rest)];
}

static void invalidate(VfModel *m, Line *l)
{
	Copy *c = copy_of(l);

	l->valid = l->dirty = FALSE;
	l->stale = 0;
	if (c->reasons)
		c->reasons[l->index] = (Reason){0};
	note_fresh(l);
	unlink_line(m, l);
}

static void flush_line(VfModel *m, Line *l, VfWho who, VfCause cause)
{
	if (!l->valid)
		return;
	if (l->dirty)
		write_back(m, l, who, cause);
	invalidate(m, l);
}

static void purge_line(VfModel *m, Line *l, VfWho who)
{
	Page *p = copy_of(l)->page;
	Memory *mem;
	guint64 lost;
	VfModelHazard h = {.class = VF_HAZARD_P_ARMED,
			   .target = p->target,
			   .who = who,
			   .origin = l->stored,
			   .colour = copy_of(l)->colour,
			   .other = copy_of(l)->colour};

	if (!l->valid)
		return;
	if (l->dirty) {
		mem = get_memory(m, p, l->index);
		lost = mem->stale & ~mem->lost & ~mem->destroyed & ~l->stale;
		mem->lost |= lost;
		if (lost)
			report_bytes(m, &h, line_pa(m, l), lost, 0, line_data(m, l), NULL);
	}
	invalidate(m, l);
}

static void fill(VfModel *m, Line *l, VfWho who)
{
	Page *p = copy_of(l)->page;
	Set *s = set_of(m, l);
	guint at = (guint)l->index << m->line_bits;
	const Memory *mem = p->memory ? &p->memory[l->index] : NULL;
	Reason *reason;

	if (m->geometry.ways && s->length >= m->geometry.ways) {
		m->counters.evictions++;
		flush_line(m, s->tail, who, VF_CAUSE_EVICTION);
	}
	memcpy(line_data(m, l), p->ram + at, m->geometry.line);
	l->valid = TRUE;
	l->filled = who;
	l->stored = (VfWho){0, 0};
	if (mem && mem->stale) {
		l->stale = mem->stale;
		reason = get_reason(m, l);
		reason->lost = mem->lost;
		reason->destroyed = mem->destroyed;
		reason->alias = mem->stale & ~mem->lost & ~mem->destroyed;
		reason->vague = mem->vague;
		for (guint64 rest = mem->stale & ~mem->vague; rest; rest &= rest - 1)
			line_data(m, l)[__builtin_ctzll(rest)] = p->old[at + __builtin_ctzll(rest)];
	}
	note_fresh(l);
	link_line(m, l);
	m->counters.fills++;
}

static void touch_line(VfModel *m, Line *l)
{
	if (!m->geometry.ways || !l->prev)
		return;
	unlink_line(m, l);
	link_line(m, l);
}

static void enter_epoch(const VfModel *m, Page *p)
{
	if (p->epoch == m->epoch)
		return;
	p->epoch = m->epoch;
	p->touched = p->aliased = FALSE;
	if (p->dma)
		memset(p->dma, 0, m->lines * sizeof(*p->dma));
}

static void touch_page(const VfModel *m, Page *p, guint colour)
{
	enter_epoch(m, p);
	p->touched = TRUE;
	p->aliased |= colour != colour_of(m, p->pa);
}

/* One class of stale bytes of a load. */
static void report_stale(VfModel *m, const VfModelHazard *base, VfHazardClass class, VfCause cause,
			 const Line *l, guint64 mask, const guint8 *latest)
{
	VfModelHazard h = *base;
	Reason reason = reason_of(l);
	const Line *o;

	if (!mask)
		return;
	h.class = class;
	h.cause = cause;
	h.origin = l->stored.pc ? l->stored : l->filled;
	h.overtaken = reason.overtaken;
	h.colour = h.other = copy_of(l)->colour;
	o = owner(copy_of(l)->page, l->index, mask);
	if (o)
		h.other = copy_of(o)->colour;
	if (o && class == VF_HAZARD_A)
		h.overtaken = o->stored;
	report_bytes(m, &h, line_pa(m, l), mask, reason.vague, line_data(m, l), latest);
}

/* @latest has the line's bytes at their places; those outside @mask are not looked at. */
static void check_load(VfModel *m, Line *l, guint64 mask, const guint8 *latest,
		       const VfModelHazard *base)
{
	guint64 stale = l->stale & mask;
	Reason reason = reason_of(l);
	guint64 unseen = differing(line_data(m, l), latest, mask & ~stale, 0);

	report_stale(m, base, VF_HAZARD_C, VF_CAUSE_CPU, l, stale & reason.destroyed, latest);
	report_stale(m, base, VF_HAZARD_P, VF_CAUSE_CPU, l, stale & reason.lost, latest);
	report_stale(m, base, VF_HAZARD_A, VF_CAUSE_CPU, l, stale & reason.alias, latest);
	report_stale(m, base, VF_HAZARD_R, l->cause, l,
		     stale & ~(reason.destroyed | reason.lost | reason.alias), latest);
	if (!unseen)
		return;
	m->counters.unseen++;
	if (m->policy.snoop == VF_SNOOP_ALL) {
		for (guint64 rest = unseen; rest; rest &= rest - 1)
			line_data(m, l)[__builtin_ctzll(rest)] = latest[__builtin_ctzll(rest)];
		return;
	}
	l->cause = VF_CAUSE_UNSEEN;
	get_reason(m, l)->overtaken = (VfWho){0, 0};
	report_stale(m, base, VF_HAZARD_R, VF_CAUSE_UNSEEN, l, unseen, latest);
	l->stale |= unseen;
	note_fresh(l);
}

void vf_model_load(VfModel *m, guint64 va, guint64 pa, guint size, const guint8 *value, VfWho who)
{
	Page *p = get_page(m, pa);
	guint offset = page_offset(m, pa), end = offset + size;
	guint8 latest[VF_LINE_MAX];
	Copy *c;
	Line *l;
	Span s;

	if (!p)
		return;
	touch_page(m, p, colour_of(m, va));
	c = get_copy(m, p, colour_of(m, va));
	if (!c)
		return;
	while (next_span(m, &offset, end, &s)) {
		l = &c->lines[s.line];
		m->counters.loads++;
		m->counters.target_loads += p->target;
		if (l->valid)
			touch_line(m, l);
		else
			fill(m, l, who);
		if (!(l->stale & s.mask) && !memcmp(c->data + s.offset, value, s.size)) {
			value += s.size;
			continue;
		}
		memcpy(latest + (s.offset & (m->geometry.line - 1)), value, s.size);
		check_load(m, l, s.mask, latest,
			   &(VfModelHazard){.target = p->target, .who = who, .va = va});
		value += s.size;
	}
}

/* Every line but @except now has an older version of @mask. */
static void overtake(VfModel *m, Page *p, guint line, guint64 mask, const Line *except,
		     VfCause cause, VfWho who)
{
	for (Copy *c = p->copies; c; c = c->next) {
		Line *l = &c->lines[line];
		guint64 fresh = mask & ~l->stale;
		Reason *reason;

		if (!l->valid || l == except)
			continue;
		l->stale |= mask;
		note_fresh(l);
		reason = get_reason(m, l);
		forget_reasons(reason, mask);
		reason->overtaken = who;
		l->cause = cause;
		if (l->dirty && fresh) {
			VfModelHazard h = {.class = VF_HAZARD_W_ARMED,
					   .cause = cause,
					   .target = p->target,
					   .who = who,
					   .origin = l->stored,
					   .overtaken = who,
					   .colour = c->colour,
					   .other = except ? copy_of(except)->colour : c->colour};

			report_bytes(m, &h, line_pa(m, l), fresh, 0, line_data(m, l), NULL);
		}
	}
}

/* The stored bytes are newer than memory; what memory has is known if the line was the latest. */
static void outdate_memory(VfModel *m, Line *l, guint64 mask, gboolean hit)
{
	Page *p = copy_of(l)->page;
	Memory *mem = get_memory(m, p, l->index);
	guint at = (guint)l->index << m->line_bits;
	guint64 fresh = mask & ~mem->stale;
	guint64 known = hit ? fresh & ~l->stale : 0;

	for (guint64 rest = known; rest; rest &= rest - 1)
		p->old[at + __builtin_ctzll(rest)] = line_data(m, l)[__builtin_ctzll(rest)];
	mem->vague |= fresh & ~known;
	mem->stale |= mask;
	mem->lost &= ~mask;
	mem->destroyed &= ~mask;
}

static void store_span(VfModel *m, Page *p, guint64 va, const Span *s, const guint8 *value,
		       VfWho who)
{
	Copy *c = m->policy.write_through ? find_copy(p, colour_of(m, va))
					  : get_copy(m, p, colour_of(m, va));
	Line *l = c ? &c->lines[s->line] : NULL;
	gboolean hit = l && l->valid;

	if (!c && !m->policy.write_through)
		return;
	if (hit)
		touch_line(m, l);
	else if (!m->policy.write_through)
		fill(m, l, who);
	if (!m->policy.write_through) {
		outdate_memory(m, l, s->mask, hit);
		l->dirty = TRUE;
	} else if (p->memory) {
		refresh_memory(&p->memory[s->line], s->mask);
	}
	if (l && l->valid) {
		memcpy(c->data + s->offset, value, s->size);
		l->stale &= ~s->mask;
		note_fresh(l);
		if (c->reasons) {
			c->reasons[s->line].vague &= ~s->mask;
			forget_reasons(&c->reasons[s->line], s->mask);
		}
		l->stored = who;
	}
	if (p->copies && (p->copies->next || !(l && l->valid)))
		overtake(m, p, s->line, s->mask, l, VF_CAUSE_CPU, who);
}

void vf_model_store(VfModel *m, guint64 va, guint64 pa, guint size, const guint8 *value, VfWho who)
{
	Page *p = get_page(m, pa);
	guint offset = page_offset(m, pa), end = offset + size;
	Span s;

	if (!p)
		return;
	touch_page(m, p, colour_of(m, va));
	while (next_span(m, &offset, end, &s)) {
		m->counters.stores++;
		m->counters.target_stores += p->target;
		store_span(m, p, va, &s, value, who);
		value += s.size;
	}
}

/* Sizes of accesses as constants, so that the compiler needs no call. */
static gboolean same(const guint8 *a, const guint8 *b, guint size)
{
	switch (size) {
	case 1:
		return *a == *b;
	case 2:
		return !memcmp(a, b, 2);
	case 4:
		return !memcmp(a, b, 4);
	case 8:
		return !memcmp(a, b, 8);
	default:
		return !memcmp(a, b, size);
	}
}

static void copy(guint8 *to, const guint8 *from, guint size)
{
	switch (size) {
	case 1:
		*to = *from;
		break;
	case 2:
		memcpy(to, from, 2);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	case 8:
		memcpy(to, from, 8);
		break;
	default:
		memcpy(to, from, size);
	}
}

VfCopy *vf_model_copy(VfModel *m, guint64 va, guint64 pa)
{
	Page *p = find_page(m, pa);

	return p && p->epoch == m->epoch ? find_copy(p, colour_of(m, va)) : NULL;
}

guint64 vf_copy_page(const VfCopy *c)
{
	return c->page->pa;
}

const guint8 *vf_copy_ram(const VfCopy *c)
{
	return c->page->ram;
}

/* Is the access a hit inside of one line? */
static inline gboolean quick_hit(const VfModel *m, const Copy *c, guint offset, guint size)
{
	return c->fresh[offset >> m->line_bits] &&
	       (offset & (m->geometry.line - 1)) + size <= m->geometry.line;
}

gboolean vf_model_quick_load(VfModel *m, VfCopy *c, guint64 va, guint size)
{
	guint offset = page_offset(m, va);

	if (!quick_hit(m, c, offset, size) || !same(c->data + offset, c->page->ram + offset, size))
		return FALSE;
	touch_line(m, &c->lines[offset >> m->line_bits]);
	m->counters.loads++;
	m->counters.target_loads += c->page->target;
	return TRUE;
}

/* Has no other line a part in what is stored? */
static gboolean alone(const Copy *mine, guint line)
{
	for (const Copy *c = mine->page->copies; c; c = c->next)
		if (c != mine && c->lines[line].valid)
			return FALSE;
	return TRUE;
}

/* outdate_memory() of bytes in a fresh line, all of which memory has, or none. */
static gboolean quick_outdate(const VfModel *m, Line *l, guint offset, guint size)
{
	Page *p = copy_of(l)->page;
	guint64 mask = bits(offset & (m->geometry.line - 1), size);
	Memory *mem = p->memory ? &p->memory[l->index] : NULL;

	if (!mem || (mem->stale & mask && ~mem->stale & mask))
		return FALSE;
	if (!(mem->stale & mask))
		copy(p->old + offset, copy_of(l)->data + offset, size);
	mem->stale |= mask;
	mem->lost &= ~mask;
	mem->destroyed &= ~mask;
	l->dirty = TRUE;
	return TRUE;
}

gboolean vf_model_quick_store(VfModel *m, VfCopy *c, guint64 va, guint size, VfWho who)
{
	guint offset = page_offset(m, va), line = offset >> m->line_bits;
	Line *l = &c->lines[line];

	if (!quick_hit(m, c, offset, size) || !alone(c, line) ||
	    !(m->policy.write_through || quick_outdate(m, l, offset, size)))
		return FALSE;
	touch_line(m, l);
	copy(c->data + offset, c->page->ram + offset, size);
	l->stored = who;
	m->counters.stores++;
	m->counters.target_stores += c->page->target;
	return TRUE;
}

/* A reader that bypasses every cache met bytes @mask that memory does not have. */
static void report_memory(VfModel *m, const VfModelHazard *base, Page *p, guint line, guint64 mask,
			  const guint8 *latest)
{
	const Line *o = owner(p, line, mask);
	guint at = line << m->line_bits;
	VfModelHazard h = *base;

	if (!mask)
		return;
	h.target = p->target;
	if (o) {
		h.origin = o->stored;
		h.colour = h.other = copy_of(o)->colour;
	}
	report_bytes(m, &h, p->pa + at, mask, p->memory[line].vague, p->old + at, latest);
}

void vf_model_uncached_load(VfModel *m, guint64 pa, guint size, const guint8 *value, VfWho who)
{
	Page *p = find_page(m, pa);
	guint offset = page_offset(m, pa), end = offset + size;
	guint8 latest[VF_LINE_MAX];
	VfModelHazard h = {.who = who, .cause = VF_CAUSE_CPU};
	const Memory *mem;
	guint64 stale;
	Span s;

	m->counters.uncached_loads++;
	if (!p || !p->memory)
		return;
	while (next_span(m, &offset, end, &s)) {
		mem = &p->memory[s.line];
		stale = mem->stale & s.mask;
		memcpy(latest + (s.offset & (m->geometry.line - 1)), value, s.size);
		value += s.size;
		h.class = VF_HAZARD_C;
		report_memory(m, &h, p, s.line, stale & mem->destroyed, latest);
		h.class = VF_HAZARD_P;
		report_memory(m, &h, p, s.line, stale & mem->lost, latest);
		h.class = VF_HAZARD_U;
		report_memory(m, &h, p, s.line, stale & ~(mem->destroyed | mem->lost), latest);
	}
}

void vf_model_uncached_store(VfModel *m, guint64 pa, guint size, VfWho who)
{
	Page *p = find_page(m, pa);
	guint offset = page_offset(m, pa), end = offset + size;
	Span s;

	m->counters.uncached_stores++;
	if (!p)
		return;
	while (next_span(m, &offset, end, &s)) {
		if (p->memory)
			refresh_memory(&p->memory[s.line], s.mask);
		overtake(m, p, s.line, s.mask, NULL, VF_CAUSE_UNCACHED, who);
	}
}

static Line *find_line(const VfModel *m, guint64 va, guint64 pa)
{
	Page *p = find_page(m, pa);
	Copy *c = p ? find_copy(p, colour_of(m, va)) : NULL;
	Line *l = c ? &c->lines[page_offset(m, pa) >> m->line_bits] : NULL;

	return l && l->valid ? l : NULL;
}

void vf_model_flush(VfModel *m, guint64 va, guint64 pa, VfWho who)
{
	Line *l = find_line(m, va, pa);

	m->counters.flushes++;
	if (!l)
		return;
	m->counters.hits++;
	flush_line(m, l, who, VF_CAUSE_CPU);
}

void vf_model_writeback(VfModel *m, guint64 va, guint64 pa, VfWho who)
{
	Line *l = find_line(m, va, pa);

	m->counters.writebacks++;
	if (!l)
		return;
	m->counters.hits++;
	if (l->dirty)
		write_back(m, l, who, VF_CAUSE_CPU);
}

void vf_model_purge(VfModel *m, guint64 va, guint64 pa, VfWho who)
{
	Line *l = find_line(m, va, pa);

	m->counters.purges++;
	if (!l)
		return;
	m->counters.hits++;
	purge_line(m, l, who);
}

static void drop_line(VfModel *m, Line *l, VfWho who, gboolean write)
{
	m->counters.hits++;
	if (write)
		flush_line(m, l, who, VF_CAUSE_CPU);
	else
		purge_line(m, l, who);
}

static void drop_page(VfModel *m, guint64 pa, VfWho who, gboolean write)
{
	Page *p = find_page(m, pa);

	for (Copy *c = p ? p->copies : NULL; c; c = c->next)
		for (guint i = 0; i < m->lines; i++)
			if (c->lines[i].valid)
				drop_line(m, &c->lines[i], who, write);
}

void vf_model_page_flush(VfModel *m, guint64 pa, VfWho who)
{
	m->counters.flushes++;
	drop_page(m, pa, who, TRUE);
}

void vf_model_page_purge(VfModel *m, guint64 pa, VfWho who)
{
	m->counters.purges++;
	drop_page(m, pa, who, FALSE);
}

static void drop_set(VfModel *m, Set *s, VfWho who, gboolean write)
{
	while (s->head)
		drop_line(m, s->head, who, write);
}

/* Every set was emptied since the last time that all were: the guest emptied the whole cache. */
static void count_sweep(VfModel *m, Set *s)
{
	if (s->swept == m->sweep)
		return;
	s->swept = m->sweep;
	if (++m->n_swept < m->n_sets)
		return;
	m->counters.whole++;
	m->sweep++;
	m->n_swept = 0;
}

static void index_op(VfModel *m, guint64 va, VfWho who, gboolean write)
{
	guint line = page_offset(m, va) >> m->line_bits;

	m->counters.index_ops++;
	for (guint i = (colour_of(m, va) * m->lines + line) % m->n_index; i < m->n_sets;
	     i += m->n_index) {
		drop_set(m, &m->sets[i], who, write);
		count_sweep(m, &m->sets[i]);
	}
}

void vf_model_index_flush(VfModel *m, guint64 va, VfWho who)
{
	index_op(m, va, who, TRUE);
}

void vf_model_index_purge(VfModel *m, guint64 va, VfWho who)
{
	index_op(m, va, who, FALSE);
}

void vf_model_whole_flush(VfModel *m, VfWho who)
{
	m->counters.whole++;
	for (guint i = 0; i < m->n_sets; i++)
		drop_set(m, &m->sets[i], who, TRUE);
}

static gboolean snooped(const VfModel *m, const Line *l)
{
	switch (m->policy.snoop) {
	case VF_SNOOP_NONE:
		return FALSE;
	case VF_SNOOP_LINEAR:
		return copy_of(l)->colour == colour_of(m, copy_of(l)->page->pa);
	default:
		return TRUE;
	}
}

static void move_in(VfModel *m, Page *p, guint line)
{
	for (Copy *c = p->copies; c; c = c->next)
		if (!c->lines[line].valid)
			fill(m, &c->lines[line], (VfWho){0, 0});
}

static void dma_write_span(VfModel *m, Page *p, const Span *s)
{
	const VfWho device = {0, 0};

	if (m->policy.move_in)
		move_in(m, p, s->line);
	for (Copy *c = p->copies; c; c = c->next)
		if (snooped(m, &c->lines[s->line]))
			flush_line(m, &c->lines[s->line], device, VF_CAUSE_DMA);
	if (p->memory)
		refresh_memory(&p->memory[s->line], s->mask);
	overtake(m, p, s->line, s->mask, NULL, VF_CAUSE_DMA, device);
	if (p->target) {
		if (!p->dma)
			p->dma = vf_arena_take(&m->arena, m->lines * sizeof(*p->dma));
		p->dma[s->line] |= s->mask;
	}
}

void vf_model_dma_write(VfModel *m, guint64 pa, guint size)
{
	Page *p = find_page(m, pa);
	guint offset = page_offset(m, pa), end = offset + size;
	Span s;

	m->counters.dma_write_bytes += size;
	if (!p)
		return;
	if (p->target)
		m->counters.target_dma_bytes += size;
	enter_epoch(m, p);
	while (next_span(m, &offset, end, &s))
		dma_write_span(m, p, &s);
}

void vf_model_dma_read(VfModel *m, guint64 pa, guint size)
{
	Page *p = find_page(m, pa);
	guint offset = page_offset(m, pa), end = offset + size;
	const VfWho device = {0, 0};
	VfModelHazard h = {.class = VF_HAZARD_D, .cause = VF_CAUSE_CPU};
	Span s;

	m->counters.dma_read_bytes += size;
	if (!p || !p->memory)
		return;
	while (next_span(m, &offset, end, &s)) {
		for (Copy *c = p->copies; c; c = c->next) {
			Line *l = &c->lines[s.line];

			if (l->valid && l->dirty && snooped(m, l))
				write_back(m, l, device, VF_CAUSE_DMA);
		}
		report_memory(m, &h, p, s.line, p->memory[s.line].stale & s.mask,
			      p->ram + (s.line << m->line_bits));
	}
}

void vf_model_target(VfModel *m, guint64 pa)
{
	Page *p = get_page(m, pa);

	if (!p || p->target)
		return;
	p->target = TRUE;
	g_ptr_array_add(m->targets, p);
}

void vf_model_forget_others(VfModel *m)
{
	for (guint i = 0; i < m->pages->len; i++) {
		Page *p = m->pages->pdata[i];

		if (p->target)
			continue;
		for (Copy *c = p->copies; c; c = c->next)
			for (guint l = 0; l < m->lines; l++)
				if (c->lines[l].valid)
					invalidate(m, &c->lines[l]);
		if (p->memory)
			memset(p->memory, 0, m->lines * sizeof(Memory));
	}
}

void vf_model_targets(VfModel *m, VfTargets *targets)
{
	*targets = (VfTargets){.pages = m->targets->len};
	for (guint i = 0; i < m->targets->len; i++) {
		const Page *p = m->targets->pdata[i];

		if (p->epoch != m->epoch)
			continue;
		targets->touched += p->touched;
		targets->aliased += p->aliased;
		for (guint l = 0; p->dma && l < m->lines; l++)
			targets->dma_extent += __builtin_popcountll(p->dma[l]);
	}
}
