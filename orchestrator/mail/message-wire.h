// SPDX-License-Identifier: GPL-2.0-or-later
/* A mail as bytes, for the way from the process that parses it to the one that believes it. */
#pragma once

#include "mail/message.h"

/* New reference. */
GBytes *vf_message_pack(const VfMessage *message);

/*
 * @bytes come from a process that a mail may have taken over: what vf_message_parse() promises is
 * checked again. VF_ERROR_PROTOCOL: it does not hold.
 */
VfMessage *vf_message_unpack(GBytes *bytes, GError **error);
