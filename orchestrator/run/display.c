// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/display.h"

#include <string.h>
#include <unistd.h>

#include "base/screen.h"
#include "base/text.h"

enum { REDRAW_MS = 200 };

typedef struct Item {
	char *name;
	char *what;
	char *detail; /* NULL: none */
	double fraction;
	int tenth; /* last one that plain mode printed */
	gint64 since;
} Item;

struct VfDisplay {
	VfDisplayMode mode;
	FILE *out;
	gboolean live, colour;
	gint64 started;
	guint total, done;
	GPtrArray *items; /* of Item, in the order in which they came */
	guint drawn;	  /* live lines on the screen now */
	guint timer;
};

static const char *const colours[] = {
	[VF_STATUS_SKIP] = "\033[2m",	[VF_STATUS_DONE] = "\033[36m",
	[VF_STATUS_PASS] = "\033[32m",	[VF_STATUS_MISS] = "\033[35m",
	[VF_STATUS_ERROR] = "\033[33m", [VF_STATUS_FAIL] = "\033[31m",
};

static void item_free(gpointer data)
{
	Item *item = data;

	g_free(item->name);
	g_free(item->what);
	g_free(item->detail);
	g_free(item);
}

static double seconds_since(gint64 start)
{
	return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

static void erase(VfDisplay *display)
{
	if (display->drawn)
		fprintf(display->out, "\033[%uA\033[J", display->drawn);
	display->drawn = 0;
}

static void draw_line(const VfDisplay *display, const Item *item, guint columns)
{
	g_autofree char *percent = item->fraction < 0
					   ? g_strdup("")
					   : g_strdup_printf(" %2.0f %%", 100 * item->fraction);
	g_autofree char *shown = NULL;
	g_autofree char *line =
		g_strdup_printf("%-34s %s%s  %.0f s%s%s", item->name, item->what, percent,
				seconds_since(item->since), item->detail ? "  " : "",
				item->detail ? item->detail : "");

	shown = vf_text_escape(line, -1, 0);
	fprintf(display->out, "%.*s\n", (int)columns - 1, shown);
}

static void draw(VfDisplay *display)
{
	guint rows, columns, shown;

	if (!display->live)
		return;
	rows = vf_screen_rows(display->out, 24);
	columns = vf_screen_columns(display->out, 80);
	shown = MIN(display->items->len, rows > 4 ? rows - 4 : 1);
	erase(display);
	for (guint i = 0; i < shown; i++)
		draw_line(display, display->items->pdata[i], columns);
	display->drawn = shown;
	if (display->total) {
		g_autofree char *elapsed = vf_text_duration(seconds_since(display->started));

		fprintf(display->out, "%u of %u tasks done, %s\n", display->done, display->total,
			elapsed);
		display->drawn++;
	}
	fflush(display->out);
}

static gboolean on_timer(gpointer data)
{
	draw(data);
	return G_SOURCE_CONTINUE;
}

VfDisplay *vf_display_new(VfDisplayMode mode, FILE *out, guint total)
{
	VfDisplay *display = g_new0(VfDisplay, 1);
	const char *term = g_getenv("TERM");
	gboolean terminal = isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;

	display->mode = mode;
	display->out = out;
	display->live = mode == VF_DISPLAY_AUTO && terminal;
	display->colour = display->live && !g_getenv("NO_COLOR");
	display->started = g_get_monotonic_time();
	display->total = total;
	display->items = g_ptr_array_new_with_free_func(item_free);
	if (display->live)
		display->timer = g_timeout_add(REDRAW_MS, on_timer, display);
	return display;
}

void vf_display_free(VfDisplay *display)
{
	if (!display)
		return;
	if (display->timer)
		g_source_remove(display->timer);
	if (display->live)
		erase(display);
	fflush(display->out);
	g_ptr_array_unref(display->items);
	g_free(display);
}

static Item *find(VfDisplay *display, const char *name)
{
	for (guint i = 0; i < display->items->len; i++) {
		Item *item = display->items->pdata[i];

		if (!strcmp(item->name, name))
			return item;
	}
	return NULL;
}

static void print_plain(VfDisplay *display, const char *item, const char *text)
{
	fprintf(display->out, "[%7.1f s] %s: %s\n", seconds_since(display->started), item, text);
	fflush(display->out);
}

static void progress_plain(VfDisplay *display, Item *item, gboolean changed)
{
	int tenth = item->fraction < 0 ? -1 : (int)(10 * item->fraction);
	g_autofree char *text = NULL;

	if (!changed && tenth == item->tenth)
		return;
	item->tenth = tenth;
	text = tenth < 0 ? g_strdup(item->what)
			 : g_strdup_printf("%s %d %%", item->what, 10 * tenth);
	print_plain(display, item->name, text);
}

void vf_display_progress(VfDisplay *display, const char *name, const char *what, const char *detail,
			 double fraction)
{
	Item *item = find(display, name);
	gboolean changed = !item || strcmp(item->what, what) != 0;

	if (display->mode == VF_DISPLAY_QUIET)
		return;
	if (!item) {
		item = g_new0(Item, 1);
		item->name = g_strdup(name);
		item->since = g_get_monotonic_time();
		item->tenth = -2;
		g_ptr_array_add(display->items, item);
	}
	if (changed) {
		g_free(item->what);
		item->what = g_strdup(what);
	}
	g_free(item->detail);
	item->detail = g_strdup(detail);
	item->fraction = fraction;
	if (!display->live)
		progress_plain(display, item, changed);
}

void vf_display_drop(VfDisplay *display, const char *name)
{
	Item *item = find(display, name);

	if (item)
		g_ptr_array_remove(display->items, item);
}

void vf_display_done(VfDisplay *display, const char *name, VfStatus status, const char *reason,
		     double seconds, gboolean counts)
{
	g_autofree char *took = vf_text_duration(seconds);
	g_autofree char *why = vf_text_escape(reason ? reason : "", -1, 0);
	g_autofree char *text = NULL;

	vf_display_drop(display, name);
	display->done += counts;
	if (display->mode == VF_DISPLAY_QUIET)
		return;
	text = g_strdup_printf("%s%-5s%s %s (%s)", display->colour ? colours[status] : "",
			       vf_status_name(status), display->colour ? "\033[0m" : "", why, took);
	if (!display->live) {
		print_plain(display, name, text);
		return;
	}
	erase(display);
	fprintf(display->out, "%-34s %s\n", name, text);
	draw(display);
}

void vf_display_count(VfDisplay *display)
{
	display->done++;
}

void vf_display_note(VfDisplay *display, const char *format, ...)
{
	g_autofree char *text = NULL, *shown = NULL;
	va_list args;

	if (display->mode == VF_DISPLAY_QUIET)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	shown = vf_text_escape_lines(text);
	if (display->live)
		erase(display);
	fprintf(display->out, "%s\n", shown);
	draw(display);
	fflush(display->out);
}
