// SPDX-License-Identifier: GPL-2.0-or-later
/* The answers of questions.h for people. Everything that came from a guest is escaped. */
#pragma once

#include <jansson.h>
#include <stdio.h>

void vf_questions_print_history(const json_t *history, FILE *out);
void vf_questions_print_comparison(const json_t *comparison, FILE *out);
