// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of rules is docs/evidence.md, section "Verdicts". The first rule that has something to
 * say decides.
 */
#include "evidence/verdict.h"

#include <string.h>

#include "base/text.h"
#include "evidence/exercise.h"

#define EXCERPT_MAX (16 * 1024)

typedef struct Said {
	const VfEvidence *evidence;
	const VfJob *job;
	GString *reason;
	GString *excerpt;
} Said;

typedef struct Rule {
	VfStatus status;
	gboolean retry;
	gboolean (*applies)(Said *said); /* and gives the reason */
} Rule;

void vf_verdict_free(VfVerdict *verdict)
{
	g_free(verdict->reason);
	g_free(verdict->excerpt);
	g_free(verdict);
}

static G_GNUC_PRINTF(2, 3) gboolean say(Said *said, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(said->reason, format, args);
	va_end(args);
	return TRUE;
}

static void show(Said *said, const char *text)
{
	if (!text || said->excerpt->len >= EXCERPT_MAX)
		return;
	g_string_append(said->excerpt, text);
	if (said->excerpt->len > EXCERPT_MAX) {
		const char *end =
			g_utf8_find_prev_char(said->excerpt->str, said->excerpt->str + EXCERPT_MAX);

		g_string_truncate(said->excerpt, (gsize)(end - said->excerpt->str));
	}
}

static gboolean cancelled(Said *said)
{
	return said->evidence->end == VF_END_CANCELLED && say(said, "stopped by the user");
}

static gboolean not_started(Said *said)
{
	const char *error = said->evidence->error;

	return said->evidence->end == VF_END_START &&
	       say(said, "QEMU did not start: %s", error ? error : "it gave no reason");
}

static gboolean killed(Said *said)
{
	const VfEvidence *e = said->evidence;

	if (e->end != VF_END_SIGNAL || e->end_marker)
		return FALSE;
	show(said, e->error);
	return say(said, "QEMU was killed by signal %d (%s)", e->exit_status,
		   g_strsignal(e->exit_status));
}

static const VfSplat *first_splat(const VfEvidence *e, gboolean fatal)
{
	for (guint i = 0; i < e->splats->len; i++) {
		const VfSplat *s = e->splats->pdata[i];

		if (s->fatal == fatal && !s->after_end && !s->expected)
			return s;
	}
	return NULL;
}

/* What went wrong before the kernel gave up says more than that it did. */
static gboolean panicked(Said *said)
{
	const VfEvidence *e = said->evidence;
	const VfSplat *fatal = first_splat(e, TRUE), *before = first_splat(e, FALSE);

	if (!fatal && (!e->pvpanic || e->init_end))
		return FALSE;
	say(said, "panic: %s", fatal ? fatal->reason : "the guest said so by pvpanic");
	if (before && fatal && before->offset < fatal->offset)
		say(said, ", after %s: %s", before->class, before->reason);
	if (before)
		show(said, before->excerpt);
	else if (fatal)
		show(said, fatal->excerpt);
	return TRUE;
}

static guint count_splats(const VfEvidence *e)
{
	guint n = 0;

	for (guint i = 0; i < e->splats->len; i++) {
		const VfSplat *s = e->splats->pdata[i];

		n += !s->after_end && !s->expected;
	}
	return n;
}

static gboolean splat(Said *said)
{
	const VfSplat *s = first_splat(said->evidence, FALSE);
	guint n = count_splats(said->evidence);

	if (!s)
		return FALSE;
	say(said, "%s: %s", s->class, s->reason);
	if (n > 1)
		say(said, " (and %u more)", n - 1);
	show(said, s->excerpt);
	return TRUE;
}

static gboolean ran_out(const VfEvidence *e)
{
	return (e->end == VF_END_SILENCE || e->end == VF_END_TIMEOUT) && !e->end_marker;
}

static void say_how_it_ended(Said *said)
{
	const VfEvidence *e = said->evidence;

	if (e->end == VF_END_SILENCE)
		say(said, "silent for %u s", e->limit);
	else if (e->end == VF_END_TIMEOUT)
		say(said, "timeout after %u s", e->limit);
}

/* An oops that kills the test program leaves a broken report behind: the kernel is to blame. */
static gboolean splat_and_broken(Said *said)
{
	const VfEvidence *e = said->evidence;

	gboolean killed_program = e->program_exit < 0 || e->program_exit > 128;

	if (e->end_marker && !e->channel_error && !e->ktap_error && !killed_program)
		return FALSE;
	if (!splat(said))
		return FALSE;
	if (ran_out(e)) {
		say(said, ", then ");
		say_how_it_ended(said);
	}
	return TRUE;
}

static void show_last_cases(Said *said)
{
	const GPtrArray *cases = said->evidence->cases;

	for (guint i = cases->len > 10 ? cases->len - 10 : 0; i < cases->len; i++) {
		const VfCase *c = cases->pdata[i];

		show(said, vf_status_name(c->status));
		show(said, " ");
		show(said, c->name);
		show(said, "\n");
	}
}

static gboolean stopped_by_timer(Said *said)
{
	const VfEvidence *e = said->evidence;

	if (!ran_out(e))
		return FALSE;
	say_how_it_ended(said);
	if (!e->console_bytes && !e->channel)
		say(said, ", and never said a word");
	else if (!e->channel)
		say(said, " before user space was reached");
	else if (e->cases->len)
		say(said, " after %s", ((VfCase *)e->cases->pdata[e->cases->len - 1])->name);
	show_last_cases(said);
	return TRUE;
}

/* Init ends a program that runs too long, and says "exit=timeout:N" or "exit=stuck:N". */
static gboolean program_stuck(Said *said)
{
	const char *how = g_hash_table_lookup(said->evidence->info, "exit");

	if (!how)
		return FALSE;
	show_last_cases(said);
	if (g_str_has_prefix(how, "timeout:"))
		return say(said, "timeout: the program did not end within %s s", how + 8);
	if (g_str_has_prefix(how, "stuck:"))
		return say(said,
			   "timeout: the program did not end within %s s and cannot be killed",
			   how + 6);
	return FALSE;
}

static gboolean channel_broken(Said *said)
{
	const char *error = said->evidence->channel_error;

	show_last_cases(said);
	return error && say(said, "%s", error);
}

static gboolean no_end_marker(Said *said)
{
	const VfEvidence *e = said->evidence;
	const char *init = g_hash_table_lookup(e->info, "init");

	if (e->end_marker)
		return FALSE;
	say(said, "QEMU exited with status %d without end marker", e->exit_status);
	if (init)
		say(said, ": %s", init);
	show_last_cases(said);
	show(said, e->error);
	return TRUE;
}

static gboolean guest_error(Said *said)
{
	const char *error = g_hash_table_lookup(said->evidence->info, "error");

	return error && say(said, "the guest's init: %s", error);
}

static gboolean ktap_broken(Said *said)
{
	const VfEvidence *e = said->evidence;

	if (!e->ktap_error)
		return FALSE;
	say(said, "%s", e->ktap_error);
	if (e->program_exit > 128)
		say(said, " (the program was killed by signal %d)", e->program_exit - 128);
	else if (e->program_exit > 0)
		say(said, " (the program exited with status %d)", e->program_exit);
	show_last_cases(said);
	return TRUE;
}

static gboolean no_cases(Said *said)
{
	return !said->evidence->cases->len && say(said, "no test case reported a result");
}

static gboolean has_case(const VfEvidence *e, const char *name)
{
	gsize n = strlen(name);

	for (guint i = 0; i < e->cases->len; i++) {
		const VfCase *c = e->cases->pdata[i];

		if (g_str_has_prefix(c->name, name) && (!c->name[n] || c->name[n] == '/'))
			return TRUE;
	}
	return FALSE;
}

static gboolean case_missing(Said *said)
{
	for (char **name = said->job->cases; name && *name; name++)
		if (!has_case(said->evidence, *name))
			return say(said, "the required case %s reported no result", *name);
	return FALSE;
}

/* The first case of @status and how many there are. */
static const VfCase *find_cases(const VfEvidence *e, VfStatus status, guint *n)
{
	const VfCase *first = NULL;

	*n = 0;
	for (guint i = 0; i < e->cases->len; i++) {
		const VfCase *c = e->cases->pdata[i];

		if (c->status != status)
			continue;
		first = first ? first : c;
		++*n;
	}
	return first;
}

static void show_cases(Said *said, VfStatus status)
{
	for (guint i = 0; i < said->evidence->cases->len; i++) {
		const VfCase *c = said->evidence->cases->pdata[i];

		if (c->status != status)
			continue;
		show(said, c->name);
		show(said, "\n");
		show(said, c->detail);
		show(said, c->detail ? "\n" : NULL);
	}
}

static gboolean say_cases(Said *said, VfStatus status, const char *what)
{
	guint n;
	const VfCase *c = find_cases(said->evidence, status, &n);
	const char *detail = c ? c->detail : NULL;
	const char *last = detail ? strrchr(detail, '\n') : NULL;

	if (!c)
		return FALSE;
	say(said, "%s %s", c->name, what);
	if (detail)
		say(said, ": %s", last ? last + 1 : detail);
	if (n > 1)
		say(said, " (%u of %u cases)", n, said->evidence->cases->len);
	show_cases(said, status);
	return TRUE;
}

static gboolean case_failed(Said *said)
{
	return say_cases(said, VF_STATUS_FAIL, "failed");
}

static gboolean case_broke(Said *said)
{
	return say_cases(said, VF_STATUS_ERROR, "broke");
}

static gboolean program_failed(Said *said)
{
	int exit = said->evidence->program_exit;

	if (exit < 0)
		return say(said, "the guest did not say how the program ended");
	if (exit > 128)
		return say(said, "every case passed, but the program was killed by signal %d",
			   exit - 128);
	return exit > 0 &&
	       say(said, "every case passed, but the program exited with status %d", exit);
}

static gboolean gated(const Said *said)
{
	const VfJob *job = said->job;

	if (!job->model.present)
		return FALSE;
	return !job->model.only || !*job->model.only ||
	       (said->evidence->arch &&
		g_strv_contains((const char *const *)job->model.only, said->evidence->arch));
}

static gboolean model_broken(Said *said)
{
	const VfEvidence *e = said->evidence;

	if (!said->job->model.present)
		return FALSE;
	if (e->model_error)
		return say(said, "coherence model: %s", e->model_error);
	return !e->model && say(said, "the coherence model's report has no end");
}

static void show_hazard(Said *said, const VfHazard *h)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "%s %" G_GUINT64_FORMAT " times, %" G_GUINT64_FORMAT " bytes%s%s\n",
			h->class, h->count, h->bytes, *h->window ? ", window " : "", h->window);
	if (h->pc_source)
		g_string_append_printf(text, "  at %s\n", h->pc_source);
	if (h->caller_source)
		g_string_append_printf(text, "  called from %s\n", h->caller_source);
	if (h->origin_source)
		g_string_append_printf(text, "  met what was written by %s\n", h->origin_source);
	g_string_append_printf(text,
			       "  va 0x%" G_GINT64_MODIFIER "x pa 0x%" G_GINT64_MODIFIER
			       "x colour %u, latest in colour %u",
			       h->va, h->pa, h->colour, h->other_colour);
	if (h->expected >= 0 && h->found >= 0)
		g_string_append_printf(text, ", expected 0x%02x, a real cache gives 0x%02x",
				       (guint)h->expected, (guint)h->found);
	g_string_append_c(text, '\n');
	show(said, text->str);
}

static const struct {
	const char *class;
	const char *events;
} classes[] = {
	{"R", "stale loads"},
	{"A", "loads of data that is dirty under another address"},
	{"U", "uncached loads of data that is still in the cache"},
	{"D", "device reads of data that is still in the cache"},
	{"W", "write-backs over newer data"},
	{"W-armed", "pending write-backs over newer data"},
	{"C", "loads of data that a write-back had destroyed"},
	{"P", "loads of data that was purged"},
};

static const char *events_of(const char *class)
{
	for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
		if (g_str_equal(classes[i].class, class))
			return classes[i].events;
	return "hazards";
}

static gboolean is_gating(const VfHazard *h)
{
	for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
		if (g_str_equal(classes[i].class, h->class))
			return g_str_equal(h->bucket, "target");
	return FALSE;
}

static int by_rank(gconstpointer a, gconstpointer b)
{
	const VfHazard *x = *(const VfHazard *const *)a, *y = *(const VfHazard *const *)b;
	guint rx = 0, ry = 0;

	while (!g_str_equal(classes[rx].class, x->class))
		rx++;
	while (!g_str_equal(classes[ry].class, y->class))
		ry++;
	if (rx != ry)
		return rx < ry ? -1 : 1;
	return x->count > y->count ? -1 : x->count < y->count;
}

static guint64 total_of(const GPtrArray *hazards, const char *class)
{
	guint64 n = 0;

	for (guint i = 0; i < hazards->len; i++) {
		const VfHazard *h = hazards->pdata[i];

		if (g_str_equal(h->class, class))
			n += h->count;
	}
	return n;
}

/* 1199701 as "1 199 701". Caller frees. */
static char *grouped(guint64 n)
{
	g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, n);
	GString *out = g_string_new(NULL);
	gsize length = strlen(digits);

	for (gsize i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			g_string_append_c(out, ' ');
		g_string_append_c(out, digits[i]);
	}
	return g_string_free(out, FALSE);
}

/* Where a copy routine or the core of the kernel was called from says more than itself. */
static gboolean is_telling(const char *frame)
{
	static const char *const dull[] = {" arch/", " lib/", " mm/", " kernel/", " include/"};

	for (guint i = 0; i < G_N_ELEMENTS(dull); i++)
		if (strstr(frame, dull[i]))
			return FALSE;
	return strchr(frame, ' ') != NULL;
}

static void say_place(Said *said, const VfHazard *h)
{
	g_auto(GStrv) frames = g_strsplit(h->caller_source ? h->caller_source : "", " < ", -1);
	char **frame = frames;

	if (!h->pc_source) {
		if (h->origin_source)
			say(said, " of what %s wrote", h->origin_source);
		return;
	}
	while (*frame && !is_telling(*frame))
		frame++;
	if (is_telling(h->pc_source) || !*frame)
		say(said, " at %s", h->pc_source);
	else
		say(said, " at %s, in %s", *frame, h->pc_source);
}

static gboolean incoherent(Said *said)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	const VfHazard *worst;
	g_autofree char *total = NULL;

	if (!gated(said))
		return FALSE;
	for (guint i = 0; i < said->evidence->hazards->len; i++)
		if (is_gating(said->evidence->hazards->pdata[i]))
			g_ptr_array_add(found, said->evidence->hazards->pdata[i]);
	if (!found->len)
		return FALSE;
	g_ptr_array_sort(found, by_rank);
	worst = found->pdata[0];
	total = grouped(total_of(found, worst->class));
	say(said, "%s: %s %s", worst->class, total, events_of(worst->class));
	if (worst->buffer)
		say(said, " in %s", worst->buffer);
	say_place(said, worst);
	for (guint i = 0; i < found->len; i++)
		show_hazard(said, found->pdata[i]);
	return TRUE;
}

static gboolean not_exercised(Said *said)
{
	g_autofree char *why = NULL;

	if (!gated(said))
		return FALSE;
	why = vf_exercise_missing(said->evidence->coverage, said->evidence->colours, said->job);
	return why && say(said, "not exercised: %s", why);
}

static gboolean all_skipped(Said *said)
{
	const GPtrArray *cases = said->evidence->cases;
	const VfCase *first = cases->pdata[0];

	for (guint i = 0; i < cases->len; i++)
		if (((const VfCase *)cases->pdata[i])->status != VF_STATUS_SKIP)
			return FALSE;
	return say(said, "%s", first->detail ? first->detail : "every case was skipped");
}

static void say_notes(Said *said)
{
	const VfEvidence *e = said->evidence;

	for (guint i = 0; i < e->splats->len; i++) {
		const VfSplat *s = e->splats->pdata[i];

		if (!s->after_end)
			continue;
		say(said, "; after the end: %s: %s", s->class, s->reason);
		show(said, s->excerpt);
		break;
	}
	if (e->lingered)
		say(said, "; the guest did not power off by itself");
	if (e->end == VF_END_SIGNAL)
		say(said, "; QEMU was killed by signal %d after the end", e->exit_status);
}

static gboolean passed(Said *said)
{
	guint skipped, n;

	find_cases(said->evidence, VF_STATUS_SKIP, &skipped);
	find_cases(said->evidence, VF_STATUS_PASS, &n);
	say(said, "%u %s passed", n, n == 1 ? "case" : "cases");
	if (skipped)
		say(said, ", %u skipped", skipped);
	say_notes(said);
	return TRUE;
}

static const Rule rules[] = {
	{VF_STATUS_MISS, FALSE, cancelled},	  {VF_STATUS_MISS, FALSE, not_started},
	{VF_STATUS_MISS, TRUE, killed},		  {VF_STATUS_FAIL, TRUE, panicked},
	{VF_STATUS_FAIL, TRUE, splat_and_broken}, {VF_STATUS_FAIL, TRUE, stopped_by_timer},
	{VF_STATUS_FAIL, TRUE, program_stuck},	  {VF_STATUS_ERROR, TRUE, channel_broken},
	{VF_STATUS_ERROR, TRUE, no_end_marker},	  {VF_STATUS_ERROR, TRUE, guest_error},
	{VF_STATUS_ERROR, TRUE, ktap_broken},	  {VF_STATUS_ERROR, TRUE, no_cases},
	{VF_STATUS_FAIL, TRUE, case_failed},	  {VF_STATUS_FAIL, TRUE, splat},
	{VF_STATUS_ERROR, TRUE, case_broke},	  {VF_STATUS_ERROR, TRUE, case_missing},
	{VF_STATUS_ERROR, TRUE, program_failed},  {VF_STATUS_SKIP, FALSE, all_skipped},
	{VF_STATUS_ERROR, TRUE, model_broken},	  {VF_STATUS_FAIL, TRUE, incoherent},
	{VF_STATUS_ERROR, TRUE, not_exercised},	  {VF_STATUS_PASS, FALSE, passed},
};

VfVerdict *vf_verdict_new(const VfEvidence *evidence, const VfJob *job)
{
	g_autoptr(GString) reason = g_string_new(NULL);
	g_autoptr(GString) excerpt = g_string_new(NULL);
	Said said = {evidence, job, reason, excerpt};
	VfVerdict *verdict = g_new0(VfVerdict, 1);

	for (guint i = 0;; i++) {
		g_string_truncate(excerpt, 0);
		if (!rules[i].applies(&said))
			continue;
		verdict->status = rules[i].status;
		verdict->retry = rules[i].retry;
		break;
	}
	verdict->reason = vf_text_escape(reason->str, -1, 1000);
	verdict->excerpt = excerpt->len ? g_strdup(excerpt->str) : NULL;
	return verdict;
}

static const VfStatus error_statuses[] = {
	[VF_ERROR_USAGE] = VF_STATUS_ERROR,  [VF_ERROR_DATA] = VF_STATUS_ERROR,
	[VF_ERROR_MISSING] = VF_STATUS_MISS, [VF_ERROR_PATCH] = VF_STATUS_FAIL,
	[VF_ERROR_COMPILE] = VF_STATUS_FAIL, [VF_ERROR_CONFIG] = VF_STATUS_ERROR,
	[VF_ERROR_HARNESS] = VF_STATUS_MISS, [VF_ERROR_PROTOCOL] = VF_STATUS_ERROR,
	[VF_ERROR_IO] = VF_STATUS_MISS,	     [VF_ERROR_CANCELLED] = VF_STATUS_MISS,
};

VfStatus vf_error_status(const GError *error)
{
	if (error->domain != VF_ERROR || (guint)error->code >= G_N_ELEMENTS(error_statuses))
		return VF_STATUS_MISS;
	return error_statuses[error->code];
}

VfVerdict *vf_verdict_from_error(const GError *error)
{
	VfVerdict *verdict = g_new0(VfVerdict, 1);

	verdict->status = vf_error_status(error);
	verdict->reason = vf_text_escape(error->message, -1, 1000);
	return verdict;
}
