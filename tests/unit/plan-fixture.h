// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small checkout in a scratch directory: two architectures, three jobs, two variants, one mutant.
 * The files are right; tests make one thing wrong at a time.
 */
#pragma once

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static const char fixture_board[] =
	"{\"title\": \"a board\", \"machine\": \"M100\", \"cpu\": null, \"memory_mib\": 256,"
	" \"smp\": 1, \"arguments\": [\"-nodefaults\"],"
	" \"console\": {\"serial\": 0, \"tty\": \"ttyS0\"},"
	" \"result\": {\"device\": [\"-device\", \"pci-serial,chardev=result\"],"
	" \"guest\": \"pci:1b36:0002\"},"
	" \"append\": \"console=ttyS0 panic=-1\", \"pvpanic\": [], \"pci_bus\": null,"
	" \"cache\": {\"index\": \"vipt\", \"size\": 65536, \"ways\": 2, \"line\": 32,"
	" \"colours\": 8, \"write\": \"back\", \"source\": \"a manual\"},"
	" \"snoop\": \"none\", \"limits\": []}";

/* Of the variant full, for patches/mutants/skips.json. */
static const char fixture_mutant[] =
	"{\"name\": \"skips\", \"title\": \"a mutant\", \"kind\": \"call\","
	" \"variant\": \"full\", \"jobs\": [\"boot\", \"alloc\"],"
	" \"red\": [{\"job\": \"boot\", \"on\": [\"alpha/default\"],"
	" \"hazards\": [\"R\", \"W-armed\"], \"failed\": null, \"reason\": null},"
	" {\"job\": \"alloc\", \"on\": [\"alpha/default\", \"alpha/big\"], \"hazards\": [],"
	" \"failed\": \"a/b\", \"reason\": \"bytes differ\"}]}";

/* Caller frees. */
static inline char *fixture_arch(const char *name, const char *second_board)
{
	g_autofree char *second =
		second_board ? g_strdup_printf(", \"%s\": %s", second_board, fixture_board)
			     : g_strdup("");

	return g_strdup_printf(
		"{\"name\": \"%s\", \"title\": \"an architecture\","
		" \"kernel\": {\"arch\": \"parisc\", \"cross_compile\": \"hppa-linux-gnu-\","
		" \"packages\": [\"gcc-hppa-linux-gnu\"], \"target\": \"vmlinux\","
		" \"image\": \"arch/x/boot/image\", \"config\": [\"common.config\"],"
		" \"objects\": 1200},"
		" \"guest\": {\"cc\": [\"gcc\"], \"flags\": [\"-static\"], \"packages\": []},"
		" \"qemu\": {\"binary\": \"qemu-system-x\", \"package\": \"qemu-system-misc\","
		" \"minimum\": \"10.0\"},"
		" \"page_size\": 4096, \"endian\": \"big\", \"bits\": 32,"
		" \"boards\": {\"default\": %s%s},"
		" \"model\": {\"decode\": \"hppa\", \"symbols\": [\"pcxl_dma_start\"]},"
		" \"triage\": [{\"class\": \"oops\", \"pattern\": \"Kernel Fault: (.*)\","
		" \"effect\": \"fatal\"}],"
		" \"limits\": [\"none worth a word\"]}",
		name, fixture_board, second);
}

/* @boards and @needs: JSON arrays. Caller frees. */
static inline char *fixture_job(const char *name, const char *boards, const char *needs)
{
	return g_strdup_printf(
		"{\"name\": \"%s\", \"title\": \"a job\", \"program\": \"%s\","
		" \"environment\": {\"rounds\": \"3\"}, \"timeout\": 120, \"silence\": 30,"
		" \"boards\": %s, \"needs\": %s, \"devices\": [\"saa7146,card=a{bus}\"],"
		" \"model\": {\"track\": \"dma\", \"arm\": \"window\", \"windows\": "
		"[\"vflush/ring\"],"
		" \"only\": [\"alpha\"]},"
		" \"append\": \"\", \"control\": \"what turns it red\", \"cases\": [\"a/b\"]}",
		name, name, boards, needs);
}

/* @series: JSON string or null; @provides: JSON array. Caller frees. */
static inline char *fixture_variant(const char *name, const char *series, const char *provides)
{
	return g_strdup_printf("{\"name\": \"%s\", \"title\": \"a variant\", \"series\": %s,"
			       " \"skip\": [], \"extra\": [], \"config\": [], \"provides\": %s}",
			       name, series, provides);
}

static inline void fixture_put(const char *path, char *text)
{
	scratch_write(path, text);
	g_free(text);
}

/* The architectures are alpha (boards default and big) and beta. */
static inline Scratch *fixture_new(void)
{
	Scratch *scratch = scratch_new();

	scratch_write("kernels/common.config", "CONFIG_NET=n\n");
	scratch_write("kernels/triage.json",
		      "{\"triage\": [{\"class\": \"panic\", \"pattern\": \"Kernel panic\"}]}");
	fixture_put("kernels/alpha/arch.json", fixture_arch("alpha", "big"));
	fixture_put("kernels/beta/arch.json", fixture_arch("beta", NULL));
	fixture_put("jobs/boot.json", fixture_job("boot", "[\"default\"]", "[]"));
	fixture_put("jobs/alloc.json",
		    fixture_job("alloc", "[\"default\", \"big\"]", "[\"dma_alloc_sg\"]"));
	fixture_put("jobs/wide.json", fixture_job("wide", "[\"big\"]", "[]"));
	scratch_write("patches/linux/series", "# first\n0001-a.patch\n\n  0002-b.patch\n");
	scratch_write("patches/linux/0001-a.patch", "");
	scratch_write("patches/linux/0002-b.patch", "");
	scratch_write("patches/extra/c.patch", "");
	scratch_write("patches/extra/c.config", "");
	scratch_write("patches/mutants/skips.patch", "");
	scratch_write("patches/mutants/skips.json", fixture_mutant);
	fixture_put("patches/variants/base.json", fixture_variant("base", "null", "[]"));
	fixture_put("patches/variants/full.json",
		    fixture_variant("full", "\"linux/series\"", "[\"dma_alloc_sg\"]"));
	return scratch;
}

/*
 * @text with the member at @path ("boards.default.smp", "triage.0.class") set to the JSON @value,
 * or taken out when that is NULL. Caller frees.
 */
static inline char *fixture_edit(const char *text, const char *path, const char *value)
{
	g_auto(GStrv) steps = g_strsplit(path, ".", -1);
	guint last = g_strv_length(steps) - 1;
	json_auto_t *root = json_loads(text, 0, NULL);
	json_t *at = root;

	for (guint i = 0; i < last; i++)
		at = json_is_array(at) ? json_array_get(at, (gsize)atoi(steps[i]))
				       : json_object_get(at, steps[i]);
	g_assert_nonnull(at);
	if (!value)
		g_assert_cmpint(json_object_del(at, steps[last]), ==, 0);
	else if (json_is_array(at))
		json_array_set_new(at, (gsize)atoi(steps[last]),
				   json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_set_new(at, steps[last], json_loads(value, JSON_DECODE_ANY, NULL));
	return json_dumps(root, 0);
}

/* One thing that is wrong, and the whole error after "FILE: ". */
typedef struct FixtureCase {
	const char *path, *value, *message;
} FixtureCase;
