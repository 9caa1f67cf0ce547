// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/owner.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "guest/qemu/qemu-reap.h"

/* The machine's id is not for others to read; its digest serves as well. */
static char *machine_id(void)
{
	g_autofree char *id = NULL;
	g_autofree char *text = NULL;
	g_autofree char *digest = NULL;

	if (!g_file_get_contents("/etc/machine-id", &id, NULL, NULL))
		id = g_strdup("");
	text = g_strdup_printf("vifarm %s %s", g_strstrip(id), g_get_host_name());
	digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
	return g_strndup(digest, 16);
}

static char *boot_id(void)
{
	char *id = NULL;

	if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &id, NULL, NULL))
		return g_strdup("unknown");
	return g_strstrip(id);
}

static char *pid_space(void)
{
	char *name = g_file_read_link("/proc/self/ns/pid", NULL);

	return name ? name : g_strdup("unknown");
}

VfOwner *vf_owner_self(const char *run)
{
	VfOwner *owner = g_new0(VfOwner, 1);

	owner->run = g_strdup(run);
	owner->machine = machine_id();
	owner->boot = boot_id();
	owner->space = pid_space();
	owner->user = getuid();
	owner->pid = (guint64)getpid();
	owner->start = vf_qemu_start_time(getpid());
	return owner;
}

void vf_owner_free(VfOwner *owner)
{
	if (!owner)
		return;
	g_free(owner->run);
	g_free(owner->machine);
	g_free(owner->boot);
	g_free(owner->space);
	g_free(owner);
}

char *vf_owner_xml(const VfOwner *owner)
{
	return g_markup_printf_escaped(
		"<" VF_OWNER_PREFIX ":guest xmlns:" VF_OWNER_PREFIX "=\"" VF_OWNER_NAMESPACE
		"\" run=\"%s\" machine=\"%s\" boot=\"%s\" space=\"%s\" user=\"%" G_GUINT64_FORMAT
		"\" pid=\"%" G_GUINT64_FORMAT "\" start=\"%" G_GUINT64_FORMAT "\"/>",
		owner->run, owner->machine, owner->boot, owner->space, owner->user, owner->pid,
		owner->start);
}

static gboolean is_guest(const char *element)
{
	const char *colon = strchr(element, ':');

	return g_str_equal(colon ? colon + 1 : element, "guest");
}

static void on_element(G_GNUC_UNUSED GMarkupParseContext *context, const char *element,
		       const char **names, const char **values, gpointer data, GError **error)
{
	VfOwner *owner = data;
	const struct {
		const char *name;
		char **text;
		guint64 *number;
	} attributes[] = {
		{"run", &owner->run, NULL},	{"machine", &owner->machine, NULL},
		{"boot", &owner->boot, NULL},	{"space", &owner->space, NULL},
		{"user", NULL, &owner->user},	{"pid", NULL, &owner->pid},
		{"start", NULL, &owner->start},
	};
	guint found = 0;

	if (owner->run || !is_guest(element)) {
		vf_throw(error, VF_ERROR_PROTOCOL, "expected one element \"guest\"");
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(attributes); i++)
		for (guint k = 0; names[k]; k++) {
			if (!g_str_equal(names[k], attributes[i].name))
				continue;
			if (attributes[i].text)
				*attributes[i].text = g_strdup(values[k]);
			else if (!g_ascii_string_to_unsigned(values[k], 10, 0, G_MAXUINT64,
							     attributes[i].number, NULL))
				break;
			found++;
			break;
		}
	if (found != G_N_ELEMENTS(attributes))
		vf_throw(error, VF_ERROR_PROTOCOL, "element \"guest\": an attribute is missing");
}

VfOwner *vf_owner_parse(const char *xml, gsize length, GError **error)
{
	static const GMarkupParser parser = {.start_element = on_element};
	g_autoptr(VfOwner) owner = g_new0(VfOwner, 1);
	g_autoptr(GMarkupParseContext) context =
		g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, owner, NULL);

	if (length > VF_OWNER_XML_MAX)
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "more than %d bytes of metadata",
				     VF_OWNER_XML_MAX);
	if (length && !g_markup_parse_context_parse(context, xml, (gssize)length, error))
		return NULL;
	if (!g_markup_parse_context_end_parse(context, error))
		return NULL;
	if (!owner->run)
		return vf_throw_null(error, VF_ERROR_PROTOCOL, "no element \"guest\"");
	return g_steal_pointer(&owner);
}

gboolean vf_owner_is_gone(const VfOwner *owner)
{
	g_autoptr(VfOwner) self = vf_owner_self("");

	if (!g_str_equal(owner->machine, self->machine) || owner->user != self->user)
		return FALSE;
	if (!g_str_equal(owner->boot, self->boot))
		return TRUE;
	if (!g_str_equal(owner->space, self->space))
		return FALSE;
	return vf_qemu_start_time((pid_t)owner->pid) != owner->start;
}
