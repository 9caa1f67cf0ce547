// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference.h"

/* Why a byte is old. */
typedef enum { OVERTAKEN, ELSEWHERE, LOST, DESTROYED } Why;

typedef struct Byte {
	guint64 version;
	guint8 value;
	gboolean known; /* is @value what the hardware would have? */
	Why why;
} Byte;

typedef struct RefLine {
	gboolean valid, dirty, mapped; /* mapped: this colour of the page was used before */
	guint64 used;
	Byte bytes[REF_LINE];
} RefLine;

#define LINES (REF_RAM / REF_LINE)

struct Reference {
	const guint8 *ram;
	guint ways;
	VfPolicy policy;
	GArray *found;
	guint64 clock;
	guint64 newest[REF_RAM];
	Byte memory[REF_RAM];
	RefLine lines[LINES][REF_COLOURS];
};

Reference *ref_new(const guint8 *ram, guint ways, const VfPolicy *policy, GArray *found)
{
	Reference *r = g_new0(Reference, 1);

	r->ram = ram;
	r->ways = ways;
	r->policy = *policy;
	r->found = found;
	return r;
}

void ref_free(Reference *r)
{
	g_free(r);
}

/* One hazard for the bytes marked in @wrong; @latest may be NULL. */
static void found(Reference *r, guint class, guint line, guint colour, const gboolean *wrong,
		  const Byte *bytes, const guint8 *latest)
{
	RefHazard h = {.class = class, .colour = colour, .silent = TRUE};
	int first = -1, first_different = -1;
	guint all = 0, different = 0, at;

	for (guint i = 0; i < REF_LINE; i++) {
		if (!wrong[i])
			continue;
		all++;
		if (first < 0)
			first = i;
		if (latest && bytes[i].known && bytes[i].value == latest[i])
			continue;
		different++;
		if (first_different < 0)
			first_different = i;
	}
	if (!all)
		return;
	h.silent = !different;
	h.bytes = different ? different : all;
	at = different ? first_different : first;
	h.pa = line * REF_LINE + at;
	h.expected = latest ? latest[at] : -1;
	h.found = bytes[at].known ? bytes[at].value : -1;
	g_array_append_val(r->found, h);
}

static gboolean memory_old(const Reference *r, guint pa)
{
	return r->memory[pa].version != r->newest[pa];
}

static gboolean line_old(const Reference *r, guint line, const RefLine *l, guint i)
{
	return l->bytes[i].version != r->newest[line * REF_LINE + i];
}

static void write_back(Reference *r, guint line, guint colour)
{
	RefLine *l = &r->lines[line][colour];
	const guint8 *ram = r->ram + line * REF_LINE;
	gboolean older[REF_LINE] = {0}, foreign[REF_LINE] = {0};

	l->dirty = FALSE;
	for (guint i = 0; i < REF_LINE; i++) {
		older[i] = line_old(r, line, l, i) && !memory_old(r, line * REF_LINE + i);
		/* Memory may have been changed by a device that nobody reported. */
		foreign[i] = !line_old(r, line, l, i) && l->bytes[i].value != ram[i] &&
			     r->policy.snoop != VF_SNOOP_ALL;
	}
	found(r, VF_HAZARD_W, line, colour, older, l->bytes, ram);
	found(r, VF_HAZARD_W, line, colour, foreign, l->bytes, ram);
	for (guint i = 0; i < REF_LINE; i++) {
		Byte *m = &r->memory[line * REF_LINE + i];
		gboolean harmless = older[i] && l->bytes[i].known && l->bytes[i].value == ram[i];

		if (harmless)
			continue;
		if (foreign[i]) {
			*m = l->bytes[i];
			m->version = 0;
			r->newest[line * REF_LINE + i] = ++r->clock;
			l->bytes[i].version = r->clock; /* the line itself is none the wiser */
			m->why = DESTROYED;
		} else if (older[i]) {
			*m = l->bytes[i];
			m->why = DESTROYED;
		} else if (line_old(r, line, l, i)) {
			m->value = l->bytes[i].value;
			m->known = l->bytes[i].known;
		} else {
			*m = l->bytes[i];
		}
	}
}

static void drop(Reference *r, guint line, guint colour, gboolean write)
{
	RefLine *l = &r->lines[line][colour];
	gboolean lost[REF_LINE] = {0};

	if (!l->valid)
		return;
	if (l->dirty && write)
		write_back(r, line, colour);
	for (guint i = 0; i < REF_LINE && l->dirty; i++) {
		Byte *m = &r->memory[line * REF_LINE + i];

		lost[i] = memory_old(r, line * REF_LINE + i) && !line_old(r, line, l, i) &&
			  m->why == ELSEWHERE;
		if (lost[i])
			m->why = LOST;
	}
	found(r, VF_HAZARD_P_ARMED, line, colour, lost, l->bytes, NULL);
	l->valid = l->dirty = FALSE;
}

static void make_room(Reference *r, guint line, guint colour)
{
	guint in_page = line % (REF_PAGE / REF_LINE), n = 0, victim = 0;
	guint64 oldest = G_MAXUINT64;

	for (guint i = in_page; i < LINES; i += REF_PAGE / REF_LINE) {
		RefLine *l = &r->lines[i][colour];

		n += l->valid;
		if (l->valid && l->used < oldest) {
			oldest = l->used;
			victim = i;
		}
	}
	if (r->ways && n >= r->ways)
		drop(r, victim, colour, TRUE);
}

static void fill(Reference *r, guint line, guint colour)
{
	RefLine *l = &r->lines[line][colour];

	make_room(r, line, colour);
	l->valid = TRUE;
	for (guint i = 0; i < REF_LINE; i++) {
		guint pa = line * REF_LINE + i;

		l->bytes[i] = r->memory[pa];
		if (!memory_old(r, pa))
			l->bytes[i] = (Byte){.version = r->newest[pa], .known = TRUE};
		if (!l->bytes[i].known || !memory_old(r, pa))
			l->bytes[i].value = r->ram[pa];
	}
}

static RefLine *use(Reference *r, guint line, guint colour)
{
	RefLine *l = &r->lines[line][colour];
	guint page = line * REF_LINE / REF_PAGE * (REF_PAGE / REF_LINE);

	for (guint i = 0; i < REF_PAGE / REF_LINE; i++)
		r->lines[page + i][colour].mapped = TRUE;
	if (!l->valid)
		fill(r, line, colour);
	l->used = ++r->clock;
	return l;
}

static void load_line(Reference *r, guint colour, guint line, guint from, guint to)
{
	static const struct {
		Why why;
		guint class;
	} classes[] = {{DESTROYED, VF_HAZARD_C},
		       {LOST, VF_HAZARD_P},
		       {ELSEWHERE, VF_HAZARD_A},
		       {OVERTAKEN, VF_HAZARD_R}};
	RefLine *l = use(r, line, colour);
	const guint8 *ram = r->ram + line * REF_LINE;
	gboolean foreign[REF_LINE] = {0};

	for (guint i = from; i < to; i++)
		foreign[i] = !line_old(r, line, l, i) && l->bytes[i].value != ram[i];
	for (guint k = 0; k < G_N_ELEMENTS(classes); k++) {
		gboolean wrong[REF_LINE] = {0};

		for (guint i = from; i < to; i++)
			wrong[i] = line_old(r, line, l, i) && l->bytes[i].why == classes[k].why;
		found(r, classes[k].class, line, colour, wrong, l->bytes, ram);
	}
	for (guint i = from; i < to; i++) {
		if (!foreign[i])
			continue;
		if (r->policy.snoop == VF_SNOOP_ALL) {
			l->bytes[i].value = ram[i];
			foreign[i] = FALSE;
		}
	}
	found(r, VF_HAZARD_R, line, colour, foreign, l->bytes, ram);
	for (guint i = from; i < to; i++) {
		if (foreign[i]) {
			l->bytes[i].version = G_MAXUINT64; /* never the newest again */
			l->bytes[i].why = OVERTAKEN;
		}
	}
}

void ref_load(Reference *r, guint colour, guint pa, guint size)
{
	guint end = pa + size, next;

	for (; pa < end; pa = next) {
		next = MIN(end, (pa / REF_LINE + 1) * REF_LINE);
		load_line(r, colour, pa / REF_LINE, pa % REF_LINE, pa % REF_LINE + next - pa);
	}
}

/* The bytes [from, to) of the line get a newest version that no copy but @except has. */
static void overtake(Reference *r, guint line, guint from, guint to, const RefLine *except)
{
	for (guint c = 0; c < REF_COLOURS; c++) {
		RefLine *l = &r->lines[line][c];
		gboolean fresh[REF_LINE] = {0};

		if (!l->valid || l == except)
			continue;
		for (guint i = from; i < to; i++) {
			fresh[i] = !line_old(r, line, l, i);
			l->bytes[i].why = OVERTAKEN;
		}
		if (l->dirty)
			found(r, VF_HAZARD_W_ARMED, line, c, fresh, l->bytes, NULL);
	}
	for (guint i = from; i < to; i++)
		r->newest[line * REF_LINE + i] = ++r->clock;
}

static void memory_gets(Reference *r, guint line, guint from, guint to)
{
	for (guint i = from; i < to; i++)
		r->memory[line * REF_LINE + i] = (Byte){
			.version = r->newest[line * REF_LINE + i],
			.value = r->ram[line * REF_LINE + i],
			.known = TRUE,
		};
}

static void store_line(Reference *r, guint colour, guint line, guint from, guint to)
{
	RefLine *l = &r->lines[line][colour];
	gboolean hit = l->valid;

	if (!r->policy.write_through || hit)
		l = use(r, line, colour);
	for (guint i = from; i < to && !r->policy.write_through; i++) {
		Byte *m = &r->memory[line * REF_LINE + i];

		/* What memory had is known only if it was in the line before the store. */
		if (!memory_old(r, line * REF_LINE + i)) {
			m->known = hit && !line_old(r, line, l, i);
			m->value = l->bytes[i].value;
		}
		m->why = ELSEWHERE;
	}
	overtake(r, line, from, to, l->valid ? l : NULL);
	for (guint i = from; i < to && l->valid; i++)
		l->bytes[i] = (Byte){.version = r->newest[line * REF_LINE + i],
				     .value = r->ram[line * REF_LINE + i],
				     .known = TRUE};
	if (r->policy.write_through)
		memory_gets(r, line, from, to);
	else
		l->dirty = TRUE;
}

void ref_store(Reference *r, guint colour, guint pa, guint size)
{
	guint end = pa + size, next;

	for (; pa < end; pa = next) {
		next = MIN(end, (pa / REF_LINE + 1) * REF_LINE);
		store_line(r, colour, pa / REF_LINE, pa % REF_LINE, pa % REF_LINE + next - pa);
	}
}

/* A reader past the caches; @other is the class where the newest byte is in a line. Bytes of one
 * class are one hazard. */
static void read_memory(Reference *r, guint pa, guint size, guint destroyed, guint lost,
			guint other)
{
	guint end = pa + size, next;

	for (; pa < end; pa = next) {
		guint line = pa / REF_LINE;
		gboolean wrong[3][REF_LINE] = {{0}};
		const guint class[3] = {destroyed, lost, other};

		next = MIN(end, (line + 1) * REF_LINE);
		for (guint p = pa; p < next; p++) {
			const Byte *m = &r->memory[p];

			if (memory_old(r, p) && m->why == DESTROYED)
				wrong[0][p % REF_LINE] = TRUE;
			else if (memory_old(r, p))
				wrong[m->why == LOST && lost != destroyed ? 1
				      : lost == other			  ? 0
									  : 2][p % REF_LINE] = TRUE;
		}
		for (guint k = 0; k < 3; k++) {
			guint colour = 0;

			for (guint i = 0; i < REF_LINE; i++)
				for (guint c = 0; c < REF_COLOURS && wrong[k][i]; c++)
					if (r->lines[line][c].valid && r->lines[line][c].dirty &&
					    !line_old(r, line, &r->lines[line][c], i))
						colour = c;
			found(r, class[k], line, colour, wrong[k], &r -> memory[line * REF_LINE],
			      r -> ram + line * REF_LINE);
		}
	}
}

void ref_uncached_load(Reference *r, guint pa, guint size)
{
	read_memory(r, pa, size, VF_HAZARD_C, VF_HAZARD_P, VF_HAZARD_U);
}

void ref_uncached_store(Reference *r, guint pa, guint size)
{
	guint end = pa + size, next;

	for (; pa < end; pa = next) {
		next = MIN(end, (pa / REF_LINE + 1) * REF_LINE);
		overtake(r, pa / REF_LINE, pa % REF_LINE, pa % REF_LINE + next - pa, NULL);
		memory_gets(r, pa / REF_LINE, pa % REF_LINE, pa % REF_LINE + next - pa);
	}
}

void ref_line(Reference *r, guint colour, guint pa, gboolean write, gboolean drop_it)
{
	RefLine *l = &r->lines[pa / REF_LINE][colour];

	if (drop_it)
		drop(r, pa / REF_LINE, colour, write);
	else if (l->valid && l->dirty)
		write_back(r, pa / REF_LINE, colour);
}

void ref_page(Reference *r, guint pa, gboolean write)
{
	guint first = pa / REF_PAGE * (REF_PAGE / REF_LINE);

	for (guint c = 0; c < REF_COLOURS; c++)
		for (guint i = 0; i < REF_PAGE / REF_LINE; i++)
			drop(r, first + i, c, write);
}

void ref_index(Reference *r, guint colour, guint pa, gboolean write)
{
	for (guint i = pa % REF_PAGE / REF_LINE; i < LINES; i += REF_PAGE / REF_LINE)
		drop(r, i, colour, write);
}

void ref_whole(Reference *r)
{
	for (guint pa = 0; pa < REF_RAM; pa += REF_PAGE)
		ref_page(r, pa, TRUE);
}

static gboolean snooped(const Reference *r, guint line, guint colour)
{
	if (r->policy.snoop == VF_SNOOP_LINEAR)
		return colour == line * REF_LINE / REF_PAGE % REF_COLOURS;
	return r->policy.snoop == VF_SNOOP_ALL;
}

void ref_dma_write(Reference *r, guint pa, guint size)
{
	guint end = pa + size, next;

	for (; pa < end; pa = next) {
		guint line = pa / REF_LINE;

		next = MIN(end, (line + 1) * REF_LINE);
		for (guint c = 0; c < REF_COLOURS; c++)
			if (r->policy.move_in && r->lines[line][c].mapped &&
			    !r->lines[line][c].valid)
				fill(r, line, c);
		for (guint c = 0; c < REF_COLOURS; c++)
			if (snooped(r, line, c))
				drop(r, line, c, TRUE);
		overtake(r, line, pa % REF_LINE, pa % REF_LINE + next - pa, NULL);
		memory_gets(r, line, pa % REF_LINE, pa % REF_LINE + next - pa);
	}
}

void ref_dma_read(Reference *r, guint pa, guint size)
{
	guint end = pa + size, next;

	for (; pa < end; pa = next) {
		next = MIN(end, (pa / REF_LINE + 1) * REF_LINE);
		for (guint c = 0; c < REF_COLOURS; c++) {
			RefLine *l = &r->lines[pa / REF_LINE][c];

			if (l->valid && l->dirty && snooped(r, pa / REF_LINE, c))
				write_back(r, pa / REF_LINE, c);
		}
	}
	read_memory(r, end - size, size, VF_HAZARD_D, VF_HAZARD_D, VF_HAZARD_D);
}
