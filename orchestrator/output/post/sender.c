// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/sender.h"

#include <string.h>

#include "base/error.h"

#define DELAY_FIRST 30.0
#define DELAY_MAX   (6 * 3600.0)

double vf_sender_delay(guint64 attempts, double random, guint retry_after)
{
	double delay = DELAY_FIRST;

	for (guint64 i = 1; i < attempts && delay < DELAY_MAX; i++)
		delay *= 2;
	delay = MIN(delay, DELAY_MAX) * (0.5 + random);
	return MAX(delay, retry_after);
}

typedef struct Round {
	VfSpool *spool;
	GPtrArray *targets;
	GHashTable *blocked; /* names of targets that have to wait */
	VfSent *sent;
} Round;

static const VfTarget *target_of(const Round *round, const VfLetter *letter)
{
	for (guint i = 0; i < round->targets->len; i++) {
		const VfTarget *target = round->targets->pdata[i];

		if (!strcmp(target->name, letter->target))
			return target;
	}
	return NULL;
}

static void set_outcome(VfLetter *letter, const char *text)
{
	g_free(letter->outcome);
	letter->outcome = g_strdup(text);
}

static void note_waiting(Round *round, const VfLetter *letter)
{
	round->sent->waiting++;
	if (!round->sent->next || letter->due < round->sent->next)
		round->sent->next = letter->due;
	g_hash_table_add(round->blocked, g_strdup(letter->target));
}

static gboolean done(Round *round, VfLetter *letter, GError **error)
{
	g_clear_pointer(&letter->body, g_free);
	letter->in_flight = FALSE;
	round->sent->sent++;
	return vf_spool_move(round->spool, letter, VF_SPOOL_PENDING, VF_SPOOL_SENT, error);
}

static gboolean give_up(Round *round, VfLetter *letter, GError **error)
{
	letter->in_flight = FALSE;
	round->sent->dead++;
	return vf_spool_move(round->spool, letter, VF_SPOOL_PENDING, VF_SPOOL_DEAD, error);
}

/* @known: an answer came, so the server has not acted on this attempt */
static gboolean put_off(Round *round, VfLetter *letter, guint retry_after, gboolean known,
			GError **error)
{
	double delay = vf_sender_delay(letter->attempts, g_random_double(), retry_after);

	if (letter->attempts >= VF_POST_ATTEMPTS_MAX)
		return give_up(round, letter, error);
	letter->due = g_get_real_time() + (gint64)(delay * G_USEC_PER_SEC);
	letter->in_flight = !known;
	note_waiting(round, letter);
	return vf_spool_update(round->spool, letter, error);
}

static gboolean judge(Round *round, const VfTarget *target, VfLetter *letter,
		      const VfHttpAnswer *answer, GError **error)
{
	g_autofree char *why = NULL;
	VfDelivery delivery = vf_target_judge(target->type, answer, &why);

	set_outcome(letter, why);
	switch (delivery) {
	case VF_DELIVERY_DONE:
		return done(round, letter, error);
	case VF_DELIVERY_NEVER:
		return give_up(round, letter, error);
	case VF_DELIVERY_LATER:
		/* behind a 2xx with a strange body or a 5xx of a proxy the server may have acted */
		return put_off(round, letter, answer->retry_after, answer->status / 100 == 3,
			       error);
	}
	g_assert_not_reached();
}

static gboolean deliver(Round *round, const VfTarget *target, VfLetter *letter, GError **error)
{
	g_autofree char *why = NULL;
	VfDelivery delivery = target->type->deliver(target, letter, &why);

	set_outcome(letter, why);
	if (delivery == VF_DELIVERY_DONE)
		return done(round, letter, error);
	if (delivery == VF_DELIVERY_NEVER)
		return give_up(round, letter, error);
	return put_off(round, letter, 0, TRUE, error);
}

/* The attempt is on disk before its first byte is on the wire. */
static gboolean attempt(Round *round, const VfTarget *target, VfLetter *letter, GError **error)
{
	g_autofree char *key = g_strdup_printf("Idempotency-Key: %s", letter->key);
	const char *headers[] = {key, NULL};
	VfHttpRequest request = {.method = letter->method,
				 .url = letter->url,
				 .content_type = letter->content_type,
				 .body = letter->body,
				 .headers = headers};
	g_autoptr(VfHttpAnswer) answer = NULL;
	g_autoptr(GError) local = NULL;

	letter->attempts++;
	letter->in_flight = TRUE;
	if (!vf_spool_update(round->spool, letter, error))
		return FALSE;
	if (target->type->deliver)
		return deliver(round, target, letter, error);
	answer = vf_target_request(target, &request, &local);
	if (answer)
		return judge(round, target, letter, answer, error);
	set_outcome(letter, local->message);
	return put_off(round, letter, 0, FALSE, error);
}

/* An earlier attempt was cut off: the server is asked, where it can be. */
static gboolean resume(Round *round, const VfTarget *target, VfLetter *letter, GError **error)
{
	g_autoptr(GError) local = NULL;
	gboolean yes = FALSE;

	if (!target->type->arrived(target, letter, &yes, &local)) {
		letter->attempts++;
		set_outcome(letter, local->message);
		return put_off(round, letter, 0, FALSE, error);
	}
	if (!yes)
		return attempt(round, target, letter, error);
	set_outcome(letter, "found at the server");
	return done(round, letter, error);
}

/* A letter that stays until the targets file fits it. Others to the same target are sent. */
static gboolean keep(Round *round, VfLetter *letter, const char *why, GError **error)
{
	set_outcome(letter, why);
	round->sent->waiting++;
	round->sent->stuck++;
	return vf_spool_update(round->spool, letter, error);
}

static gboolean send_one(Round *round, VfLetter *letter, GError **error)
{
	const VfTarget *target = target_of(round, letter);
	g_autoptr(GError) why = NULL;

	if (!target) {
		g_autofree char *text =
			g_strdup_printf("no target \"%s\" in the targets file", letter->target);

		return keep(round, letter, text, error);
	}
	if (letter->due > g_get_real_time() ||
	    g_hash_table_contains(round->blocked, letter->target)) {
		note_waiting(round, letter);
		return TRUE;
	}
	if (!target->type->deliver && !vf_target_owns(target, letter->url, &why))
		return keep(round, letter, why->message, error);
	if (letter->in_flight && target->type->deliver) {
		set_outcome(letter, "interrupted while it was sent: it may have arrived");
		return give_up(round, letter, error);
	}
	if (letter->in_flight && target->type->arrived)
		return resume(round, target, letter, error);
	return attempt(round, target, letter, error);
}

gboolean vf_sender_round(VfSpool *spool, GPtrArray *targets, VfSent *sent, GError **error)
{
	g_autoptr(GHashTable) blocked =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Round round = {spool, targets, blocked, sent};
	g_autoptr(GError) local = NULL;
	g_autoptr(VfLock) lock = vf_spool_lock(spool, &local);
	g_autoptr(GPtrArray) letters = NULL;

	*sent = (VfSent){0};
	if (!lock) {
		if (!local)
			return vf_throw(error, VF_ERROR_HARNESS,
					"another process is sending from this spool");
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	letters = vf_spool_list(spool, VF_SPOOL_PENDING, error);
	for (guint i = 0; letters && i < letters->len; i++)
		if (!send_one(&round, letters->pdata[i], error))
			return FALSE;
	return letters != NULL;
}
