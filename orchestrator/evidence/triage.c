// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/triage.h"

#include <string.h>

#include "base/text.h"
#include "evidence/triage-excerpt.h"
#include "evidence/triage-rules.h"

#define REASON_MAX 200
#define NOTES_MAX  16

/*
 * Of a line that is too long the last bytes are looked at again with what follows; the first of
 * them only because a message may start behind them.
 */
#define CARRY	320
#define OVERLAP 64

/* Lines after its first that may belong to a report, and to one that is not a complaint. */
#define REPORT_LINES 100
#define QUIET_LINES  8

/* Lines between a hint and the panic that it explains. */
#define HINT_LINES 64

/* What the kernel is telling about at the moment. */
typedef struct Report {
	VfSplat *splat; /* NULL: no complaint, or no report at all */
	char *what, *place;
	guint64 since;	  /* line of the last match that belongs to it */
	gboolean quiet;	  /* a stack dump may follow that is no complaint */
	gboolean cut;	  /* starts with the first line after "cut here" */
	gboolean message; /* the next line may be the message of its WARN() */
} Report;

struct VfTriage {
	VfTriageRules *rules;
	VfExcerpts *excerpts;
	GString *line;
	gsize carried; /* bytes at the start of @line that are in the excerpts already */
	guint64 bytes; /* before @line */
	guint64 lines;
	Report report;
	guint64 complaint; /* line of the last match that belongs to a complaint; 0: none */
	gboolean cut;	   /* the last line was "cut here" */
	char *cut_text;	   /* the message between "cut here" and WARNING: */
	char *last;	   /* message of the last line that was not empty */
	char *hint;
	guint64 hint_line;
	GPtrArray *splats, *notes;
	guint dropped;
	gboolean fatal, expecting, init_up, init_end, stamped, banner;
	char *message;
};

VfTriage *vf_triage_new(const GPtrArray *patterns, GError **error)
{
	g_autoptr(VfTriageRules) rules = vf_triage_rules_new(patterns, error);
	VfTriage *triage;

	if (!rules)
		return NULL;
	triage = g_new0(VfTriage, 1);
	triage->rules = g_steal_pointer(&rules);
	triage->excerpts = vf_excerpts_new();
	triage->line = g_string_sized_new(VF_TRIAGE_LINE_MAX + 1);
	triage->splats = g_ptr_array_new_with_free_func((GDestroyNotify)vf_splat_free);
	triage->notes = g_ptr_array_new_with_free_func(g_free);
	return triage;
}

static void end_report(VfTriage *triage)
{
	g_free(triage->report.what);
	g_free(triage->report.place);
	triage->report = (Report){0};
}

void vf_triage_free(VfTriage *triage)
{
	end_report(triage);
	vf_triage_rules_free(triage->rules);
	vf_excerpts_free(triage->excerpts);
	g_string_free(triage->line, TRUE);
	g_free(triage->cut_text);
	g_free(triage->last);
	g_free(triage->hint);
	g_ptr_array_unref(triage->splats);
	g_ptr_array_unref(triage->notes);
	g_free(triage->message);
	g_free(triage);
}

gboolean vf_triage_fatal(const VfTriage *triage)
{
	return triage->fatal;
}

gboolean vf_triage_init_end(const VfTriage *triage)
{
	return triage->init_end;
}

const char *vf_triage_message(const VfTriage *triage)
{
	return triage->message;
}

guint64 vf_triage_bytes(const VfTriage *triage)
{
	return triage->bytes + triage->line->len;
}

GPtrArray *vf_triage_splats(VfTriage *triage)
{
	return triage->splats;
}

guint vf_triage_dropped(const VfTriage *triage)
{
	return triage->dropped;
}

GPtrArray *vf_triage_notes(VfTriage *triage)
{
	return triage->notes;
}

static char *shorten(const char *text)
{
	return vf_text_escape(text, -1, REASON_MAX);
}

/* "list_add corruption. next->prev ..., at lib/list_debug.c:29 ...", "at x.c:1 f+0x0/0x8" */
static void tell(VfTriage *triage)
{
	const Report *report = &triage->report;
	VfSplat *splat = report->splat;
	gsize length = report->what ? strlen(report->what) : 0;

	if (length && report->place && report->what[length - 1] == '.')
		length--;
	g_free(splat->reason);
	splat->reason = g_strdup_printf("%.*s%s%s", (int)length, report->what ? report->what : "",
					length && report->place ? ", " : "",
					report->place ? report->place : "");
}

/* A splat that may be the effect of the one before stands close to it. */
static gboolean is_linked(const VfTriage *triage)
{
	return triage->complaint && triage->lines - triage->complaint <= REPORT_LINES;
}

static void start_report(VfTriage *triage, VfSplat *splat)
{
	gboolean cut = triage->cut;

	end_report(triage);
	triage->report = (Report){.splat = splat, .since = triage->lines, .cut = cut};
}

/* @what and @place: transfer full, one may be NULL. */
static void add_splat(VfTriage *triage, const VfTriagePattern *pattern, char *what, char *place)
{
	gboolean fatal = pattern->effect == VF_TRIAGE_FATAL;
	gboolean linked = is_linked(triage);
	VfSplat *splat = NULL;

	if (triage->splats->len >= VF_TRIAGE_SPLATS_MAX && (!fatal || triage->fatal)) {
		triage->dropped++;
		start_report(triage, NULL);
		triage->report.quiet = TRUE;
		g_free(what);
		g_free(place);
		return;
	}
	splat = g_new0(VfSplat, 1);
	splat->class = g_strdup(pattern->class);
	splat->offset = triage->bytes;
	splat->fatal = fatal;
	splat->linked = linked;
	splat->after_end = triage->init_end;
	splat->expected = triage->expecting && !fatal;
	triage->fatal |= fatal;
	g_ptr_array_add(triage->splats, splat);
	vf_excerpts_open(triage->excerpts, splat);
	start_report(triage, splat);
	triage->complaint = triage->lines;
	triage->report.what = what;
	triage->report.place = place;
	tell(triage);
}

/* The line is part of the report: the text of its first line stays. */
static gboolean belongs(VfTriage *triage)
{
	if (!triage->report.splat)
		return FALSE;
	triage->report.since = triage->complaint = triage->lines;
	return TRUE;
}

static void fail(VfTriage *triage, const VfTriageMatch *match)
{
	if (match->pattern->follows && belongs(triage))
		return;
	add_splat(triage, match->pattern, shorten(match->text), NULL);
}

static void panic(VfTriage *triage, const VfTriageMatch *match)
{
	g_autofree char *what = shorten(match->text);
	gboolean hinted = triage->hint && triage->lines - triage->hint_line <= HINT_LINES &&
			  !is_linked(triage);

	add_splat(triage, match->pattern, g_steal_pointer(&what),
		  hinted ? g_strdup_printf("after: %s", triage->hint) : NULL);
}

/*
 * The message of a WARN() stands between "cut here" and WARNING: or, on architectures without a
 * trap for it, behind that line.
 */
static void warn(VfTriage *triage, const VfTriageMatch *match)
{
	g_autofree char *at = shorten(match->text);
	char *place = g_strdup_printf("at %s", at);

	if (triage->report.splat && triage->report.cut && !triage->report.place) {
		triage->report.place = place;
		tell(triage);
		return;
	}
	add_splat(triage, match->pattern, g_steal_pointer(&triage->cut_text), place);
	triage->report.message = !triage->report.what && triage->report.splat && !match->inside;
}

static void stack(VfTriage *triage, const VfTriageMatch *match)
{
	if (belongs(triage))
		return;
	if (triage->report.quiet)
		end_report(triage);
	else
		add_splat(triage, match->pattern, shorten(triage->last ? triage->last : "?"), NULL);
}

static void place(VfTriage *triage, const VfTriageMatch *match)
{
	g_autofree char *in = shorten(match->text);

	if (!belongs(triage) || triage->report.place)
		return;
	triage->report.place = g_strdup_printf("in %s", in);
	tell(triage);
}

/* A dump that is no complaint begins, unless it is part of a complaint. */
static void ignore(VfTriage *triage, const VfTriageMatch *match G_GNUC_UNUSED)
{
	if (triage->report.splat)
		return;
	start_report(triage, NULL);
	triage->report.quiet = TRUE;
}

static void note(VfTriage *triage, const VfTriageMatch *match)
{
	if (triage->notes->len < NOTES_MAX && !(match->pattern->follows && belongs(triage))) {
		g_autofree char *text = shorten(match->text);

		g_ptr_array_add(triage->notes,
				g_strdup_printf("%s: %s", match->pattern->class, text));
	}
	ignore(triage, match);
}

static void hint(VfTriage *triage, const VfTriageMatch *match)
{
	g_free(triage->hint);
	triage->hint = shorten(match->text);
	triage->hint_line = triage->lines;
	ignore(triage, match);
}

static void expect(VfTriage *triage, const VfTriageMatch *match)
{
	triage->expecting = match->pattern->effect == VF_TRIAGE_EXPECT;
}

static void (*const effects[])(VfTriage *triage, const VfTriageMatch *match) = {
	[VF_TRIAGE_FAIL] = fail,	 [VF_TRIAGE_FATAL] = panic,   [VF_TRIAGE_WARN] = warn,
	[VF_TRIAGE_STACK] = stack,	 [VF_TRIAGE_PLACE] = place,   [VF_TRIAGE_NOTE] = note,
	[VF_TRIAGE_HINT] = hint,	 [VF_TRIAGE_IGNORE] = ignore, [VF_TRIAGE_EXPECT] = expect,
	[VF_TRIAGE_EXPECT_END] = expect,
};

/* The line after "WARNING: ... at PLACE": its message, or already the dump. */
static gboolean take_warn_message(VfTriage *triage, const VfTriageMatch *match, const char *text)
{
	Report *report = &triage->report;
	gboolean wanted = report->message;

	report->message = FALSE;
	if (!wanted || (match->pattern && match->pattern->effect != VF_TRIAGE_FAIL))
		return FALSE;
	if (match->pattern) {
		g_free(report->splat->class);
		report->splat->class = g_strdup(match->pattern->class);
	}
	report->what = shorten(match->pattern ? match->text : text);
	if (!*report->what)
		g_clear_pointer(&report->what, g_free);
	tell(triage);
	return TRUE;
}

static void keep_message(VfTriage *triage, const char *message)
{
	g_free(triage->message);
	triage->message = shorten(message);
}

static void take_marker(VfTriage *triage)
{
	const char *marker = strstr(triage->line->str, "vifarm: ");

	if (!marker)
		return;
	marker += strlen("vifarm: ");
	if (g_str_equal(marker, "end"))
		triage->init_end = TRUE;
	else if (g_str_equal(marker, "expect-warning begin"))
		triage->expecting = TRUE;
	else if (g_str_equal(marker, "expect-warning end"))
		triage->expecting = FALSE;
	else if (g_str_equal(marker, "init up"))
		triage->init_up = TRUE;
	else
		keep_message(triage, marker);
}

/* What stands before the first line of the kernel is a boot loader's or another kernel's. */
static void forget(VfTriage *triage)
{
	triage->fatal = FALSE;
	triage->dropped = 0;
	triage->complaint = 0;
	end_report(triage);
	vf_excerpts_drop(triage->excerpts);
	g_ptr_array_set_size(triage->splats, 0);
	g_ptr_array_set_size(triage->notes, 0);
}

/* The first line has the time 0, or none as all lines before it. A second one tells of a reset. */
static void take_banner(VfTriage *triage, const char *text)
{
	static const VfTriagePattern reboot = {.class = "reboot", .effect = VF_TRIAGE_FAIL};
	gboolean stamped = text > triage->line->str && text[-1] != '>';
	const char *time = stamped ? strchr(triage->line->str, '[') : NULL;

	if (g_str_has_prefix(text, "Linux version ") &&
	    (time ? g_ascii_strtod(time + 1 + strspn(time + 1, " "), NULL) < 1
		  : !triage->stamped)) {
		if (!triage->banner)
			forget(triage);
		else if (triage->init_up && !triage->init_end)
			add_splat(triage, &reboot, g_strdup("the kernel started once more"), NULL);
		triage->banner = TRUE;
	}
	triage->stamped |= stamped;
}

/* "------------[ cut here ]------------", "---[ end trace 0 ]---"; TRUE: it is nothing else. */
static gboolean take_frame(VfTriage *triage, const char *text)
{
	gboolean cut = strstr(text, "--[ cut here ]--") || g_str_has_prefix(text, "8<--- cut here");
	gboolean end = strstr(text, "---[ end ") != NULL;

	if (cut || end) {
		end_report(triage);
		g_clear_pointer(&triage->cut_text, g_free);
		triage->cut = cut;
	}
	return cut || end;
}

static void age_report(VfTriage *triage)
{
	const Report *report = &triage->report;

	if (triage->lines - report->since > (report->splat ? REPORT_LINES : QUIET_LINES))
		end_report(triage);
}

static void take_text(VfTriage *triage, const VfTriageLine *line, const char *text)
{
	VfTriageMatch match = {NULL};
	g_autofree char *found = NULL;

	if (take_frame(triage, text))
		return;
	age_report(triage);
	vf_triage_rules_find(triage->rules, line, &match);
	found = match.text;
	if (take_warn_message(triage, &match, text))
		return;
	if (match.pattern)
		effects[match.pattern->effect](triage, &match);
	else if (triage->cut)
		triage->cut_text = *text ? shorten(text) : NULL;
	triage->cut = FALSE;
}

/* @cut: the line goes on. */
static void look(VfTriage *triage, gboolean cut)
{
	gsize length = triage->line->len;
	VfTriageLine line = {triage->line->str, length, triage->carried ? OVERLAP : 0,
			     cut ? length - CARRY + OVERLAP : length};
	const char *text = vf_triage_rules_message(triage->rules, &line);

	triage->lines++;
	take_marker(triage);
	take_banner(triage, text);
	take_text(triage, &line, text);
	if (*text) {
		g_free(triage->last);
		triage->last = g_strdup(text);
	}
	if (length > triage->carried || !triage->carried)
		vf_excerpts_line(triage->excerpts,
				 vf_text_escape(line.bytes + triage->carried,
						(gssize)(length - triage->carried), 0));
}

/* @skipped: bytes of the line's end that are not in the buffer. */
static void take_line(VfTriage *triage, gsize skipped)
{
	gsize length = triage->line->len;

	while (triage->line->len && triage->line->str[triage->line->len - 1] == '\r')
		g_string_truncate(triage->line, triage->line->len - 1);
	look(triage, FALSE);
	triage->bytes += length + skipped;
	triage->carried = 0;
	g_string_truncate(triage->line, 0);
}

static void take_piece(VfTriage *triage)
{
	gsize done = triage->line->len - CARRY;

	look(triage, TRUE);
	triage->bytes += done;
	triage->carried = CARRY;
	g_string_erase(triage->line, 0, (gssize)done);
}

void vf_triage_feed(VfTriage *triage, const char *bytes, gsize length)
{
	while (length) {
		gsize room = VF_TRIAGE_LINE_MAX - triage->line->len;
		gsize n = MIN(length, room);
		const char *newline = memchr(bytes, '\n', n);

		if (newline)
			n = (gsize)(newline - bytes);
		g_string_append_len(triage->line, bytes, (gssize)n);
		if (newline)
			take_line(triage, 1);
		else if (n == room)
			take_piece(triage);
		bytes += n + (newline ? 1 : 0);
		length -= n + (newline ? 1 : 0);
	}
}

void vf_triage_finish(VfTriage *triage)
{
	if (triage->line->len)
		take_line(triage, 0);
	vf_excerpts_close(triage->excerpts);
}
