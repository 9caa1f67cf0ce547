// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/compose.h"

#include <string.h>

#include "base/text.h"
#include "mail/compose-impl.h"

static const VfMessage *parent_of(const VfReply *reply)
{
	return vf_series_parent(reply->series, reply->patch);
}

static gboolean matches(const char *rule, const char *address)
{
	if (*rule == '@')
		return g_str_has_suffix(address, rule);
	return !strcmp(rule, address);
}

static gboolean is_never(const VfMailPolicy *policy, const char *lower)
{
	for (char **rule = policy->reply.never; rule && *rule; rule++) {
		g_autofree char *wanted = g_ascii_strdown(*rule, -1);

		if (matches(wanted, lower))
			return TRUE;
	}
	return FALSE;
}

/* Whether an address is fit for a header and an SMTP command as it is. */
static gboolean is_plain(const char *address)
{
	const char *at = strchr(address, '@');

	return at && at > address && at[1] && strlen(address) < 250 &&
	       !strpbrk(address, " \t\r\n<>,;:\"\\()[]") && g_str_is_ascii(address);
}

/* "linux-media.vger.kernel.org" as a List-Id is the list linux-media@vger.kernel.org. */
static gboolean is_list(const VfMessage *mail, const char *lower)
{
	g_autofree char *dotted = g_strdelimit(g_strdup(lower), "@", '.');

	for (char **list = mail->lists; *list; list++)
		if (!g_ascii_strcasecmp(*list, dotted))
			return TRUE;
	return FALSE;
}

typedef struct Recipients {
	const VfMailPolicy *policy;
	GHashTable *seen;      /* addresses in lower case */
	GPtrArray *to, *cc;    /* of VfMailAddress, borrowed */
	GStrvBuilder *always;  /* of the policy's, those that are not among these */
	guint left, *left_out; /* how many more there may be, and how many there are too many */
} Recipients;

static void add_one(Recipients *all, GPtrArray *list, const VfMailAddress *address)
{
	g_autofree char *lower = g_ascii_strdown(address->address, -1);
	g_autofree char *own = g_ascii_strdown(all->policy->reply.address, -1);

	if (!is_plain(lower) || !strcmp(lower, own) || is_never(all->policy, lower) ||
	    !g_hash_table_add(all->seen, g_steal_pointer(&lower)))
		return;
	if (all->left) {
		g_ptr_array_add(list, (gpointer)address);
		all->left--;
	} else if (all->left_out) {
		(*all->left_out)++;
	}
}

/* Whether the policy wants a copy to go to @lower, a recipient of @mail. */
static gboolean may_copy(const Recipients *all, const VfReply *reply, const VfMessage *mail,
			 const char *lower)
{
	const char *copies = all->policy->reply.cc;

	if (!strcmp(copies, "maintainers"))
		return reply->named && g_hash_table_contains(reply->named, lower);
	return !strcmp(copies, "all") || (!strcmp(copies, "lists") && is_list(mail, lower));
}

static void add_copies(Recipients *all, const VfReply *reply, const VfMessage *mail,
		       const GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		const VfMailAddress *address = from->pdata[i];
		g_autofree char *lower = g_ascii_strdown(address->address, -1);

		if (may_copy(all, reply, mail, lower))
			add_one(all, all->cc, address);
	}
}

static void recipients_clear(Recipients *all)
{
	g_clear_pointer(&all->seen, g_hash_table_unref);
	g_clear_pointer(&all->to, g_ptr_array_unref);
	g_clear_pointer(&all->cc, g_ptr_array_unref);
	g_clear_pointer(&all->always, g_strv_builder_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recipients, recipients_clear)

/* The sender first, then what the operator wants, then the others as long as there is room. */
static void find_recipients(const VfReply *reply, const VfMailPolicy *policy, Recipients *all,
			    guint *left_out)
{
	const VfMessage *mail = parent_of(reply);

	*all = (Recipients){.policy = policy,
			    .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
			    .to = g_ptr_array_new(),
			    .cc = g_ptr_array_new(),
			    .always = g_strv_builder_new(),
			    .left = (guint)MIN(policy->reply.recipients_max, G_MAXUINT),
			    .left_out = left_out};
	add_one(all, all->to, mail->from);
	for (char **word = policy->reply.always; *word; word++)
		if (g_hash_table_add(all->seen, g_ascii_strdown(*word, -1))) {
			g_strv_builder_add(all->always, *word);
			all->left -= all->left > 0;
		}
	add_copies(all, reply, mail, mail->to);
	add_copies(all, reply, mail, mail->cc);
}

GStrv vf_compose_recipients(const VfReply *reply, const VfMailPolicy *policy, guint *left_out)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(Recipients) all = {0};
	g_auto(GStrv) always = NULL;

	if (left_out)
		*left_out = 0;
	find_recipients(reply, policy, &all, left_out);
	for (guint i = 0; i < all.to->len; i++)
		g_strv_builder_add(builder, ((VfMailAddress *)all.to->pdata[i])->address);
	for (guint i = 0; i < all.cc->len; i++)
		g_strv_builder_add(builder, ((VfMailAddress *)all.cc->pdata[i])->address);
	always = g_strv_builder_end(all.always);
	g_strv_builder_addv(builder, (const char **)always);
	return g_strv_builder_end(builder);
}

/* Addresses one a line, so that no line grows long. */
static void add_addresses(GString *mail, const char *header, const GPtrArray *list,
			  const char *const *more)
{
	const char *before = header;

	for (guint i = 0; i < list->len; i++) {
		const VfMailAddress *address = list->pdata[i];

		g_string_append(mail, before);
		vf_header_address(mail, address->name, address->address);
		before = ",\n\t";
	}
	for (; more && *more; more++) {
		g_string_append(mail, before);
		vf_header_address(mail, "", *more);
		before = ",\n\t";
	}
	if (before != header)
		g_string_append_c(mail, '\n');
}

/* The thread's first mail and its last few; a References line without bound helps nobody. */
#define REFERENCES_MAX 20

static void add_thread(GString *mail, const VfMessage *parent)
{
	guint count = g_strv_length(parent->references);

	g_string_append(mail, "In-Reply-To: ");
	vf_header_id(mail, parent->id);
	g_string_append(mail, "\nReferences:");
	for (guint i = 0; i < count; i++)
		if (!i || i + REFERENCES_MAX >= count) {
			g_string_append(mail, i ? "\n\t" : " ");
			vf_header_id(mail, parent->references[i]);
		}
	if (!count && parent->in_reply_to) {
		g_string_append_c(mail, ' ');
		vf_header_id(mail, parent->in_reply_to);
		count = 1;
	}
	if (!count || strcmp(parent->id,
			     count && parent->references[0] ? parent->references[count - 1] : "")) {
		g_string_append(mail, count ? "\n\t" : " ");
		vf_header_id(mail, parent->id);
	}
	g_string_append_c(mail, '\n');
}

static void add_subject(GString *mail, const VfMessage *parent)
{
	gboolean is_reply = !g_ascii_strncasecmp(parent->subject, "re:", 3);
	g_autofree char *subject =
		g_strconcat(is_reply ? "" : "Re: ",
			    *parent->subject ? parent->subject : "(no subject)", NULL);

	vf_header_text(mail, "Subject: ", subject);
}

static void add_date(GString *mail, gint64 date)
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(date);
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	g_string_append_printf(mail, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n",
			       days[g_date_time_get_day_of_week(when) - 1],
			       g_date_time_get_day_of_month(when),
			       months[g_date_time_get_month(when) - 1], g_date_time_get_year(when),
			       g_date_time_get_hour(when), g_date_time_get_minute(when),
			       g_date_time_get_second(when));
}

static void add_headers(GString *mail, const VfReply *reply, const VfMailPolicy *policy,
			gboolean ascii)
{
	const VfMessage *parent = parent_of(reply);
	g_auto(Recipients) all = {0};
	g_auto(GStrv) always = NULL;

	find_recipients(reply, policy, &all, NULL);
	always = g_strv_builder_end(all.always);
	g_string_append(mail, "From: ");
	vf_header_address(mail, policy->reply.name, policy->reply.address);
	g_string_append_c(mail, '\n');
	add_addresses(mail, "To: ", all.to, NULL);
	add_addresses(mail, "Cc: ", all.cc, (const char *const *)always);
	add_subject(mail, parent);
	add_date(mail, reply->date);
	g_string_append(mail, "Message-ID: ");
	vf_header_id(mail, reply->message_id);
	g_string_append_c(mail, '\n');
	add_thread(mail, parent);
	g_string_append_printf(mail,
			       "MIME-Version: 1.0\n"
			       "Content-Type: text/plain; charset=%s\n"
			       "Content-Transfer-Encoding: %s\n"
			       "Auto-Submitted: auto-generated\n"
			       "Precedence: bulk\n"
			       "X-Patchwork-Hint: ignore\n"
			       "X-Vifarm-Outcome: %s\n",
			       ascii ? "us-ascii" : "utf-8", ascii ? "7bit" : "8bit",
			       vf_outcome_name(reply->outcome));
}

VfReply vf_reply_of(const VfSeries *series, const VfTrial *trial, const VfMailPolicy *policy)
{
	return (VfReply){
		.series = series,
		.outcome = trial->outcome,
		.patch = trial->patch,
		.tree = trial->tree_name,
		.base = trial->base,
		.base_note = trial->base_note,
		.variant = policy->variant,
		.support = trial->support,
		.problem = trial->problem,
		.patched = trial->patched_run,
		.findings = trial->findings,
	};
}

char *vf_compose(const VfReply *reply, const VfMailPolicy *policy)
{
	g_autoptr(GString) body = g_string_new(NULL);
	g_autoptr(GString) mail = g_string_new(NULL);

	vf_compose_body(body, reply, policy);
	add_headers(mail, reply, policy, g_str_is_ascii(body->str));
	g_string_append_c(mail, '\n');
	g_string_append_len(mail, body->str, (gssize)body->len);
	return g_string_free(g_steal_pointer(&mail), FALSE);
}

char *vf_compose_text(const VfReply *reply, const VfMailPolicy *policy)
{
	GString *body = g_string_new(NULL);

	vf_compose_findings(body, reply, policy);
	return g_string_free(body, FALSE);
}
