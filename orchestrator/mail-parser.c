// SPDX-License-Identifier: GPL-2.0-or-later
/* Parses the mails that it gets on its standard input; see mail/parser.h. */
#include <unistd.h>

#include "mail/parser.h"

int main(void)
{
	_exit(vf_mail_parser_serve(STDIN_FILENO, vf_message_parse));
}
