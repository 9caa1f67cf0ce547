// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "vifarm.h"
#include "report.h"

#define FINDINGS_MAX 20000u /* different ones; what comes after is only counted */

/* Two hazards with the same key are one finding. */
typedef struct Key {
	guint64 pc, caller, outer, origin, origin_caller;
	guint32 class, cause, silent, target;
} Key;

typedef struct Finding {
	Key key;
	VfModelHazard first;
	guint64 count, bytes;
	guint64 chain[VF_CHAIN_MAX];
	guint n_chain;
} Finding;

struct VfReport {
	GHashTable *by_key; /* key inside of the value */
	GPtrArray *findings;
	guint64 dropped;
};

static guint hash(gconstpointer key)
{
	const guint64 *word = key;
	guint64 h = 0;

	for (guint i = 0; i < sizeof(Key) / sizeof(guint64); i++)
		h = (h ^ word[i]) * 0x9e3779b97f4a7c15ull;
	return h >> 32;
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
	return !memcmp(a, b, sizeof(Key));
}

VfReport *vf_report_new(void)
{
	VfReport *r = g_new0(VfReport, 1);

	r->by_key = g_hash_table_new(hash, equal);
	r->findings = g_ptr_array_new_with_free_func(g_free);
	return r;
}

void vf_report_clear(VfReport *r)
{
	g_hash_table_remove_all(r->by_key);
	g_ptr_array_set_size(r->findings, 0);
	r->dropped = 0;
}

void vf_report_add(VfReport *r, const VfModelHazard *h, const guint64 *chain, guint n)
{
	Key key = {
		.pc = h->who.pc,
		.caller = n > 0 ? chain[0] : h->who.caller,
		.outer = n > 1 ? chain[1] : 0,
		.origin = h->origin.pc,
		.origin_caller = h->origin.caller,
		.class = h->class,
		.cause = h->cause,
		.silent = h->silent,
		.target = h->target,
	};
	Finding *f = g_hash_table_lookup(r->by_key, &key);

	if (!f && r->findings->len == FINDINGS_MAX) {
		r->dropped++;
		return;
	}
	if (!f) {
		f = g_new0(Finding, 1);
		f->key = key;
		f->first = *h;
		g_hash_table_add(r->by_key, f);
		g_ptr_array_add(r->findings, f);
	}
	/* right after calls began to be followed, the outer ones are not known yet */
	if (n > f->n_chain) {
		f->n_chain = n;
		memcpy(f->chain, chain, n * sizeof(*chain));
	}
	f->count++;
	f->bytes += h->bytes;
}

static char *chain_text(const Finding *f)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < f->n_chain; i++)
		g_string_append_printf(s, "%s0x%" PRIx64, i ? " " : "", f->chain[i]);
	return g_string_free(s, FALSE);
}

static void write_finding(const Finding *f, const char *window)
{
	VfRecord *r = vf_record_begin("hazard");
	g_autofree char *chain = chain_text(f);

	vf_record_string(r, "class", vf_hazard_name(f->key.class));
	vf_record_string(r, "cause", vf_cause_name(f->key.cause));
	vf_record_string(r, "window", window);
	vf_record_string(r, "bucket", f->key.target ? "target" : "audit");
	vf_record_bool(r, "silent", f->key.silent);
	vf_record_uint(r, "count", f->count);
	vf_record_uint(r, "bytes", f->bytes);
	vf_record_hex(r, "pc", f->key.pc);
	vf_record_hex(r, "caller", f->key.caller);
	vf_record_string(r, "callers", chain);
	vf_record_hex(r, "origin", f->key.origin);
	vf_record_hex(r, "origin_caller", f->key.origin_caller);
	vf_record_hex(r, "overtaken", f->first.overtaken.pc);
	vf_record_hex(r, "overtaken_caller", f->first.overtaken.caller);
	vf_record_hex(r, "va", f->first.va);
	vf_record_hex(r, "pa", f->first.pa);
	vf_record_uint(r, "colour", f->first.colour);
	vf_record_uint(r, "other_colour", f->first.other);
	if (f->first.expected >= 0)
		vf_record_uint(r, "expected", f->first.expected);
	if (f->first.found >= 0)
		vf_record_uint(r, "found", f->first.found);
	vf_record_end(r);
}

void vf_report_write(VfReport *r, const char *window)
{
	for (guint i = 0; i < r->findings->len; i++)
		write_finding(r->findings->pdata[i], window);
	if (r->dropped) {
		VfRecord *record = vf_record_begin("dropped");

		vf_record_string(record, "window", window);
		vf_record_uint(record, "count", r->dropped);
		vf_record_end(record);
	}
	vf_report_clear(r);
}
