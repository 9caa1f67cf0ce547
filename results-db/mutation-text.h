// SPDX-License-Identifier: GPL-2.0-or-later
/* An experiment for people. */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* @mutation: {score, architectures, mutants} of vf_mutation_score(). */
void vf_results_print_mutation(const json_t *mutation, FILE *out);
