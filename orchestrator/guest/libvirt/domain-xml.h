// SPDX-License-Identifier: GPL-2.0-or-later
/* The description of a guest for libvirt: a function of the descriptions and of System.map. */
#pragma once

#include "guest/guest.h"
#include "guest/owner.h"
#include "guest/qemu/qemu-argv.h"

typedef struct VfDomain {
	const char *name;
	const char *emulator; /* path on the host */
	const VfOwner *owner;
	VfQemuFiles files; /* paths on the host */
} VfDomain;

/* What libvirt calls the architecture that @arch's emulator emulates. Points into @arch. */
const char *vf_domain_arch(const VfArch *arch);

/* -machine without its properties. Caller frees. */
char *vf_domain_machine(const VfBoard *board);

/*
 * A transient domain. libvirt's own devices are switched off; those of the board and the job come
 * as the words of QEMU's command line that the other back end uses (libvirt cannot place a card on
 * every board, and knows no plugins). Caller frees. VF_ERROR_IO when System.map cannot be read.
 */
char *vf_domain_xml(const VfGuestSpec *spec, const VfDomain *domain, GError **error);
