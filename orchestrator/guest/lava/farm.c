// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/farm.h"

#include "base/dirs.h"
#include "base/error.h"

VfLavaFarm *vf_lava_farm_new(const VfLab *lab, GError **error)
{
	VfLava *lava = vf_lava_new(lab, error);
	VfLavaFarm *farm;

	if (!lava)
		return NULL;
	farm = g_new0(VfLavaFarm, 1);
	farm->backend = vf_guest_lava;
	farm->lava = lava;
	return farm;
}

void vf_lava_farm_free(VfLavaFarm *farm)
{
	if (!farm)
		return;
	vf_journal_close(farm->journal);
	vf_lava_free(farm->lava);
	g_free(farm);
}

typedef struct Check {
	GMainLoop *loop;
	GError *error;
	VfLava *lava;
} Check;

static void on_whoami(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Check *check = data;
	g_autoptr(VfHttpAnswer) answer = vf_lava_once_finish(result, NULL, &check->error);

	if (answer)
		vf_lava_accept(check->lava, answer, &check->error);
	g_main_loop_quit(check->loop);
}

gboolean vf_lava_farm_check(VfLavaFarm *farm, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Check check = {.loop = loop, .lava = farm->lava};

	vf_lava_once_async(farm->lava, "GET", "system/whoami/", NULL, NULL, on_whoami, &check);
	g_main_loop_run(loop);
	if (check.error)
		g_propagate_error(error, check.error);
	return !check.error;
}

char *vf_lava_farm_journal(const char *run)
{
	return g_build_filename(vf_dirs_state(), "runs", run, "lava.jsonl", NULL);
}
