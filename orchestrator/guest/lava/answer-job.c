// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "guest/lava/answers.h"

void vf_lava_job_free(VfLavaJob *job)
{
	if (!job)
		return;
	g_free(job->id);
	g_free(job->name);
	g_free(job->word);
	g_free(job->device);
	g_free(job->definition);
	g_free(job);
}

static const struct {
	const char *word;
	VfLavaState state;
} states[] = {
	{"Submitted", VF_LAVA_SUBMITTED}, {"Scheduling", VF_LAVA_SUBMITTED},
	{"Scheduled", VF_LAVA_SUBMITTED}, {"Running", VF_LAVA_RUNNING},
	{"Canceling", VF_LAVA_RUNNING},	  {"Finished", VF_LAVA_FINISHED},
};

static const char *const healths[] = {
	[VF_LAVA_UNKNOWN] = "Unknown",
	[VF_LAVA_COMPLETE] = "Complete",
	[VF_LAVA_INCOMPLETE] = "Incomplete",
	[VF_LAVA_CANCELED] = "Canceled",
};

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* A number, or a string that looks like one or two: "12", "12.0". Caller frees. */
static char *id_of(const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value) && json_integer_value(value) > 0)
		return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (text &&
	    g_regex_match_simple("^[0-9]{1,18}(\\.[0-9]{1,9})?$", text, G_REGEX_DOLLAR_ENDONLY, 0))
		return g_strdup(text);
	return NULL;
}

static gint64 time_of(const json_t *object, const char *key)
{
	const char *text = text_of(object, key);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc) : NULL;

	if (!time)
		return 0;
	return g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
}

static gboolean read_state(const char *word, VfLavaState *state)
{
	for (gsize i = 0; word && i < G_N_ELEMENTS(states); i++)
		if (!strcmp(states[i].word, word)) {
			*state = states[i].state;
			return TRUE;
		}
	return FALSE;
}

static VfLavaHealth read_health(const char *word)
{
	for (gsize i = 0; word && i < G_N_ELEMENTS(healths); i++)
		if (!strcmp(healths[i], word))
			return (VfLavaHealth)i;
	return VF_LAVA_UNKNOWN;
}

VfLavaJob *vf_lava_job_read(const json_t *object, GError **error)
{
	g_autoptr(VfLavaJob) job = g_new0(VfLavaJob, 1);
	const char *word = text_of(object, "state");

	job->id = id_of(json_object_get(object, "id"));
	if (!job->id)
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "a job without id");
	job->word = vf_text_escape(word ?: "?", -1, 40);
	if (!read_state(word, &job->state))
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "job %s has an unknown state: %s",
				     job->id, job->word);
	job->health = read_health(text_of(object, "health"));
	job->name = g_strdup(text_of(object, "description") ?: "");
	job->device = text_of(object, "actual_device")
			      ? vf_text_escape(text_of(object, "actual_device"), -1, 200)
			      : NULL;
	job->definition = g_strdup(text_of(object, "original_definition"));
	job->submitted = time_of(object, "submit_time");
	job->started = time_of(object, "start_time");
	job->ended = time_of(object, "end_time");
	return g_steal_pointer(&job);
}

VfLavaJob *vf_lava_job_parse(const char *text, gsize length, GError **error)
{
	json_error_t why;
	json_auto_t *object = json_loadb(text, length, 0, &why);

	if (!object)
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "line %d, column %d: no JSON",
				     why.line, why.column);
	return vf_lava_job_read(object, error);
}

GStrv vf_lava_ids_parse(const char *text, gsize length, GError **error)
{
	json_auto_t *object = json_loadb(text, length, 0, NULL);
	const json_t *ids = json_object_get(object, "job_ids"), *id;
	g_autoptr(GStrvBuilder) list = g_strv_builder_new();
	gsize i;

	if (!json_array_size(ids))
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "no job_ids in the answer");
	json_array_foreach (ids, i, id) {
		g_autofree char *word = id_of(id);

		if (!word)
			return vf_throw_null(error, VF_ERROR_PROTOCOL, "job_ids: no number");
		g_strv_builder_add(list, word);
	}
	return g_strv_builder_end(list);
}
