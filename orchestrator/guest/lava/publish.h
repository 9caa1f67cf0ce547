// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gets a task's artefacts to where the lab takes them from. Names are content, so that what is
 * there already is right and is left alone; the lab checks the hash once more.
 */
#pragma once

#include "guest/lava/client.h"
#include "guest/lava/definition.h"

/*
 * VF_ERROR_IO: the directory; VF_ERROR_HARNESS: the server refuses, or stays out of reach for the
 * lab's patience; VF_ERROR_USAGE: its token; VF_ERROR_CANCELLED.
 */
void vf_lava_publish_async(VfLava *lava, const VfLavaFiles *files, GCancellable *cancellable,
			   GAsyncReadyCallback done, gpointer data);
gboolean vf_lava_publish_finish(GAsyncResult *result, GError **error);
