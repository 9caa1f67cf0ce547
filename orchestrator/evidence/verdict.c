// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of rules is docs/evidence.md, section "Verdicts". The first rule that has something to
 * say decides.
 */
#include "evidence/verdict.h"

#include <string.h>

#include "base/text.h"
#include "evidence/verdict-rules.h"

void vf_verdict_free(VfVerdict *verdict)
{
	g_free(verdict->reason);
	g_free(verdict->excerpt);
	g_free(verdict);
}

gboolean vf_say(VfSaid *said, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(said->reason, format, args);
	va_end(args);
	return TRUE;
}

void vf_show(VfSaid *said, const char *text)
{
	if (!text || said->excerpt->len >= VF_EXCERPT_MAX)
		return;
	g_string_append(said->excerpt, text);
	if (said->excerpt->len > VF_EXCERPT_MAX) {
		const char *end = g_utf8_find_prev_char(said->excerpt->str,
							said->excerpt->str + VF_EXCERPT_MAX);

		g_string_truncate(said->excerpt, (gsize)(end - said->excerpt->str));
	}
}

static gboolean cancelled(VfSaid *said)
{
	return said->evidence->end == VF_END_CANCELLED && vf_say(said, "stopped by the user");
}

static gboolean not_started(VfSaid *said)
{
	const char *error = said->evidence->error;

	return said->evidence->end == VF_END_START &&
	       vf_say(said, "QEMU did not start: %s", error ? error : "it gave no reason");
}

static gboolean killed(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	if (e->end != VF_END_SIGNAL || e->end_marker)
		return FALSE;
	vf_show(said, e->error);
	return vf_say(said, "QEMU was killed by signal %d (%s)", e->exit_status,
		      g_strsignal(e->exit_status));
}

/* A report that came whole before the guest was lost still counts. */
static gboolean lost(VfSaid *said)
{
	const VfEvidence *e = said->evidence;
	gboolean whole = e->end_marker && (e->model || !said->job->model.present);

	return e->end == VF_END_LOST && !whole &&
	       vf_say(said, "the guest was lost: %s", e->error ? e->error : "nobody knows why");
}

static gboolean counts(const VfSplat *s)
{
	return !s->after_end && !s->expected;
}

static const VfSplat *first_splat(const VfEvidence *e, gboolean fatal)
{
	for (guint i = 0; i < e->splats->len; i++) {
		const VfSplat *s = e->splats->pdata[i];

		if (s->fatal == fatal && counts(s))
			return s;
	}
	return NULL;
}

/* The first of the splats that lead to @fatal without a gap, or @fatal itself. */
static const VfSplat *cause_of(const VfEvidence *e, const VfSplat *fatal)
{
	const VfSplat *cause = NULL;

	for (guint i = 0; i < e->splats->len && e->splats->pdata[i] != fatal; i++) {
		const VfSplat *s = e->splats->pdata[i];

		if (!counts(s))
			continue;
		cause = cause && s->linked ? cause : s;
	}
	return cause && fatal->linked ? cause : fatal;
}

/* What went wrong before the kernel gave up says more than that it did. */
static gboolean panicked(VfSaid *said)
{
	const VfEvidence *e = said->evidence;
	const VfSplat *fatal = first_splat(e, TRUE), *before = first_splat(e, FALSE), *cause;

	if (!fatal && (!e->pvpanic || e->init_end))
		return FALSE;
	if (!fatal) {
		if (before)
			vf_say(said, "%s: %s; then ", before->class, before->reason);
		vf_show(said, before ? before->excerpt : NULL);
		return vf_say(said, "panic: the guest said so by pvpanic");
	}
	cause = cause_of(e, fatal);
	vf_show(said, cause->excerpt);
	vf_say(said, "%s: %s", cause->class, cause->reason);
	if (cause != fatal)
		return vf_say(said, "; then %s: %s", fatal->class, fatal->reason);
	if (before && before->offset < fatal->offset)
		vf_say(said, " (earlier: %s: %s)", before->class, before->reason);
	return TRUE;
}

static gboolean watchdog_fired(VfSaid *said)
{
	return said->evidence->watchdog && !said->evidence->init_end &&
	       vf_say(said, "the watchdog of the board fired");
}

static guint count_splats(const VfEvidence *e)
{
	guint n = 0;

	for (guint i = 0; i < e->splats->len; i++) {
		n += counts(e->splats->pdata[i]);
	}
	return n;
}

static gboolean splat(VfSaid *said)
{
	const VfSplat *s = first_splat(said->evidence, FALSE);
	guint n = count_splats(said->evidence);

	if (!s)
		return FALSE;
	vf_say(said, "%s: %s", s->class, s->reason);
	if (n > 1)
		vf_say(said, " (and %u more)", n - 1);
	vf_show(said, s->excerpt);
	return TRUE;
}

static gboolean ran_out(const VfEvidence *e)
{
	return (e->end == VF_END_SILENCE || e->end == VF_END_TIMEOUT) && !e->end_marker;
}

static void say_how_it_ended(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	if (e->end == VF_END_SILENCE)
		vf_say(said, "silent for %u s", e->limit);
	else if (e->end == VF_END_TIMEOUT)
		vf_say(said, "timeout after %u s", e->limit);
}

/* An oops that kills the test program leaves a broken report behind: the kernel is to blame. */
static gboolean splat_and_broken(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	gboolean killed_program = e->program_exit < 0 || e->program_exit > 128;

	if (e->end_marker && !e->channel_error && !e->ktap_error && !killed_program)
		return FALSE;
	if (!splat(said))
		return FALSE;
	if (ran_out(e)) {
		vf_say(said, ", then ");
		say_how_it_ended(said);
	}
	return TRUE;
}

static void show_last_cases(VfSaid *said)
{
	const GPtrArray *cases = said->evidence->cases;

	for (guint i = cases->len > 10 ? cases->len - 10 : 0; i < cases->len; i++) {
		const VfCase *c = cases->pdata[i];

		vf_show(said, vf_status_name(c->status));
		vf_show(said, " ");
		vf_show(said, c->name);
		vf_show(said, "\n");
	}
}

static gboolean stopped_by_timer(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	if (!ran_out(e))
		return FALSE;
	say_how_it_ended(said);
	if (!e->console_bytes && !e->channel)
		vf_say(said, ", with no output at all");
	else if (!e->channel)
		vf_say(said, " before user space was reached");
	else if (e->cases->len)
		vf_say(said, " after %s", ((VfCase *)e->cases->pdata[e->cases->len - 1])->name);
	show_last_cases(said);
	return TRUE;
}

/* Init ends a program that runs too long, and says "exit=timeout:N" or "exit=stuck:N". */
static gboolean program_stuck(VfSaid *said)
{
	const char *how = g_hash_table_lookup(said->evidence->info, "exit");

	if (!how)
		return FALSE;
	show_last_cases(said);
	if (g_str_has_prefix(how, "timeout:"))
		return vf_say(said, "timeout: the program did not end within %s s", how + 8);
	if (g_str_has_prefix(how, "stuck:"))
		return vf_say(said,
			      "timeout: the program did not end within %s s and cannot be killed",
			      how + 6);
	return FALSE;
}

static gboolean channel_broken(VfSaid *said)
{
	const char *error = said->evidence->channel_error;

	show_last_cases(said);
	return error && vf_say(said, "%s", error);
}

static gboolean no_end_marker(VfSaid *said)
{
	const VfEvidence *e = said->evidence;
	const char *init = g_hash_table_lookup(e->info, "init");

	if (e->end_marker)
		return FALSE;
	vf_say(said, "QEMU exited with status %d without end marker", e->exit_status);
	if (init)
		vf_say(said, ": %s", init);
	show_last_cases(said);
	vf_show(said, e->error);
	return TRUE;
}

static gboolean guest_error(VfSaid *said)
{
	const char *error = g_hash_table_lookup(said->evidence->info, "error");

	return error && vf_say(said, "the guest's init: %s", error);
}

static gboolean ktap_broken(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	if (!e->ktap_error)
		return FALSE;
	vf_say(said, "%s", e->ktap_error);
	if (e->program_exit > 128)
		vf_say(said, " (the program was killed by signal %d)", e->program_exit - 128);
	else if (e->program_exit > 0)
		vf_say(said, " (the program exited with status %d)", e->program_exit);
	show_last_cases(said);
	return TRUE;
}

static gboolean no_cases(VfSaid *said)
{
	return !said->evidence->cases->len && vf_say(said, "no test case reported a result");
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

static gboolean case_missing(VfSaid *said)
{
	for (char **name = said->job->cases; name && *name; name++)
		if (!has_case(said->evidence, *name))
			return vf_say(said, "the required case %s reported no result", *name);
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

static void show_cases(VfSaid *said, VfStatus status)
{
	for (guint i = 0; i < said->evidence->cases->len; i++) {
		const VfCase *c = said->evidence->cases->pdata[i];

		if (c->status != status)
			continue;
		vf_show(said, c->name);
		vf_show(said, "\n");
		vf_show(said, c->detail);
		vf_show(said, c->detail ? "\n" : NULL);
	}
}

static gboolean say_cases(VfSaid *said, VfStatus status, const char *what)
{
	guint n;
	const VfCase *c = find_cases(said->evidence, status, &n);
	const char *detail = c ? c->detail : NULL;
	const char *last = detail ? strrchr(detail, '\n') : NULL;

	if (!c)
		return FALSE;
	vf_say(said, "%s %s", c->name, what);
	if (detail)
		vf_say(said, ": %s", last ? last + 1 : detail);
	if (n > 1)
		vf_say(said, " (%u of %u cases)", n, said->evidence->cases->len);
	show_cases(said, status);
	return TRUE;
}

static gboolean case_failed(VfSaid *said)
{
	return say_cases(said, VF_STATUS_FAIL, "failed");
}

static gboolean case_broke(VfSaid *said)
{
	return say_cases(said, VF_STATUS_ERROR, "broke");
}

static gboolean program_failed(VfSaid *said)
{
	int exit = said->evidence->program_exit;

	if (exit < 0)
		return vf_say(said, "the guest did not say how the program ended");
	if (exit > 128)
		return vf_say(said, "every case passed, but the program was killed by signal %d",
			      exit - 128);
	return exit > 0 &&
	       vf_say(said, "every case passed, but the program exited with status %d", exit);
}

static gboolean all_skipped(VfSaid *said)
{
	const GPtrArray *cases = said->evidence->cases;
	const VfCase *first = cases->pdata[0];

	for (guint i = 0; i < cases->len; i++)
		if (((const VfCase *)cases->pdata[i])->status != VF_STATUS_SKIP)
			return FALSE;
	return vf_say(said, "%s", first->detail ? first->detail : "every case was skipped");
}

static void say_notes(VfSaid *said)
{
	const VfEvidence *e = said->evidence;

	for (guint i = 0; i < e->splats->len; i++) {
		const VfSplat *s = e->splats->pdata[i];

		if (!s->after_end)
			continue;
		vf_say(said, "; after the end: %s: %s", s->class, s->reason);
		vf_show(said, s->excerpt);
		break;
	}
	if (e->notes->len)
		vf_say(said, "; noted: %s", (const char *)e->notes->pdata[0]);
	if (e->notes->len > 1)
		vf_say(said, " (and %u more)", e->notes->len - 1);
	if (e->lingered)
		vf_say(said, "; the guest did not power off by itself");
	if (e->end == VF_END_SIGNAL)
		vf_say(said, "; QEMU was killed by signal %d after the end", e->exit_status);
	if (e->end == VF_END_LOST)
		vf_say(said, "; the guest was lost after the end");
}

static gboolean passed(VfSaid *said)
{
	guint skipped, n;

	find_cases(said->evidence, VF_STATUS_SKIP, &skipped);
	find_cases(said->evidence, VF_STATUS_PASS, &n);
	vf_say(said, "%u %s passed", n, n == 1 ? "case" : "cases");
	if (skipped)
		vf_say(said, ", %u skipped", skipped);
	say_notes(said);
	return TRUE;
}

static const VfRule rules[] = {
	{VF_STATUS_MISS, VF_AGAIN_NO, cancelled},
	{VF_STATUS_MISS, VF_AGAIN_NO, not_started},
	{VF_STATUS_MISS, VF_AGAIN_SAME, killed},
	{VF_STATUS_MISS, VF_AGAIN_SAME, lost},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, panicked},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, splat_and_broken},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, watchdog_fired},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, stopped_by_timer},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, program_stuck},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, channel_broken},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, no_end_marker},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, guest_error},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, ktap_broken},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, no_cases},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, case_failed},
	{VF_STATUS_FAIL, VF_AGAIN_SAME, splat},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, case_broke},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, case_missing},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, program_failed},
	{VF_STATUS_SKIP, VF_AGAIN_NO, all_skipped},
	{VF_STATUS_ERROR, VF_AGAIN_SAME, vf_rule_model_broken},
	{VF_STATUS_FAIL, VF_AGAIN_CURVE, vf_rule_incoherent},
	{VF_STATUS_ERROR, VF_AGAIN_LAYOUT, vf_rule_not_exercised},
	{VF_STATUS_PASS, VF_AGAIN_NO, passed},
};

VfVerdict *vf_verdict_by(const VfRule *table, const VfEvidence *evidence, const VfJob *job)
{
	g_autoptr(GString) reason = g_string_new(NULL);
	g_autoptr(GString) excerpt = g_string_new(NULL);
	VfSaid said = {evidence, job, reason, excerpt};
	VfVerdict *verdict = g_new0(VfVerdict, 1);
	const VfRule *rule = table;

	while (!rule->applies(&said)) {
		g_string_truncate(reason, 0);
		g_string_truncate(excerpt, 0);
		rule++;
	}
	verdict->status = rule->status;
	verdict->again = rule->again;
	verdict->reason = vf_text_escape(reason->str, -1, 1000);
	verdict->excerpt = excerpt->len ? g_strdup(excerpt->str) : NULL;
	return verdict;
}

VfVerdict *vf_verdict_new(const VfEvidence *evidence, const VfJob *job)
{
	return vf_verdict_by(rules, evidence, job);
}

static const VfStatus error_statuses[] = {
	[VF_ERROR_USAGE] = VF_STATUS_ERROR,  [VF_ERROR_DATA] = VF_STATUS_ERROR,
	[VF_ERROR_MISSING] = VF_STATUS_MISS, [VF_ERROR_PATCH] = VF_STATUS_FAIL,
	[VF_ERROR_COMPILE] = VF_STATUS_FAIL, [VF_ERROR_CONFIG] = VF_STATUS_ERROR,
	[VF_ERROR_HARNESS] = VF_STATUS_MISS, [VF_ERROR_PROTOCOL] = VF_STATUS_ERROR,
	[VF_ERROR_IO] = VF_STATUS_MISS,	     [VF_ERROR_CANCELLED] = VF_STATUS_MISS,
	[VF_ERROR_UNFIT] = VF_STATUS_SKIP,
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
