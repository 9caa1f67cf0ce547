// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/hazards.h"

#include <string.h>

#include "base/error.h"
#include "base/read.h"
#include "base/text.h"

#define TEXT_MAX 200 /* bytes of a string member that are kept */

static const char *const class_names[] = {"R", "A", "U", "W-armed", "W", "P", "P-armed", "D", "C"};
static const char *const bucket_names[] = {"target", "audit"};

typedef struct Kind {
	VfHazard *kept[VF_HAZARDS_MAX]; /* owned by the evidence */
	guint n_kept;
	VfHazard *others; /* the sum of those beyond, owned by the evidence; NULL: none */
} Kind;

typedef struct Report {
	VfEvidence *evidence;
	json_t *coverage; /* of the evidence */
	guint line;
	gboolean started, ended;
	guint64 dropped; /* by the model */
	Kind kinds[G_N_ELEMENTS(class_names)][G_N_ELEMENTS(bucket_names)];
} Report;

static G_GNUC_PRINTF(2, 3) gboolean fail(Report *r, const char *format, ...)
{
	g_autofree char *what = NULL;
	g_autofree char *escaped = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	escaped = vf_text_escape(what, -1, TEXT_MAX);
	if (!r->evidence->model_error)
		r->evidence->model_error = g_strdup_printf("report line %u: %s", r->line, escaped);
	return FALSE;
}

static gboolean take_hex(Report *r, const char *text, guint64 *value)
{
	char *end;

	if (!g_str_has_prefix(text, "0x") || !g_ascii_isxdigit(text[2]))
		return fail(r, "expected an address \"0x...\"");
	*value = g_ascii_strtoull(text, &end, 16);
	return !*end || fail(r, "expected an address \"0x...\"");
}

/* "0x10 0x20": call sites. */
static gboolean take_callers(Report *r, const char *text, VfHazard *h)
{
	g_auto(GStrv) words = g_strsplit(text, " ", VF_HAZARD_CALLERS + 1);

	for (guint i = 0; words[i] && *words[i]; i++)
		if (i == VF_HAZARD_CALLERS || !take_hex(r, words[i], &h->callers[i]))
			return fail(r, "expected at most %d callers", VF_HAZARD_CALLERS);
	return TRUE;
}

typedef struct HazardText {
	const char *class, *cause, *window, *bucket, *pc, *caller, *callers, *origin;
	const char *origin_caller, *overtaken, *overtaken_caller, *va, *pa;
	json_int_t count, bytes, colour, other, expected, found;
	int silent;
} HazardText;

static gboolean unpack(Report *r, json_t *record, HazardText *t)
{
	json_error_t error;

	t->expected = t->found = -1;
	if (!json_unpack_ex(record, &error, 0,
			    "{s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,"
			    "s:I,s:I,s?I,s?I !}",
			    "type", &(const char *){NULL}, "class", &t->class, "cause", &t->cause,
			    "window", &t->window, "bucket", &t->bucket, "silent", &t->silent,
			    "count", &t->count, "bytes", &t->bytes, "pc", &t->pc, "caller",
			    &t->caller, "callers", &t->callers, "origin", &t->origin,
			    "origin_caller", &t->origin_caller, "overtaken", &t->overtaken,
			    "overtaken_caller", &t->overtaken_caller, "va", &t->va, "pa", &t->pa,
			    "colour", &t->colour, "other_colour", &t->other, "expected",
			    &t->expected, "found", &t->found))
		return TRUE;
	return fail(r, "hazard: %s", error.text);
}

static int find(const char *word, const char *const *words, guint n)
{
	for (guint i = 0; i < n; i++)
		if (g_str_equal(words[i], word))
			return (int)i;
	return -1;
}

static gboolean in_range(Report *r, const HazardText *t)
{
	if (t->count < 1 || t->bytes < 0 || t->colour < 0 || t->colour > G_MAXINT || t->other < 0 ||
	    t->other > G_MAXINT || t->expected < -1 || t->expected > 255 || t->found < -1 ||
	    t->found > 255)
		return fail(r, "hazard: a number is out of range");
	return TRUE;
}

static gboolean find_kind(Report *r, const HazardText *t, Kind **kind)
{
	int class = find(t->class, class_names, G_N_ELEMENTS(class_names));
	int bucket = find(t->bucket, bucket_names, G_N_ELEMENTS(bucket_names));

	if (class < 0)
		return fail(r, "hazard: unknown class \"%s\"", t->class);
	if (bucket < 0)
		return fail(r, "hazard: expected the bucket target or audit");
	*kind = &r->kinds[class][bucket];
	return TRUE;
}

static VfHazard *add_hazard(Report *r, const HazardText *t)
{
	VfHazard *h = g_new0(VfHazard, 1);

	g_ptr_array_add(r->evidence->hazards, h);
	h->class = g_strdup(t->class);
	h->bucket = g_strdup(t->bucket);
	h->window = g_strdup("");
	h->expected = h->found = -1;
	return h;
}

/* Whose data it is that the cache did not have. */
static const struct {
	const char *cause, *buffer;
} causes[] = {
	{"dma", "a buffer that the device fills"},
	{"unseen", "memory that a device of QEMU changed"},
	{"cpu", "memory that the CPU uses through another address"},
	{"uncached", "memory that the CPU stores to past the cache"},
};

static const char *buffer_of(const char *cause)
{
	for (guint i = 0; i < G_N_ELEMENTS(causes); i++)
		if (g_str_equal(causes[i].cause, cause))
			return causes[i].buffer;
	return NULL;
}

static gboolean fill_hazard(Report *r, const HazardText *t, VfHazard *h)
{
	g_free(h->buffer);
	h->buffer = g_strdup(buffer_of(t->cause));
	g_free(h->window);
	h->window = vf_text_escape(t->window, -1, TEXT_MAX);
	memset(h->callers, 0, sizeof(h->callers));
	h->count = (guint64)t->count;
	h->bytes = (guint64)t->bytes;
	h->colour = (guint)t->colour;
	h->other_colour = (guint)t->other;
	h->expected = (int)t->expected;
	h->found = (int)t->found;
	return take_hex(r, t->pc, &h->pc) && take_hex(r, t->caller, &h->caller) &&
	       take_hex(r, t->origin, &h->origin) && take_hex(r, t->va, &h->va) &&
	       take_hex(r, t->pa, &h->pa) && take_callers(r, t->callers, h);
}

static VfHazard *least(const Kind *kind)
{
	VfHazard *least = kind->kept[0];

	for (guint i = 1; i < kind->n_kept; i++)
		if (kind->kept[i]->count < least->count)
			least = kind->kept[i];
	return least;
}

/* One more than can be kept: the least frequent of them goes into the sum. */
static gboolean take_excess(Report *r, const HazardText *t, Kind *kind)
{
	VfHazard *place = least(kind);
	gboolean replaces = (guint64)t->count > place->count;

	if (!kind->others)
		kind->others = add_hazard(r, t);
	kind->others->count += replaces ? place->count : (guint64)t->count;
	kind->others->bytes += replaces ? place->bytes : (guint64)t->bytes;
	return !replaces || fill_hazard(r, t, place);
}

/* Many hazards of one kind must not crowd out the one of another that decides. */
static gboolean take_hazard(Report *r, json_t *record)
{
	HazardText t;
	Kind *kind = NULL;

	if (!unpack(r, record, &t) || !in_range(r, &t) || !find_kind(r, &t, &kind))
		return FALSE;
	if (t.silent)
		return TRUE;
	if (kind->n_kept == VF_HAZARDS_MAX)
		return take_excess(r, &t, kind);
	kind->kept[kind->n_kept] = add_hazard(r, &t);
	return fill_hazard(r, &t, kind->kept[kind->n_kept++]);
}

/* Descriptive records are kept as they are, but nothing in them may be deep or long. */
static gboolean is_flat(Report *r, json_t *record)
{
	const char *key;
	json_t *value;

	json_object_foreach (record, key, value) {
		if (json_is_object(value) || json_is_array(value) || json_is_null(value))
			return fail(r, "expected only strings, numbers and booleans");
		if (json_is_string(value) && json_string_length(value) > 4096)
			return fail(r, "a string of more than 4096 bytes");
	}
	return TRUE;
}

static gboolean keep(Report *r, const char *name, json_t *record)
{
	return is_flat(r, record) &&
	       (!json_object_set(r->coverage, name, record) || fail(r, "cannot keep the record"));
}

static gboolean keep_in(Report *r, const char *list, json_t *record)
{
	json_t *array = json_object_get(r->coverage, list);

	if (!array) {
		array = json_array();
		json_object_set_new(r->coverage, list, array);
	}
	if (json_array_size(array) == VF_HAZARDS_LIST_MAX)
		return fail(r, "more than %d records of a kind", VF_HAZARDS_LIST_MAX);
	return is_flat(r, record) &&
	       (!json_array_append(array, record) || fail(r, "cannot keep the record"));
}

static gboolean take_start(Report *r, json_t *record)
{
	if (r->started)
		return fail(r, "a second start");
	if (json_integer_value(json_object_get(record, "format")) != 1)
		return fail(r, "expected \"format\": 1");
	r->started = TRUE;
	return keep(r, "start", record);
}

static gboolean take_model(Report *r, json_t *record)
{
	return keep(r, "model", record);
}

static gboolean take_coverage(Report *r, json_t *record)
{
	static const char *const needed[] = {
		"targets",   "touched", "aliased",	"laps",
		"loads",     "stores",	"target_loads", "target_dma_bytes",
		"unmatched", "whole",	"unseen",	"dma_write_bytes",
	};

	if (!json_is_string(json_object_get(record, "window")))
		return fail(r, "coverage: expected \"window\" to be a string");
	for (guint i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!json_is_integer(json_object_get(record, needed[i])))
			return fail(r, "coverage: expected \"%s\" to be a number", needed[i]);
	return keep_in(r, "windows", record);
}

static gboolean take_curve(Report *r, json_t *record)
{
	return keep_in(r, "curve", record);
}

static gboolean take_device(Report *r, json_t *record)
{
	return keep_in(r, "devices", record);
}

static gboolean take_unimplemented(Report *r, json_t *record)
{
	return keep_in(r, "unimplemented", record);
}

static gboolean take_dropped(Report *r, json_t *record)
{
	json_int_t n = json_integer_value(json_object_get(record, "count"));

	if (n < 1)
		return fail(r, "dropped: expected \"count\" to be a positive number");
	r->dropped += (guint64)n;
	return TRUE;
}

/* The edges are told again by the coverage record of the window. */
static gboolean take_window(Report *r, json_t *record)
{
	const char *edge = json_string_value(json_object_get(record, "edge"));

	if (!json_is_string(json_object_get(record, "name")) ||
	    (g_strcmp0(edge, "begin") && g_strcmp0(edge, "end")))
		return fail(r, "window: expected \"name\" and \"edge\": begin or end");
	return TRUE;
}

static gboolean take_error(Report *r, json_t *record)
{
	const char *reason = json_string_value(json_object_get(record, "reason"));

	return fail(r, "the model gave up: %s", reason ? reason : "no reason");
}

static gboolean take_end(Report *r, json_t *record)
{
	r->ended = TRUE;
	return keep(r, "end", record);
}

static const struct {
	const char *type;
	gboolean (*take)(Report *r, json_t *record);
} types[] = {
	{"hazard", take_hazard},
	{"coverage", take_coverage},
	{"window", take_window},
	{"start", take_start},
	{"model", take_model},
	{"curve", take_curve},
	{"dropped", take_dropped},
	{"saa7146", take_device},
	{"unimplemented", take_unimplemented},
	{"error", take_error},
	{"end", take_end},
};

static gboolean take_record(Report *r, json_t *record)
{
	const char *type = json_string_value(json_object_get(record, "type"));

	if (!json_is_object(record) || !type)
		return fail(r, "expected a JSON object with \"type\"");
	if (r->ended)
		return fail(r, "a record after the end");
	if (!r->started && !g_str_equal(type, "start"))
		return fail(r, "expected the start first");
	for (guint i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_equal(types[i].type, type))
			return types[i].take(r, record);
	return fail(r, "unknown type \"%s\"", type);
}

static gboolean take_line(Report *r, const char *line, gsize length)
{
	json_error_t error;
	json_auto_t *record = NULL;

	r->line++;
	if (length > VF_HAZARDS_LINE_MAX)
		return fail(r, "longer than %d bytes", VF_HAZARDS_LINE_MAX);
	record = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	if (!record)
		return fail(r, "%s", error.text);
	return take_record(r, record);
}

void vf_hazards_parse(const char *text, gsize length, VfEvidence *evidence)
{
	Report r = {.evidence = evidence, .coverage = json_object()};
	const char *newline;

	json_decref(evidence->coverage);
	evidence->coverage = r.coverage;
	while (length && (newline = memchr(text, '\n', length))) {
		gsize n = (gsize)(newline - text);

		if (!take_line(&r, text, n))
			break;
		text += n + 1;
		length -= n + 1;
	}
	json_object_set_new(r.coverage, "dropped", json_integer((json_int_t)r.dropped));
	evidence->model = r.ended && !evidence->model_error;
	if (evidence->model_error || r.ended)
		return;
	if (length)
		fail(&r, "the next line is cut off");
	else
		fail(&r, "the report ends without its end record");
}

void vf_hazards_read(const char *path, VfEvidence *evidence)
{
	g_autoptr(GError) error = NULL;
	gsize length;
	g_autofree char *text = vf_read_bounded(path, VF_HAZARDS_BYTES_MAX, &length, &error);

	if (text)
		vf_hazards_parse(text, length, evidence);
	else if (g_error_matches(error, VF_ERROR, VF_ERROR_IO))
		evidence->model_error = g_strdup("QEMU left no report of the model");
	else
		evidence->model_error = g_strdup(error->message);
}
