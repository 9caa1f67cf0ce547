// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/text.h"
#include "guest/lava/answers.h"
#include "guest/lava/yaml.h"

static char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? vf_text_escape(text, -1, 400) : NULL;
}

void vf_lava_failure(const char *metadata, char **type, char **message)
{
	json_auto_t *object = metadata ? vf_yaml_read(metadata, strlen(metadata), NULL) : NULL;

	*type = member(object, "error_type");
	*message = member(object, "error_msg");
}
