// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The options of the cache model: names, values, and what they mean together.
 * The parser of hostile text here; depends on nothing of QEMU. docs/model.md
 * lists the options.
 */
#pragma once

#include "decode.h"
#include "model.h"

#define VF_CURVE_MAX   16u
#define VF_SYMBOLS_MAX 8u

typedef enum { VF_MODE_OFF, VF_MODE_INFINITE, VF_MODE_EXACT, VF_MODE_MOVEIN } VfMode;
typedef enum { VF_TRACK_DMA, VF_TRACK_ALL } VfTrack;
typedef enum { VF_ARM_WINDOW, VF_ARM_DMA, VF_ARM_START } VfArm;
typedef enum { VF_FOLLOW_OFF, VF_FOLLOW_HAZARD, VF_FOLLOW_ON } VfFollow;
typedef enum { VF_BUFFERS_DEFAULT, VF_BUFFERS_DMA, VF_BUFFERS_VMALLOC } VfBuffers;

/* Classes of operations that ignore= makes the model blind for: the control of the tests. */
typedef enum {
	VF_IGNORE_LINE = 1 << 0,     /* by virtual address */
	VF_IGNORE_TMPALIAS = 1 << 1, /* by temporary alias */
	VF_IGNORE_INDEX = 1 << 2,
	VF_IGNORE_PAGE = 1 << 3,
	VF_IGNORE_WHOLE = 1 << 4,
} VfIgnore;

typedef struct VfConfig {
	VfMode mode;
	const VfDecoder *decoder;		 /* NULL: the one of QEMU's target */
	guint64 line, way, ways, colours, index; /* bytes, bytes, -, -, bytes; 0: not given */
	gboolean write_through;
	VfSnoop snoop;
	VfTrack track;
	VfArm arm;
	VfBuffers buffers;
	guint ignore;	/* of VfIgnore */
	VfFollow calls; /* the callers of a hazard */
	guint64 limit;	/* bytes that the models together may allocate */
	guint n_curve;
	guint64 curve[VF_CURVE_MAX]; /* bytes of cache */
	VfAddressing addressing;     /* .page is way / colours */
	GHashTable *symbols;	     /* name to guint64 * */
} VfConfig;

typedef struct VfConfigOption {
	const char *name;
	const char *help;						 /* one line */
	gboolean (*set)(VfConfig *c, const char *value, GError **error); /* NULL: by prefix */
} VfConfigOption;

#define VF_CONFIG_OPTIONS_MAX 24u

/* All names that vf_config_set() knows, "sym." for those that begin so; ends with .name == NULL. */
extern const VfConfigOption vf_config_options[];

void vf_config_init(VfConfig *c);
void vf_config_clear(VfConfig *c);

/* False and @error set: unknown name or bad value. */
gboolean vf_config_set(VfConfig *c, const char *name, const char *value, GError **error);

/* Once, after the last option: completeness and contradictions. @target is QEMU's target name. */
gboolean vf_config_finish(VfConfig *c, const char *target, GError **error);

/* 0: not given. */
guint64 vf_config_symbol(const VfConfig *c, const char *name);

/* The share of the limit, in bytes, that is for what is kept beside the models. */
guint64 vf_config_tables(const VfConfig *c);

/* What the configuration means for vf_model_new(). @size: of an exact cache, 0 infinite. */
VfGeometry vf_config_geometry(const VfConfig *c, guint64 size);

const char *vf_config_text(const VfConfig *c, const char *name); /* of a choice, for the report */
