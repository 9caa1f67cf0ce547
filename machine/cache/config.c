// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ull << 20)

static const char *const modes[] = {"off", "infinite", "exact", "movein", NULL};
static const char *const writes[] = {"back", "through", NULL};
static const char *const snoops[] = {"none", "linear", "all", NULL};
static const char *const tracks[] = {"dma", "all", NULL};
static const char *const arms[] = {"window", "dma", "start", NULL};
static const char *const buffers[] = {"default", "dma", "vmalloc", NULL};
static const char *const follows[] = {"off", "hazard", "on", NULL};
static const char *const ignores[] = {"line", "tmpalias", "index", "page", "whole", NULL};

static gboolean bad(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean bad(GError **error, const char *format, ...)
{
	va_list args;
	g_autofree char *text = NULL;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
	return FALSE;
}

static gboolean choose(const char *value, const char *const *names, guint *n, GError **error)
{
	g_autofree char *all = NULL;

	for (guint i = 0; names[i]; i++) {
		if (g_str_equal(names[i], value)) {
			*n = i;
			return TRUE;
		}
	}
	all = g_strjoinv(", ", (char **)names);
	return bad(error, "\"%.40s\" is none of %s", value, all);
}

static gboolean number(const char *value, guint64 min, guint64 max, guint64 *n, GError **error)
{
	char *end;

	errno = 0;
	*n = g_ascii_isdigit(*value) ? g_ascii_strtoull(value, &end, 0) : 0;
	if (!g_ascii_isdigit(*value) || *end || errno)
		return bad(error, "\"%.40s\" is not a number", value);
	if (*n < min || *n > max)
		return bad(error,
			   "%" G_GUINT64_FORMAT " is outside %" G_GUINT64_FORMAT
			   "..%" G_GUINT64_FORMAT,
			   *n, min, max);
	return TRUE;
}

/* LO-HI, HI not included. */
static gboolean range(const char *value, guint64 *low, guint64 *high, GError **error)
{
	g_auto(GStrv) pair = g_strsplit(value, "-", 2);

	if (!pair[0] || !pair[1])
		return bad(error, "\"%.40s\" is not a range LOW-HIGH", value);
	if (!number(pair[0], 0, G_MAXUINT64, low, error) ||
	    !number(pair[1], 0, G_MAXUINT64, high, error))
		return FALSE;
	return *low < *high || bad(error, "the range %.40s is empty", value);
}

static gboolean set_mode(VfConfig *c, const char *v, GError **error)
{
	return choose(v, modes, (guint *)&c->mode, error);
}

static gboolean set_arch(VfConfig *c, const char *v, GError **error)
{
	g_autofree char *names = vf_decoder_names();

	c->decoder = vf_decoder_find(v);
	return c->decoder || bad(error, "\"%.40s\" is none of %s", v, names);
}

static gboolean set_line(VfConfig *c, const char *v, GError **error)
{
	return number(v, 8, VF_LINE_MAX, &c->line, error);
}

static gboolean set_way(VfConfig *c, const char *v, GError **error)
{
	return number(v, 4096, 1u << 30, &c->way, error);
}

static gboolean set_ways(VfConfig *c, const char *v, GError **error)
{
	return number(v, 1, 1024, &c->ways, error);
}

static gboolean set_colours(VfConfig *c, const char *v, GError **error)
{
	return number(v, 1, 4096, &c->colours, error);
}

static gboolean set_index(VfConfig *c, const char *v, GError **error)
{
	return number(v, 8, 1u << 30, &c->index, error);
}

static gboolean set_write(VfConfig *c, const char *v, GError **error)
{
	guint n;

	if (!choose(v, writes, &n, error))
		return FALSE;
	c->write_through = n;
	return TRUE;
}

static gboolean set_snoop(VfConfig *c, const char *v, GError **error)
{
	return choose(v, snoops, (guint *)&c->snoop, error);
}

static gboolean set_track(VfConfig *c, const char *v, GError **error)
{
	return choose(v, tracks, (guint *)&c->track, error);
}

static gboolean set_arm(VfConfig *c, const char *v, GError **error)
{
	return choose(v, arms, (guint *)&c->arm, error);
}

static gboolean set_buffers(VfConfig *c, const char *v, GError **error)
{
	return choose(v, buffers, (guint *)&c->buffers, error);
}

static gboolean set_calls(VfConfig *c, const char *v, GError **error)
{
	return choose(v, follows, (guint *)&c->calls, error);
}

static gboolean set_ignore(VfConfig *c, const char *v, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(v, ":", -1);
	guint n;

	c->ignore = 0;
	for (guint i = 0; parts[i]; i++) {
		if (!choose(parts[i], ignores, &n, error))
			return FALSE;
		c->ignore |= 1u << n;
	}
	return TRUE;
}

static gboolean set_curve(VfConfig *c, const char *v, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(v, ":", -1);
	guint64 kib;

	c->n_curve = 0;
	for (guint i = 0; parts[i]; i++) {
		if (i == VF_CURVE_MAX)
			return bad(error, "more than %u sizes", VF_CURVE_MAX);
		if (!number(parts[i], 1, 1u << 20, &kib, error))
			return FALSE;
		c->curve[c->n_curve++] = kib << 10;
	}
	return TRUE;
}

static gboolean set_limit(VfConfig *c, const char *v, GError **error)
{
	if (!number(v, 16, 1u << 20, &c->limit, error))
		return FALSE;
	c->limit *= MIB;
	return TRUE;
}

static gboolean set_page_offset(VfConfig *c, const char *v, GError **error)
{
	return number(v, 0, G_MAXUINT64, &c->addressing.page_offset, error);
}

static gboolean set_vmalloc(VfConfig *c, const char *v, GError **error)
{
	return range(v, &c->addressing.vmalloc, &c->addressing.vmalloc_end, error);
}

static gboolean set_uncached(VfConfig *c, const char *v, GError **error)
{
	return range(v, &c->addressing.uncached, &c->addressing.uncached_end, error);
}

static gboolean add_symbol(VfConfig *c, const char *name, const char *v, GError **error)
{
	guint64 address;

	if (!*name)
		return bad(error, "a symbol needs a name: sym.NAME=ADDRESS");
	if (!number(v, 1, G_MAXUINT64, &address, error))
		return FALSE;
	g_hash_table_replace(c->symbols, g_strdup(name), g_memdup2(&address, sizeof(address)));
	return TRUE;
}

const VfConfigOption vf_config_options[] = {
	{"model", "off, infinite, exact or movein; default off", set_mode},
	{"arch", "decoder; default QEMU's target", set_arch},
	{"line", "bytes of a cache line", set_line},
	{"way", "bytes of a way", set_way},
	{"ways", "ways of the real cache, for model=exact", set_ways},
	{"colours", "alias period / page size; 1: no aliases", set_colours},
	{"index", "bytes that operations by index address; default a way", set_index},
	{"write", "back (default) or through", set_write},
	{"snoop", "lines that DMA sees: none (default), linear or all", set_snoop},
	{"page_offset", "virtual address of physical 0 in the linear map", set_page_offset},
	{"vmalloc", "LOW-HIGH of the vmalloc area", set_vmalloc},
	{"uncached", "LOW-HIGH of uncached mappings", set_uncached},
	{"track", "dma (default): DMA buffers and their aliases; all: every access", set_track},
	{"arm",
	 "window (default): in marked windows; dma: from the first capture; start: from reset",
	 set_arm},
	{"buffers",
	 "tested buffers: dma, or vmalloc: mapped pages too (default with windows and track=all)",
	 set_buffers},
	{"ignore", "classes of operations to be blind for, line:tmpalias:index:page:whole",
	 set_ignore},
	{"curve", "KiB of exact caches to run beside, 64:128:256; needs track=all", set_curve},
	{"calls",
	 "follow calls, for the callers of a hazard: off, hazard (default): from the first "
	 "one, on",
	 set_calls},
	{"limit", "MiB that the models may allocate; default 2048", set_limit},
	{"sym.", "address of the kernel symbol of that name", NULL},
	{0},
};

void vf_config_init(VfConfig *c)
{
	*c = (VfConfig){
		.calls = VF_FOLLOW_HAZARD,
		.limit = 2048 * MIB,
		.symbols = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	};
}

void vf_config_clear(VfConfig *c)
{
	g_clear_pointer(&c->symbols, g_hash_table_unref);
}

gboolean vf_config_set(VfConfig *c, const char *name, const char *value, GError **error)
{
	if (g_str_has_prefix(name, "sym."))
		return add_symbol(c, name + strlen("sym."), value, error);
	for (guint i = 0; vf_config_options[i].set; i++)
		if (g_str_equal(vf_config_options[i].name, name))
			return vf_config_options[i].set(c, value, error);
	return bad(error, "unknown option \"%.40s\"", name);
}

guint64 vf_config_symbol(const VfConfig *c, const char *name)
{
	const guint64 *address = g_hash_table_lookup(c->symbols, name);

	return address ? *address : 0;
}

static gboolean check_complete(const VfConfig *c, GError **error)
{
	const struct {
		const char *name;
		gboolean given;
	} needed[] = {
		{"line", c->line != 0},
		{"way", c->way != 0},
		{"colours", c->colours != 0},
		{"ways", c->ways || c->mode != VF_MODE_EXACT},
	};

	for (guint i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!needed[i].given)
			return bad(error, "model=%s needs %s=", modes[c->mode], needed[i].name);
	return TRUE;
}

static gboolean check_curve(const VfConfig *c, GError **error)
{
	if (c->n_curve && c->track != VF_TRACK_ALL)
		return bad(error, "curve= needs track=all: a cache of a real size has to see what "
				  "displaces its lines");
	for (guint i = 0; i < c->n_curve; i++)
		if (c->curve[i] % c->way)
			return bad(error,
				   "curve: %" G_GUINT64_FORMAT
				   " KiB is no multiple of way=%" G_GUINT64_FORMAT,
				   c->curve[i] >> 10, c->way);
	return TRUE;
}

static gboolean check_hooks(const VfConfig *c, GError **error)
{
	for (const VfHook *h = c->decoder->hooks; h->symbol; h++)
		if (!vf_config_symbol(c, h->symbol))
			return bad(error, "arch=%s needs sym.%s= (from System.map)",
				   c->decoder->name, h->symbol);
	return TRUE;
}

gboolean vf_config_finish(VfConfig *c, const char *target, GError **error)
{
	if (c->mode == VF_MODE_OFF)
		return TRUE;
	if (!c->decoder)
		c->decoder = vf_decoder_find(target);
	if (!c->decoder)
		return bad(error, "the model cannot read the instructions of %s yet", target);
	if (!g_str_equal(c->decoder->name, target))
		return bad(error, "arch=%s, but this QEMU runs %s", c->decoder->name, target);
	if (!check_complete(c, error) || !check_curve(c, error) || !check_hooks(c, error))
		return FALSE;
	if (c->mode == VF_MODE_MOVEIN && c->write_through)
		return bad(error, "model=movein is for write-back caches");
	if (c->buffers == VF_BUFFERS_DEFAULT)
		c->buffers = c->arm == VF_ARM_WINDOW && c->track == VF_TRACK_ALL
				     ? VF_BUFFERS_VMALLOC
				     : VF_BUFFERS_DMA;
	c->addressing.page = c->way / c->colours;
	if (c->addressing.page * c->colours != c->way)
		return bad(error, "way is no multiple of colours");
	return TRUE;
}

guint64 vf_config_tables(const VfConfig *c)
{
	return c->limit / 16;
}

VfGeometry vf_config_geometry(const VfConfig *c, guint64 size)
{
	return (VfGeometry){
		.page = c->addressing.page,
		.line = c->line,
		.colours = c->colours,
		.ways = size / c->way,
		.index = c->index,
	};
}

const char *vf_config_text(const VfConfig *c, const char *name)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{"model", modes[c->mode]},   {"write", writes[c->write_through]},
		{"snoop", snoops[c->snoop]}, {"track", tracks[c->track]},
		{"arm", arms[c->arm]},	     {"buffers", buffers[c->buffers]},
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		if (g_str_equal(texts[i].name, name))
			return texts[i].value;
	return NULL;
}
