// SPDX-License-Identifier: GPL-2.0-or-later
/* Root and an ordinary user get different sandboxes: root's tests run as both. */
#pragma once

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BOTH_USERS_MARK "VIFARM_TEST_ORDINARY_USER"

/*
 * Called by root, runs this program again as a user whom nobody else is, whose home is in /tmp,
 * and ends this one with its status if that is not 0. Does nothing for an ordinary user,
 * or with BOTH_USERS_MARK in the environment.
 */
static inline void both_users(void)
{
	static const char *const words[] = {
		"setpriv",	  "--reuid=2100000000", "--regid=2100000000",
		"--clear-groups", "--inh-caps=-all",	"--"};
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	const char *argv[G_N_ELEMENTS(words) + 2] = {0};
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) env = NULL;
	int status;

	if (geteuid() != 0 || g_getenv(BOTH_USERS_MARK))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		argv[i] = words[i];
	argv[G_N_ELEMENTS(words)] = self;
	env = g_environ_setenv(g_get_environ(), BOTH_USERS_MARK, "1", TRUE);
	env = g_environ_setenv(env, "HOME", "/tmp", TRUE);
	env = g_environ_unsetenv(env, "XDG_CACHE_HOME");
	env = g_environ_unsetenv(env, "XDG_STATE_HOME");
	printf("# as an ordinary user\n");
	fflush(stdout);
	if (!g_spawn_sync("/tmp", (char **)argv, env, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			  &status, &error))
		g_error("%s", error->message);
	if (status)
		exit(1);
	printf("# as root\n");
}
