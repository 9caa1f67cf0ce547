// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mail/inbox.h"

struct VfInbox {
	VfDb *db;
};
