// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random traces: the model and the reference must report the same hazards
 * after every single event. Few lines and colours, so that they meet often.
 */
#include "reference.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS 4000

typedef struct Duel {
	guint8 ram[REF_RAM];
	VfModel *model;
	Reference *reference;
	GArray *by_model, *by_reference; /* of RefHazard */
	GRand *random;
	GString *trace;
} Duel;

static const guint8 *ram_at(void *opaque, guint64 pa)
{
	Duel *d = opaque;

	return pa < REF_RAM ? d->ram + pa : NULL;
}

static void on_hazard(void *opaque, const VfModelHazard *h)
{
	Duel *d = opaque;
	RefHazard r = {.class = h->class,
		       .silent = h->silent,
		       .pa = h->pa,
		       .bytes = h->bytes,
		       .colour = h->colour,
		       .expected = h->expected,
		       .found = h->found};

	g_array_append_val(d->by_model, r);
}

/* A read past the caches may find its bytes in lines of several colours: which one is named is
 * open. */
static gboolean names_a_colour(const RefHazard *h)
{
	return h->class != VF_HAZARD_U && h->class != VF_HAZARD_D && h->class != VF_HAZARD_C &&
	       h->class != VF_HAZARD_P;
}

static int compare(gconstpointer a, gconstpointer b)
{
	const RefHazard *x = a, *y = b;
	const gint64 keys[][2] = {
		{x->class, y->class},
		{names_a_colour(x) ? x->colour : 0, names_a_colour(y) ? y->colour : 0},
		{x->pa, y->pa},
		{x->silent, y->silent},
		{x->bytes, y->bytes},
		{x->expected, y->expected},
		{x->found, y->found},
	};

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static char *text(const GArray *hazards)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < hazards->len; i++) {
		const RefHazard *h = &g_array_index(hazards, RefHazard, i);

		g_string_append_printf(s,
				       "%s%s at %" G_GINT64_MODIFIER
				       "x colour %u, %u bytes, %d/%d; ",
				       vf_hazard_name(h->class), h->silent ? " silent" : "", h->pa,
				       h->colour, h->bytes, h->expected, h->found);
	}
	return g_string_free(s, FALSE);
}

static void check(Duel *d)
{
	gboolean same = d->by_model->len == d->by_reference->len;

	g_array_sort(d->by_model, compare);
	g_array_sort(d->by_reference, compare);
	for (guint i = 0; same && i < d->by_model->len; i++)
		same = !compare(&g_array_index(d->by_model, RefHazard, i),
				&g_array_index(d->by_reference, RefHazard, i));
	if (!same) {
		g_autofree char *model = text(d->by_model), *reference = text(d->by_reference);
		gsize from = d->trace->len > 4000 ? d->trace->len - 4000 : 0;

		g_error("...%s\nmodel:     %s\nreference: %s", d->trace->str + from, model,
			reference);
	}
	g_array_set_size(d->by_model, 0);
	g_array_set_size(d->by_reference, 0);
}

static guint below(Duel *d, guint n)
{
	return g_rand_int_range(d->random, 0, n);
}

/* Three neighbouring lines of each page are enough for all that can happen. */
static guint any_address(Duel *d)
{
	return below(d, REF_PAGES) * REF_PAGE + 5 * REF_LINE + below(d, 3 * REF_LINE);
}

static guint64 va_of(guint colour, guint pa)
{
	return 0x40000000ull + colour * REF_PAGE + pa % REF_PAGE;
}

static void scribble(Duel *d, guint pa, guint size)
{
	for (guint i = 0; i < size; i++)
		d->ram[pa + i] = below(d, 3); /* few values: equal by chance is frequent */
}

static gboolean quick_load(Duel *d, guint64 va, guint64 pa, guint size)
{
	VfCopy *c = vf_model_copy(d->model, va, pa);

	return c && vf_model_quick_load(d->model, c, va, size);
}

static gboolean quick_store(Duel *d, guint64 va, guint64 pa, guint size, VfWho who)
{
	VfCopy *c = vf_model_copy(d->model, va, pa);

	return c && vf_model_quick_store(d->model, c, va, size, who);
}

static void event(Duel *d)
{
	static const guint sizes[] = {1, 2, 4, 8, 16};
	const VfWho who = {.pc = 1};
	guint colour = below(d, REF_COLOURS), pa = any_address(d);
	guint size = sizes[below(d, G_N_ELEMENTS(sizes))], kind = below(d, 40);
	guint64 va = va_of(colour, pa);

	g_string_append_printf(d->trace, "\n%u: colour %u pa %x size %u", kind, colour, pa, size);
	switch (kind) {
	case 0 ... 11:
		if (below(d, 2) || !quick_load(d, va, pa, size))
			vf_model_load(d->model, va, pa, size, d->ram + pa, who);
		ref_load(d->reference, colour, pa, size);
		break;
	case 12 ... 20:
		scribble(d, pa, size);
		if (below(d, 2) || !quick_store(d, va, pa, size, who))
			vf_model_store(d->model, va, pa, size, d->ram + pa, who);
		ref_store(d->reference, colour, pa, size);
		break;
	case 21 ... 23:
		vf_model_flush(d->model, va, pa, who);
		ref_line(d->reference, colour, pa, TRUE, TRUE);
		break;
	case 24:
		vf_model_writeback(d->model, va, pa, who);
		ref_line(d->reference, colour, pa, TRUE, FALSE);
		break;
	case 25 ... 26:
		vf_model_purge(d->model, va, pa, who);
		ref_line(d->reference, colour, pa, FALSE, TRUE);
		break;
	case 27:
		vf_model_page_flush(d->model, pa, who);
		ref_page(d->reference, pa, TRUE);
		break;
	case 28:
		vf_model_page_purge(d->model, pa, who);
		ref_page(d->reference, pa, FALSE);
		break;
	case 29:
		vf_model_index_flush(d->model, va, who);
		ref_index(d->reference, colour, pa, TRUE);
		break;
	case 30:
		vf_model_index_purge(d->model, va, who);
		ref_index(d->reference, colour, pa, FALSE);
		break;
	case 31:
		if (below(d, 8))
			break;
		vf_model_whole_flush(d->model, who);
		ref_whole(d->reference);
		break;
	case 32 ... 34:
		vf_model_dma_write(d->model, pa, size);
		ref_dma_write(d->reference, pa, size);
		scribble(d, pa, size);
		break;
	case 35 ... 36:
		vf_model_dma_read(d->model, pa, size);
		ref_dma_read(d->reference, pa, size);
		break;
	case 37:
		vf_model_uncached_load(d->model, pa, size, d->ram + pa, who);
		ref_uncached_load(d->reference, pa, size);
		break;
	case 38:
		scribble(d, pa, size);
		vf_model_uncached_store(d->model, pa, size, who);
		ref_uncached_store(d->reference, pa, size);
		break;
	default:
		scribble(d, pa, size); /* a device that nobody reports */
	}
}

static void duel(guint ways, const VfPolicy *policy, guint32 seed)
{
	Duel *d = g_new0(Duel, 1);
	VfGeometry geometry = {.page = REF_PAGE,
			       .line = REF_LINE,
			       .colours = REF_COLOURS,
			       .ways = ways};
	VfModelOps ops = {.ram = ram_at, .hazard = on_hazard, .opaque = d};

	d->random = g_rand_new_with_seed(seed);
	d->trace = g_string_new(NULL);
	d->by_model = g_array_new(FALSE, FALSE, sizeof(RefHazard));
	d->by_reference = g_array_new(FALSE, FALSE, sizeof(RefHazard));
	d->model = vf_model_new(&geometry, policy, &ops, 1u << 24, NULL);
	d->reference = ref_new(d->ram, ways, policy, d->by_reference);
	for (guint i = 0; i < EVENTS; i++) {
		event(d);
		check(d);
	}
	vf_model_free(d->model);
	ref_free(d->reference);
	g_array_unref(d->by_model);
	g_array_unref(d->by_reference);
	g_string_free(d->trace, TRUE);
	g_rand_free(d->random);
	g_free(d);
}

/* Data: ways << 8 | write_through << 4 | snoop << 1 | move_in. */
static void test_duel(gconstpointer data)
{
	guint bits = GPOINTER_TO_UINT(data);
	VfPolicy policy = {.write_through = bits >> 4 & 1,
			   .snoop = bits >> 1 & 3,
			   .move_in = bits & 1};
	const char *runs = g_getenv("VIFARM_RANDOM_RUNS");
	guint n = runs ? atoi(runs) : 20;

	for (guint seed = 1; seed <= n; seed++)
		duel(bits >> 8, &policy, seed * 7919 + bits);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint ways = 0; ways <= 2; ways++) {
		for (guint policy = 0; policy < 32; policy++) {
			g_autofree char *path =
				g_strdup_printf("/random/ways-%u/policy-%02x", ways, policy);

			if ((policy >> 1 & 3) > VF_SNOOP_ALL || (policy & 1 && policy >> 4) ||
			    (policy & 8) || (policy & 1 && ways))
				continue;
			g_test_add_data_func(path, GUINT_TO_POINTER(ways << 8 | policy), test_duel);
		}
	}
	return g_test_run();
}
