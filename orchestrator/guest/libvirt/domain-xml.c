// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/libvirt/domain-xml.h"

#include <string.h>
#include <unistd.h>

#include "guest/qemu/qemu-reap.h"

#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

const char *vf_domain_arch(const VfArch *arch)
{
	const char *binary = strrchr(arch->qemu.binary, '/');

	if (arch->qemu.libvirt_arch)
		return arch->qemu.libvirt_arch;
	binary = binary ? binary + 1 : arch->qemu.binary;
	return g_str_has_prefix(binary, "qemu-system-") ? binary + strlen("qemu-system-") : binary;
}

char *vf_domain_machine(const VfBoard *board)
{
	return g_strndup(board->machine, strcspn(board->machine, ","));
}

G_GNUC_PRINTF(2, 3)
static void add(GString *xml, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_markup_vprintf_escaped(format, args);
	va_end(args);
	g_string_append(xml, text);
}

static void add_system(GString *xml, const VfGuestSpec *spec, const VfDomain *domain)
{
	const VfTask *task = spec->task;
	g_autofree char *machine = vf_domain_machine(task->board);
	g_autofree char *append = vf_qemu_append(spec);

	add(xml, "  <memory unit='MiB'>%" G_GUINT64_FORMAT "</memory>\n", vf_qemu_memory(spec));
	add(xml, "  <vcpu>%" G_GUINT64_FORMAT "</vcpu>\n", task->board->smp);
	add(xml,
	    "  <os>\n"
	    "    <type arch='%s' machine='%s'>hvm</type>\n"
	    "    <kernel>%s</kernel>\n"
	    "    <initrd>%s</initrd>\n"
	    "    <cmdline>%s</cmdline>\n"
	    "  </os>\n",
	    vf_domain_arch(task->arch), machine, domain->files.image, domain->files.initramfs,
	    append);
}

static void add_features(GString *xml, const VfArch *arch)
{
	if (!arch->qemu.libvirt_features || !*arch->qemu.libvirt_features)
		return;
	g_string_append(xml, "  <features>\n");
	for (char **feature = arch->qemu.libvirt_features; *feature; feature++)
		add(xml, "    <%s/>\n", *feature);
	g_string_append(xml, "  </features>\n");
}

/* A guest that crashes goes on to the end of its message; the event comes all the same. */
static void add_endings(GString *xml)
{
	g_string_append(xml, "  <on_poweroff>destroy</on_poweroff>\n"
			     "  <on_reboot>destroy</on_reboot>\n"
			     "  <on_crash>preserve</on_crash>\n");
}

static void add_devices(GString *xml, const VfDomain *domain)
{
	add(xml,
	    "  <devices>\n"
	    "    <emulator>%s</emulator>\n"
	    "    <controller type='usb' model='none'/>\n"
	    "    <memballoon model='none'/>\n"
	    "  </devices>\n",
	    domain->emulator);
}

/* As guest/qemu-child.c: a stray guest on this machine is found by it. */
static void add_environment(GString *xml, const VfOwner *owner)
{
	add(xml, "    <qemu:env name='" VF_QEMU_ENV_RUN "' value='%s'/>\n", owner->run);
	add(xml, "    <qemu:env name='" VF_QEMU_ENV_PID "' value='%" G_GUINT64_FORMAT "'/>\n",
	    owner->pid);
	add(xml, "    <qemu:env name='" VF_QEMU_ENV_START "' value='%" G_GUINT64_FORMAT "'/>\n",
	    owner->start);
}

static gboolean add_command_line(GString *xml, const VfGuestSpec *spec, const VfDomain *domain,
				 GError **error)
{
	g_auto(GStrv) argv = vf_qemu_further_argv(spec, &domain->files, error);

	if (!argv)
		return FALSE;
	g_string_append(xml, "  <qemu:commandline>\n");
	for (char **word = argv; *word; word++)
		add(xml, "    <qemu:arg value='%s'/>\n", *word);
	add_environment(xml, domain->owner);
	g_string_append(xml, "  </qemu:commandline>\n");
	return TRUE;
}

char *vf_domain_xml(const VfGuestSpec *spec, const VfDomain *domain, GError **error)
{
	g_autoptr(GString) xml =
		g_string_new("<domain type='qemu' xmlns:qemu='" QEMU_NAMESPACE "'>\n");
	g_autofree char *owner = vf_owner_xml(domain->owner);

	add(xml, "  <name>%s</name>\n", domain->name);
	add(xml, "  <title>%s</title>\n", spec->task->name);
	g_string_append_printf(xml, "  <metadata>\n    %s\n  </metadata>\n", owner);
	add_system(xml, spec, domain);
	add_features(xml, spec->task->arch);
	add_endings(xml);
	add_devices(xml, domain);
	if (!add_command_line(xml, spec, domain, error))
		return NULL;
	g_string_append(xml, "</domain>\n");
	return g_string_free(g_steal_pointer(&xml), FALSE);
}
