// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/text.h"
#include "mail/compose-impl.h"
#include "mail/paper.h"

#define LABEL	       13
#define FINDINGS_MAX   4 /* in full; the matrix has them all */
#define NAME_MAX_CHARS 40

/* The first word of a name that is one; mails of bots need not be cold. Caller frees. */
static char *greeting(const VfMessage *parent)
{
	g_auto(GStrv) words = g_strsplit(parent->from->name, " ", 2);
	glong length = words[0] ? g_utf8_strlen(words[0], -1) : 0;
	gboolean plain = length > 1 && length < NAME_MAX_CHARS;

	for (const char *c = plain ? words[0] : ""; *c; c = g_utf8_next_char(c))
		plain &= g_unichar_isalpha(g_utf8_get_char(c)) || *c == '-' || *c == '\'';
	return plain ? g_strdup_printf("Hi %s,", words[0]) : g_strdup("Hi,");
}

static char *series_text(const VfSeries *series)
{
	g_autofree char *version =
		series->version > 1 ? g_strdup_printf("v%u, ", series->version) : g_strdup("");

	return g_strdup_printf("%s (%s%u %s)", series->title, version, series->total,
			       series->total == 1 ? "patch" : "patches");
}

static void add_facts(GString *body, const VfReply *reply)
{
	static const struct {
		const char *support, *text;
	} places[] = {
		{"below", "with vifarm's \"%s\" patches below the series, for the tests' sake"},
		{"above", "with vifarm's \"%s\" patches on top of it, for the tests' sake"},
		{"tree", "which has vifarm's \"%s\" patches"},
	};
	g_autofree char *series = series_text(reply->series);
	g_autoptr(GString) base = g_string_new(NULL);

	vf_paper_item(body, "  series", LABEL, series);
	if (!reply->base)
		return;
	g_string_append(base, reply->base);
	if (reply->tree)
		g_string_append_printf(base, " of %s", reply->tree);
	for (gsize i = 0; reply->support && i < G_N_ELEMENTS(places); i++)
		if (!strcmp(places[i].support, reply->support)) {
			g_auto(GStrv) halves = g_strsplit(places[i].text, "%s", 2);

			g_string_append_printf(base, ", %s%s%s", halves[0], reply->variant,
					       halves[1]);
		}
	vf_paper_item(body, "  base", LABEL, base->str);
	if (reply->base_note)
		vf_paper_item(body, "", LABEL, reply->base_note);
	g_string_append_c(body, '\n');
}

static const char what_we_do[] =
	"The series was built and booted in emulated machines, with a model of the virtually "
	"indexed data cache watching, and so was its base. Only differences count.";

static void add_tags(GString *body, const VfReply *reply, const VfMailPolicy *policy)
{
	vf_paper_words(body, 0, "If you fix it in a patch of its own, please add");
	/* at the start of the line, b4 would add it to the series that it is about */
	g_string_append_printf(body, VF_PAPER_MARK "Reported-by: %s <%s>\n", policy->reply.name,
			       policy->reply.address);
	if (policy->reply.archive) {
		g_auto(GStrv) halves = g_strsplit(policy->reply.archive, "{id}", 2);

		g_string_append_printf(body, VF_PAPER_MARK "Closes: %s%s%s\n", halves[0],
				       reply->message_id, halves[1]);
	}
	vf_paper_words(body, 0, "A new version of the same series needs no tags.");
}

static char *architectures(const VfReply *reply)
{
	const json_t *arch;
	g_autoptr(GString) list = g_string_new(NULL);
	gsize i;

	json_array_foreach (json_object_get(reply->patched, "architectures"), i, arch) {
		g_string_append_printf(list, "%s%s", list->len ? ", " : "",
				       json_string_value(json_object_get(arch, "arch")) ?: "?");
	}
	return g_string_free(g_steal_pointer(&list), FALSE);
}

static void add_passed(GString *body, const VfReply *reply, const VfMailPolicy *policy)
{
	g_autofree char *archs = architectures(reply);
	gboolean brief = !strcmp(policy->when.success, "matrix");

	if (!brief) {
		vf_paper_words(body, 0, what_we_do);
		g_string_append_c(body, '\n');
	}
	vf_paper_words(body, 0,
		       brief ? "everything passed, as on the base." : "Everything passed.");
	g_string_append_c(body, '\n');
	add_facts(body, reply);
	vf_compose_matrix(body, reply);
	g_string_append_printf(body, "Tested-by: %s <%s>", policy->reply.name,
			       policy->reply.address);
	if (vf_paper_width(archs) + strlen(policy->reply.name) + strlen(policy->reply.address) +
		    18 <
	    VF_PAPER_COLUMNS)
		g_string_append_printf(body, " # %s", archs);
	g_string_append_c(body, '\n');
}

static void add_list(GString *body, const VfReply *reply, const GPtrArray *list, guint max)
{
	for (guint i = 0; i < list->len && i < max; i++)
		vf_compose_finding(body, reply, list->pdata[i]);
	if (list->len > max)
		vf_paper_format(body, 0, "... and %u more, see the matrix.", list->len - max);
	else if (body->len && g_str_has_suffix(body->str, "\n\n"))
		g_string_truncate(body, body->len - 1);
}

static void add_broken(GString *body, const VfReply *reply, const VfMailPolicy *policy)
{
	vf_paper_words(body, 0, what_we_do);
	g_string_append_c(body, '\n');
	vf_paper_words(body, 0,
		       reply->findings->broken->len == 1 ? "The series breaks something:"
							 : "The series breaks this:");
	g_string_append_c(body, '\n');
	add_facts(body, reply);
	vf_compose_matrix(body, reply);
	g_string_append_c(body, '\n');
	add_list(body, reply, reply->findings->broken, FINDINGS_MAX);
	g_string_append_c(body, '\n');
	add_tags(body, reply, policy);
}

static void add_base_broken(GString *body, const VfReply *reply,
			    G_GNUC_UNUSED const VfMailPolicy *policy)
{
	vf_paper_words(body, 0, what_we_do);
	g_string_append_c(body, '\n');
	vf_paper_words(body, 0,
		       "The series breaks nothing. What fails, fails on its base as well, and "
		       "could hide something that the series breaks.");
	g_string_append_c(body, '\n');
	add_facts(body, reply);
	vf_compose_matrix(body, reply);
	g_string_append_c(body, '\n');
	add_list(body, reply, reply->findings->base_broken, 2);
}

static void add_flaky(GString *body, const VfReply *reply, G_GNUC_UNUSED const VfMailPolicy *policy)
{
	vf_paper_words(body, 0, what_we_do);
	g_string_append_c(body, '\n');
	vf_paper_words(body, 0,
		       "Nothing failed for certain, but some tests failed in one guest and passed "
		       "in the next, so that this says nothing about them.");
	g_string_append_c(body, '\n');
	add_facts(body, reply);
	vf_compose_matrix(body, reply);
	g_string_append_c(body, '\n');
	add_list(body, reply, reply->findings->flaky, 2);
}

static void add_not_applied(GString *body, const VfReply *reply,
			    G_GNUC_UNUSED const VfMailPolicy *policy)
{
	const VfMessage *patch = reply->patch && reply->patch <= reply->series->patches->len
					 ? reply->series->patches->pdata[reply->patch - 1]
					 : NULL;

	vf_paper_words(body, 0, "The series does not apply to its base, so nothing was tested.");
	g_string_append_c(body, '\n');
	add_facts(body, reply);
	if (patch) {
		g_autofree char *which = g_strdup_printf("%u of %u, \"%s\"", reply->patch,
							 reply->series->total, patch->subject);

		vf_paper_item(body, "  patch", LABEL, which);
	}
	if (reply->problem)
		vf_paper_item(body, "  git says", LABEL, reply->problem);
	g_string_append_c(body, '\n');
	vf_paper_words(body, 0,
		       "If it is meant for another base, a \"base-commit:\" line in the cover "
		       "letter (git format-patch --base) tells it, and "
		       "\"prerequisite-patch-id:\" lines name what it needs besides.");
}

static void add_incomplete(GString *body, const VfReply *reply,
			   G_GNUC_UNUSED const VfMailPolicy *policy)
{
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; i < reply->series->patches->len; i++)
		if (!reply->series->patches->pdata[i])
			g_string_append_printf(missing, "%s%u", missing->len ? ", " : "", i + 1);
	vf_paper_words(body, 0,
		       "Not all patches of the series have arrived here, so nothing was "
		       "tested.");
	g_string_append_c(body, '\n');
	add_facts(body, reply);
	vf_paper_item(body, "  missing", LABEL, missing->str);
}

static void (*const writers[])(GString *, const VfReply *, const VfMailPolicy *) = {
	[VF_OUTCOME_PASSED] = add_passed,	    [VF_OUTCOME_BROKEN] = add_broken,
	[VF_OUTCOME_BASE_BROKEN] = add_base_broken, [VF_OUTCOME_FLAKY] = add_flaky,
	[VF_OUTCOME_UNJUDGED] = add_flaky,	    [VF_OUTCOME_NOT_APPLIED] = add_not_applied,
	[VF_OUTCOME_INCOMPLETE] = add_incomplete,
};

static void add_footer(GString *body, const VfMailPolicy *policy)
{
	g_string_append(body, "\n-- \n");
	vf_paper_words(body, 0, "This mail was written by a program and may be wrong.");
	if (policy->reply.contact)
		vf_paper_format(body, 0, "A human reads %s.", policy->reply.contact);
	vf_paper_words(body, 0,
		       "A header \"X-Vifarm: no\", or a line \"vifarm: no\" below the \"---\", "
		       "keeps it away from a series.");
}

void vf_compose_findings(GString *body, const VfReply *reply, const VfMailPolicy *policy)
{
	writers[reply->outcome](body, reply, policy);
}

void vf_compose_body(GString *body, const VfReply *reply, const VfMailPolicy *policy)
{
	g_autofree char *hello = greeting(vf_series_parent(reply->series, reply->patch));

	vf_paper_words(body, 0, hello);
	g_string_append_c(body, '\n');
	vf_compose_findings(body, reply, policy);
	add_footer(body, policy);
}
