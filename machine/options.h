// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of modules, and setting their options: for plugin.c. */
#ifndef VIFARM_OPTIONS_H
#define VIFARM_OPTIONS_H

#include "vifarm.h"

/* Elements: const VfModule *. Never empty: the output is a module too. */
const GPtrArray *vf_modules(void);

/* @argument is NAME=VALUE. An unknown name is an error that lists the known ones. */
bool vf_option_set(const char *argument, GError **error);

#endif
