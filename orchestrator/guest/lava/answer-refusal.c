// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.h"
#include "guest/lava/answers.h"

#define SHOWN 400 /* bytes */

static const char *find(const json_t *object)
{
	static const char *const keys[] = {"message", "detail"};
	const char *key;
	json_t *value;

	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *text = json_string_value(json_object_get(object, keys[i]));

		if (text)
			return text;
	}
	json_object_foreach ((json_t *)object, key, value) {
		const char *text = json_string_value(json_array_get(value, 0));

		if (text)
			return text;
	}
	return NULL;
}

/* The member's name belongs to a text such as "This field is required.". */
static const char *key_of(const json_t *object, const char *text)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value)
		if (json_string_value(json_array_get(value, 0)) == text)
			return key;
	return NULL;
}

char *vf_lava_refusal(const char *text, gsize length)
{
	json_auto_t *object = json_loadb(text, length, 0, NULL);
	const char *why = object ? find(object) : NULL, *key = why ? key_of(object, why) : NULL;
	g_autofree char *whole = key ? g_strconcat(key, ": ", why, NULL) : NULL;

	if (!why)
		return length ? vf_text_escape(text, (gssize)length, SHOWN)
			      : g_strdup("no reason given");
	return vf_text_escape(whole ?: why, -1, SHOWN);
}
