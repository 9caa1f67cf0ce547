// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/policy.h"

#include <string.h>

#include "base/error.h"
#include "base/json-reader.h"

static const char *const states[] = {"success", "warning", "fail", "pending", "nothing", NULL};

static const VfJsonMember members[] = {
	VF_JSON_MEMBER("pass", STRING, VfPolicy, pass, .words = states),
	VF_JSON_MEMBER("fail", STRING, VfPolicy, fail, .words = states),
	VF_JSON_MEMBER("flaky", STRING, VfPolicy, flaky, .words = states),
	VF_JSON_MEMBER("error", STRING, VfPolicy, error, .words = states),
	VF_JSON_MEMBER("miss", STRING, VfPolicy, miss, .words = states),
	VF_JSON_MEMBER("skip", STRING, VfPolicy, skip, .words = states),
	VF_JSON_MEMBER("build_fail", STRING, VfPolicy, build_fail, .words = states),
	{NULL},
};

static const char default_policy[] =
	"{\"pass\": \"success\", \"fail\": \"pending\", \"flaky\": \"pending\", "
	"\"error\": \"pending\", \"miss\": \"nothing\", \"skip\": \"nothing\", "
	"\"build_fail\": \"fail\"}";

static char **fields_of(VfPolicy *policy, gsize i)
{
	char **fields[] = {&policy->pass, &policy->fail, &policy->flaky,      &policy->error,
			   &policy->miss, &policy->skip, &policy->build_fail, NULL};

	return fields[i];
}

void vf_policy_free(VfPolicy *policy)
{
	if (!policy)
		return;
	for (gsize i = 0; fields_of(policy, i); i++)
		g_free(*fields_of(policy, i));
	g_free(policy);
}

VfPolicy *vf_policy_parse(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(VfPolicy) policy = g_new0(VfPolicy, 1);

	if (!vf_json_read_text(text, length, name, members, policy, error))
		return NULL;
	for (gsize i = 0; fields_of(policy, i); i++)
		if (!strcmp(*fields_of(policy, i), "nothing"))
			g_clear_pointer(fields_of(policy, i), g_free);
	return g_steal_pointer(&policy);
}

VfPolicy *vf_policy_load(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	gsize length;

	if (!path)
		return vf_policy_parse(default_policy, strlen(default_policy), "default policy",
				       error);
	text = vf_json_load(path, &length, error);
	return text ? vf_policy_parse(text, length, path, error) : NULL;
}
