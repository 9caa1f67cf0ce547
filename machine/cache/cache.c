// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module "cache": options, when the model watches, and what it writes.
 * Everything that is written: docs/model.md.
 */
#include "qemu/osdep.h"
#include "vifarm.h"
#include "dma.h"
#include "config.h"
#include "report.h"
#include "watch.h"

static VfConfig config;
static VfModel *models[VF_MODELS_MAX];
static guint n_models;
static VfReport *findings;
static char *window;  /* NULL: none open */
static gboolean busy; /* something was watched since the last coverage record */

static void __attribute__((constructor)) init_config(void)
{
	vf_config_init(&config);
}

/* A hazard of the first model is a finding; the others only count. */
static void on_hazard(void *opaque, const VfModelHazard *h)
{
	guint64 chain[VF_CHAIN_MAX];
	guint n = 0;

	if (opaque)
		return;
	if (h->who.pc)
		n = vf_watch_chain(chain, VF_CHAIN_MAX);
	vf_report_add(findings, h, chain, n);
}

static void count_only(void *opaque, const VfModelHazard *h)
{
}

static VfModel *new_model(guint64 size, gboolean verdict, GError **error)
{
	VfGeometry geometry = vf_config_geometry(&config, size);
	VfPolicy policy = {
		.write_through = config.write_through,
		.snoop = config.snoop,
		.move_in = verdict && config.mode == VF_MODE_MOVEIN,
	};
	VfModelOps ops = {.ram = vf_watch_ram, .hazard = verdict ? on_hazard : count_only};

	return vf_model_new(&geometry, &policy, &ops,
			    (config.limit - vf_config_tables(&config)) / (config.n_curve + 1),
			    error);
}

static bool new_models(GError **error)
{
	guint64 size = config.mode == VF_MODE_EXACT ? config.way * config.ways : 0;

	models[0] = new_model(size, TRUE, error);
	for (n_models = 1; models[n_models - 1] && n_models <= config.n_curve; n_models++)
		models[n_models] = new_model(config.curve[n_models - 1], FALSE, error);
	return models[n_models - 1];
}

static void record_hazards(VfRecord *r, const VfCounters *c)
{
	for (guint i = 0; i < VF_HAZARDS; i++)
		vf_record_uint(r, vf_hazard_name(i), c->hazards[i]);
	vf_record_uint(r, "silent", c->silent);
}

static void record_accesses(VfRecord *r, const VfCounters *c)
{
	const struct {
		const char *key;
		guint64 value;
	} figures[] = {
		{"loads", c->loads},
		{"stores", c->stores},
		{"uncached_loads", c->uncached_loads},
		{"uncached_stores", c->uncached_stores},
		{"target_loads", c->target_loads},
		{"target_stores", c->target_stores},
		{"fills", c->fills},
		{"evictions", c->evictions},
		{"dropped_lines", c->hits},
		{"whole", c->whole},
		{"dma_write_bytes", c->dma_write_bytes},
		{"dma_read_bytes", c->dma_read_bytes},
		{"target_dma_bytes", c->target_dma_bytes},
		{"unseen", c->unseen},
	};

	for (guint i = 0; i < G_N_ELEMENTS(figures); i++)
		vf_record_uint(r, figures[i].key, figures[i].value);
}

static void record_operations(VfRecord *r)
{
	const VfWatchCounters *c = vf_watch_counters();
	const struct {
		const char *key;
		guint64 value;
	} figures[] = {
		{"operations", c->operations}, {"by_address", c->by_address},
		{"tmpalias", c->tmpalias},     {"by_index", c->by_index},
		{"by_page", c->by_page},       {"nullified", c->nullified},
		{"ignored", c->ignored},       {"unmatched", c->unmatched},
		{"untouched", c->untouched},   {"outside", c->outside},
		{"checked", c->checked},
	};

	for (guint i = 0; i < G_N_ELEMENTS(figures); i++)
		vf_record_uint(r, figures[i].key, figures[i].value);
}

static void record_coverage(const char *name)
{
	const VfCounters *c = vf_model_counters(models[0]);
	VfRecord *r = vf_record_begin("coverage");
	VfTargets t;
	gsize memory = 0;
	bool overflowed = vf_watch_overflowed();

	for (guint i = 0; i < n_models; i++) {
		memory += vf_model_memory(models[i]);
		overflowed |= vf_model_overflowed(models[i]);
	}
	vf_model_targets(models[0], &t);
	vf_record_string(r, "window", name);
	vf_record_uint(r, "targets", t.pages);
	vf_record_uint(r, "touched", t.touched);
	vf_record_uint(r, "aliased", t.aliased);
	vf_record_uint(r, "dma_extent", t.dma_extent);
	vf_record_uint(r, "laps", t.dma_extent ? c->target_dma_bytes / t.dma_extent : 0);
	record_accesses(r, c);
	record_operations(r);
	record_hazards(r, c);
	vf_record_uint(r, "memory", memory);
	vf_record_bool(r, "overflowed", overflowed);
	vf_record_end(r);
}

static void record_curve(const char *name)
{
	for (guint i = 1; i < n_models; i++) {
		VfRecord *r = vf_record_begin("curve");

		vf_record_string(r, "window", name);
		vf_record_uint(r, "kib", config.curve[i - 1] >> 10);
		record_hazards(r, vf_model_counters(models[i]));
		vf_record_end(r);
	}
}

/* All that was seen since the last time. Nothing of it counts when registers read wrong. */
static void record_all(const char *name)
{
	vf_report_write(findings, name);
	record_curve(name);
	if (!vf_watch_broken())
		record_coverage(name);
	busy = FALSE;
}

static void record_model(void)
{
	VfRecord *r = vf_record_begin("model");
	static const char *const choices[] = {"model", "write", "snoop", "track", "arm", "buffers"};

	vf_record_string(r, "arch", config.decoder->name);
	for (guint i = 0; i < G_N_ELEMENTS(choices); i++)
		vf_record_string(r, choices[i], vf_config_text(&config, choices[i]));
	vf_record_uint(r, "line", config.line);
	vf_record_uint(r, "way", config.way);
	vf_record_uint(r, "ways", config.ways);
	vf_record_uint(r, "colours", config.colours);
	vf_record_uint(r, "page", config.addressing.page);
	vf_record_uint(r, "ignore", config.ignore);
	vf_record_end(r);
}

static void arm(void)
{
	vf_report_clear(findings);
	vf_watch_arm();
	busy = TRUE;
}

static void on_window_begin(const char *name)
{
	vf_watch_lock();
	if (config.arm == VF_ARM_WINDOW) {
		arm();
	} else if (vf_watch_armed()) {
		record_all("");
		vf_watch_epoch();
		busy = TRUE;
	}
	window = g_strdup(name);
	vf_watch_unlock();
}

static void on_window_end(const char *name)
{
	vf_watch_lock();
	if (vf_watch_armed()) {
		record_all(name);
		vf_watch_epoch();
	}
	if (config.arm == VF_ARM_WINDOW)
		vf_watch_disarm();
	else
		busy = vf_watch_armed();
	g_clear_pointer(&window, g_free);
	vf_watch_unlock();
}

static void on_arm(const char *device)
{
	vf_watch_lock();
	if (config.arm == VF_ARM_DMA && !vf_watch_armed())
		arm();
	vf_watch_unlock();
}

static void on_targets(const char *device, const uint64_t *pages, size_t n)
{
	vf_watch_lock();
	if (vf_watch_armed())
		vf_watch_targets(pages, n);
	vf_watch_unlock();
}

static void on_dma_write(hwaddr pa, const void *buf, size_t len)
{
	vf_watch_dma_write(pa, len);
}

static void on_dma_read(hwaddr pa, size_t len)
{
	vf_watch_dma_read(pa, len);
}

static bool install(qemu_plugin_id_t id, const qemu_info_t *info, GError **error)
{
	static const VfDmaObserver observer = {
		.lock = vf_watch_lock,
		.unlock = vf_watch_unlock,
		.write = on_dma_write,
		.read = on_dma_read,
	};
	static const VfEvents events = {
		.window_begin = on_window_begin,
		.window_end = on_window_end,
		.arm = on_arm,
		.targets = on_targets,
	};

	if (!vf_config_finish(&config, info->target_name, error))
		return false;
	if (config.mode == VF_MODE_OFF)
		return true;
	if (!new_models(error))
		return false;
	findings = vf_report_new();
	record_model();
	vf_watch_install(id, &config, models, n_models);
	vf_dma_observe(&observer);
	vf_events_register(&events);
	if (config.arm == VF_ARM_START)
		arm();
	return true;
}

static void finish(void)
{
	if (config.mode == VF_MODE_OFF)
		return;
	vf_watch_lock();
	if (busy && vf_watch_armed())
		record_all(window ? window : "");
	if (vf_watch_broken()) {
		VfRecord *r = vf_record_begin("error");

		vf_record_string(r, "reason", vf_watch_broken());
		vf_record_end(r);
	}
	vf_watch_unlock();
}

static bool set_option(const char *name, const char *value, GError **error)
{
	return vf_config_set(&config, name, value, error);
}

/* The table of config.c in the form of modules; ends with .name == NULL. */
static VfOption options[VF_CONFIG_OPTIONS_MAX + 1];

static void __attribute__((constructor)) init_options(void)
{
	for (guint i = 0; vf_config_options[i].name; i++) {
		g_assert(i < VF_CONFIG_OPTIONS_MAX);
		options[i] = (VfOption){vf_config_options[i].name, vf_config_options[i].help,
					set_option};
	}
}

static const VfModule cache = {
	.name = "cache",
	.options = options,
	.install = install,
	.finish = finish,
};
VF_MODULE(cache)
