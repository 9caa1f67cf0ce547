// SPDX-License-Identifier: GPL-2.0-or-later
/* Unpacks the tarball on its standard input below the directory in its argument; build/unpack.h. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel/unpack.h"

#ifdef __SANITIZE_ADDRESS__
/* The sandbox refuses ptrace, without which leaks cannot be looked for. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	/* a file above the limit is an error that can be told */
	signal(SIGXFSZ, SIG_IGN);
	/* names are bytes; libarchive converts those of pax headers to the locale's character set */
	setlocale(LC_ALL, "C.UTF-8");
	if (argc == 2 && vf_unpack(STDIN_FILENO, argv[1], &vf_unpack_limits, &error))
		return 0;
	fprintf(stderr, "error: %s\n", error ? error->message : "expected one directory");
	return 1;
}
