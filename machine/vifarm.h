// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the parts of vifarm.so share: modules and their options, the JSON-lines
 * output, and the events by which the devices tell a model what the guest is
 * about to do. The only way to memory is dma.h.
 *
 * Threads: options and install run in the main thread before the machine
 * exists. Device callbacks (and so every event) run under QEMU's big lock,
 * instruction and memory callbacks of the plugin API do not. The output
 * functions may be called from any thread.
 *
 * Every .c file includes "qemu/osdep.h" first, then this header.
 */
#ifndef VIFARM_H
#define VIFARM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "qemu/qemu-plugin.h"

#define VF_ERROR vf_error_quark()
GQuark vf_error_quark(void);

enum {
	VF_ERROR_OPTION, /* unknown or malformed option */
	VF_ERROR_QEMU,	 /* another QEMU than the one the headers came from */
	VF_ERROR_OUTPUT, /* the output file cannot be written */
};

/*
 * One option after the plugin's name: -plugin vifarm.so,NAME=VALUE. set() gets
 * both (they do not outlive the call) and describes a bad value in @error; the
 * caller adds the name. A name that ends with a dot stands for all that begin
 * with it.
 */
typedef struct VfOption {
	const char *name;
	const char *help; /* one line: values, unit, default */
	bool (*set)(const char *name, const char *value, GError **error);
} VfOption;

/*
 * A module is a static object. install() runs once after all options of all
 * modules were set and may refuse the start; finish() runs when QEMU exits,
 * before the end record is written. Each callback may be NULL.
 */
typedef struct VfModule {
	const char *name;
	const VfOption *options; /* ends with .name == NULL; NULL: none */
	bool (*install)(qemu_plugin_id_t id, const qemu_info_t *info, GError **error);
	void (*finish)(void);
} VfModule;

void vf_module_register(const VfModule *module);

/* Registers the module when the object is loaded: one line in its .c file. */
#define VF_MODULE(module)                                                 \
	static void __attribute__((constructor)) vf_module_##module(void) \
	{                                                                 \
		vf_module_register(&module);                              \
	}

/* Values of options. False and @error set: not a number, on/off or in range. */
bool vf_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value, GError **error);
bool vf_parse_bool(const char *text, bool *value, GError **error);

/*
 * Output: option out=FILE, one JSON object a line. Without the option all of
 * these do nothing at little cost; test vf_out_enabled() before expensive
 * gathering. A record is built by one thread and written whole by
 * vf_record_end(), which frees it:
 *
 *	VfRecord *r = vf_record_begin("hazard");   {"type":"hazard",...
 *	vf_record_string(r, "class", "R");
 *	vf_record_end(r);
 *
 * Keys are ASCII literals. Values of vf_record_string() may be any bytes: they
 * are escaped, invalid UTF-8 as \u00NN of each byte.
 */
typedef struct VfRecord VfRecord;

bool vf_out_enabled(void);
VfRecord *vf_record_begin(const char *type);
void vf_record_string(VfRecord *r, const char *key, const char *value);
void vf_record_uint(VfRecord *r, const char *key, uint64_t value);
void vf_record_hex(VfRecord *r, const char *key, uint64_t value); /* as the string "0x..." */
void vf_record_bool(VfRecord *r, const char *key, bool value);
void vf_record_end(VfRecord *r);

/*
 * Events from the devices. A model registers one observer; all callbacks may
 * be NULL and run under QEMU's big lock, in the order in which the guest caused
 * them. None is called when no observer is registered.
 */
typedef struct VfEvents {
	/* The guest opened a window on the control port; windows do not nest, a second begin
	 * ends the first. @name is bounded to VF_WINDOW_NAME_MAX printable characters. */
	void (*window_begin)(const char *name);
	void (*window_end)(const char *name);
	/* A capture channel was switched off in preparation of a start (budget-core.c writes
	 * "DMA3 off" right before it clears the buffer): the moment to start watching. */
	void (*arm)(const char *device);
	/* A capture channel was started. @pages are the guest-physical addresses of the 4 KiB
	 * pages that its page table names, in order, each once; valid during the call. */
	void (*targets)(const char *device, const uint64_t *pages, size_t n);
	/* A capture channel was stopped. */
	void (*disarm)(const char *device);
} VfEvents;

#define VF_WINDOW_NAME_MAX 63

void vf_events_register(const VfEvents *events);

/* Called by the devices only. */
void vf_window_begin(const char *name);
void vf_window_end(void);
const char *vf_window_name(void); /* NULL: no window is open */
void vf_event_arm(const char *device);
void vf_event_targets(const char *device, const uint64_t *pages, size_t n);
void vf_event_disarm(const char *device);

/* QOM types of the devices, registered by plugin.c once the running QEMU was accepted. */
void vf_control_register_types(void);
void vf_saa7146_register_types(void);

/*
 * For the class_init of each device: false and *why (to be freed) set when the
 * running QEMU lays out PCIDevice in another way than the headers say.
 */
bool vf_layout_check(char **why);

#endif
