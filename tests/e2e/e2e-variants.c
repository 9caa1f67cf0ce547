// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the farm is there for: with the series no stale byte on any architecture; without the body
 * of vflush() the cache model is red where a cache aliases, and nowhere else; and Linux as it is.
 */
#include "harness.h"

typedef struct Row {
	const char *test;
	const char *status;
	const char *window; /* of a FAIL: how the names of all windows with hazards begin */
} Row;

/* The table of docs/model.md; capture-video of full is in e2e/farm and e2e/libvirt. */
static const Row full[] = {
	{"hppa/default/capture-ts/full", "PASS", NULL},
	{"hppa/default/vflush/full", "PASS", NULL},
	{"mips64/default/capture-ts/full", "PASS", NULL},
	{"mips64/default/vflush/full", "PASS", NULL},
	{"sparc64/default/capture-ts/full", "PASS", NULL},
	{"sparc64/default/vflush/full", "PASS", NULL},
	{"x86_64/default/capture-ts/full", "PASS", NULL},
	{"x86_64/default/vflush/full", "PASS", NULL},
};

static const Row linear[] = {
	{"hppa/default/capture-ts/linear", "PASS", NULL},
	{"hppa/default/capture-video/linear", "PASS", NULL},
	{"mips64/default/capture-ts/linear", "PASS", NULL},
	{"mips64/default/capture-video/linear", "PASS", NULL},
	{"sparc64/default/capture-ts/linear", "PASS", NULL},
	{"sparc64/default/capture-video/linear", "PASS", NULL},
	{"x86_64/default/capture-ts/linear", "PASS", NULL},
	{"x86_64/default/capture-video/linear", "PASS", NULL},
};

static const Row nov[] = {
	{"hppa/default/capture-ts/nov", "FAIL", "capture-ts/"},
	{"hppa/default/capture-video/nov", "FAIL", "capture-video/"},
	{"hppa/default/vflush/nov", "FAIL", "vflush/"},
	{"mips64/default/capture-ts/nov", "FAIL", "capture-ts/"},
	/* dma_sync of pieces as large as the cache empties all of it */
	{"mips64/default/capture-video/nov", "PASS", NULL},
	{"mips64/default/vflush/nov", "FAIL", "vflush/"},
	{"sparc64/default/capture-ts/nov", "PASS", NULL},
	{"sparc64/default/capture-video/nov", "PASS", NULL},
	/* hardware keeps DMA coherent there; what the CPU stores through another address is not */
	{"sparc64/default/vflush/nov", "FAIL", "vflush/pio_"},
	{"x86_64/default/capture-ts/nov", "PASS", NULL},
	{"x86_64/default/capture-video/nov", "PASS", NULL},
	{"x86_64/default/vflush/nov", "PASS", NULL},
};

/* The driver takes the CPU's pages for the card's on sparc64. */
static const Row base[] = {
	{"hppa/default/capture-ts/base", "FAIL", "capture-ts/"},
	{"mips64/default/capture-ts/base", "FAIL", "capture-ts/"},
	{"sparc64/default/capture-ts/base", "FAIL", NULL},
	{"x86_64/default/capture-ts/base", "PASS", NULL},
};

/* Every hazard in a tested buffer, of every attempt, lies in a window whose name begins so. */
static void check_windows(json_t *test, const char *prefix)
{
	json_t *attempts = json_object_get(test, "attempts"), *attempt, *hazard;
	guint found = 0;
	gsize i, j;

	json_array_foreach (attempts, i, attempt) {
		json_array_foreach (json_object_get(attempt, "hazards"), j, hazard) {
			const char *window = json_string_value(json_object_get(hazard, "window"));
			const char *pa = json_string_value(json_object_get(hazard, "pa"));

			if (g_strcmp0(json_string_value(json_object_get(hazard, "bucket")),
				      "target"))
				continue;
			/* the sum of those too many to be kept has no place */
			if (!pa || !*pa)
				continue;
			g_assert_nonnull(window);
			/* a purge of what nobody reads again is told, but is no mistake */
			if (g_strcmp0(json_string_value(json_object_get(hazard, "class")),
				      "P-armed"))
				g_assert_true(g_str_has_prefix(window, prefix));
			found++;
		}
	}
	g_assert_cmpuint(found, >, 0);
}

static void check(json_t *results, const Row *rows, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_test_message("%s: %s", rows[i].test, results_reason(results, rows[i].test));
		g_assert_cmpstr(results_status(results, rows[i].test), ==, rows[i].status);
		if (rows[i].window)
			check_windows(results_test(results, rows[i].test), rows[i].window);
	}
}

/* Hazards of any class that the report at @path counts, silent ones left out. */
static gint64 count_hazards(const char *path)
{
	static const char *const classes[] = {"R", "A", "U", "W-armed", "W", "P", "D", "C"};
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gint64 n = 0;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		json_auto_t *record = json_loads(lines[i], 0, NULL);

		if (g_strcmp0(json_string_value(json_object_get(record, "type")), "coverage"))
			continue;
		for (gsize k = 0; k < G_N_ELEMENTS(classes); k++)
			n += json_integer_value(json_object_get(record, classes[k]));
	}
	return n;
}

/*
 * The same guest once more, everything watched from reset, but the model does not see flushes
 * through temporary aliases: were it still clean, a clean boot would mean nothing.
 */
static void check_blind(Farm *farm)
{
	static const char options[] = ",track=all,arm=start,ignore=tmpalias";
	g_autoptr(Outcome) repro = farm_call(farm, "repro", "hppa/default/capture-ts/full", NULL);
	g_autofree char *report = g_build_filename(farm->state, "blind.jsonl", NULL);
	g_autofree char *out = g_strdup_printf("out=%s", report);
	g_autoptr(GString) line = g_string_new(repro->out);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) shell = NULL;

	g_assert_cmpuint(g_string_replace(line, "out=/dev/null", out, 0), ==, 1);
	g_assert_cmpuint(g_string_replace(line, ",track=dma,arm=dma", options, 0), ==, 1);
	shell = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
					 G_SUBPROCESS_FLAGS_STDERR_SILENCE,
				 &error, "timeout", "600", "sh", "-c", line->str, NULL);
	g_assert_no_error(error);
	g_assert_true(g_subprocess_wait_check(shell, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpint(count_hazards(report), >, 1000);
}

/* Runs @jobs of @variant on the default boards. */
static Farm *run_variant(const char *variant, const char *jobs, const Row *rows, gsize n,
			 int status)
{
	Farm *farm = farm_new();
	g_autoptr(Outcome) outcome =
		farm_call(farm, "run", "--arch", "all", "--board", "default", "--job", jobs,
			  "--variant", variant, "--format", "json", NULL);
	json_auto_t *results = outcome_json(outcome);

	check(results, rows, n);
	g_assert_cmpint(outcome->status, ==, status);
	return farm;
}

static void test_full(void)
{
	g_autoptr(Farm) farm =
		run_variant("full", "vflush,capture-ts", full, G_N_ELEMENTS(full), 0);

	check_blind(farm);
}

static void test_linear(void)
{
	g_autoptr(Farm) farm =
		run_variant("linear", "capture-ts,capture-video", linear, G_N_ELEMENTS(linear), 0);
}

static void test_base(void)
{
	g_autoptr(Farm) farm = run_variant("base", "capture-ts", base, G_N_ELEMENTS(base), 1);
}

/* A maintainer has to see where, through which addresses, and how often a real cache would. */
static void check_why(Farm *farm)
{
	g_autoptr(Outcome) why = farm_call(farm, "why", "hppa/default/capture-ts/nov", NULL);

	assert_contains(why->out, " at vpeirq drivers/media/pci/ttpci/budget-core.c:");
	assert_contains(why->out, "written by");
	assert_contains(why->out, "aliases");
	assert_contains(why->out, "caches of real size: 64 KiB ");
}

static void test_nov(void)
{
	g_autoptr(Farm) farm =
		run_variant("nov", "vflush,capture-ts,capture-video", nov, G_N_ELEMENTS(nov), 1);

	check_why(farm);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/variants/full", test_full);
	g_test_add_func("/variants/nov", test_nov);
	g_test_add_func("/variants/linear", test_linear);
	g_test_add_func("/variants/base", test_base);
	return g_test_run();
}
