// SPDX-License-Identifier: GPL-2.0-or-later
#include "calls.h"

#include <string.h>

#define STACK_BITS 14 /* THREAD_SIZE is 16 KiB on all of hppa, mips64, sparc64 and x86_64 */
#define STACKS	   256u
#define DEPTH	   64u

typedef struct Frame {
	guint64 depth; /* larger is further in */
	guint64 site;
} Frame;

typedef struct Stack {
	guint64 key;
	guint n;
	Frame frames[DEPTH];
} Stack;

struct VfCalls {
	gboolean up;
	Stack stacks[STACKS];
};

VfCalls *vf_calls_new(gboolean stack_grows_up)
{
	VfCalls *c = g_new0(VfCalls, 1);

	c->up = stack_grows_up;
	return c;
}

void vf_calls_free(VfCalls *c)
{
	g_free(c);
}

void vf_calls_reset(VfCalls *c)
{
	memset(c->stacks, 0, sizeof(c->stacks));
}

static guint slot(guint64 sp)
{
	return (sp >> STACK_BITS) % STACKS;
}

void vf_calls_note(VfCalls *c, guint64 sp, guint64 site)
{
	Stack *s = &c->stacks[slot(sp)];
	guint64 depth = c->up ? sp : ~sp;

	if (s->key != sp >> STACK_BITS) {
		s->key = sp >> STACK_BITS;
		s->n = 0;
	}
	while (s->n && s->frames[s->n - 1].depth >= depth)
		s->n--;
	if (s->n == DEPTH)
		memmove(s->frames, s->frames + 1, --s->n * sizeof(Frame));
	s->frames[s->n++] = (Frame){depth, site};
}

guint vf_calls_chain(const VfCalls *c, guint64 sp, guint64 *sites, guint max)
{
	const Stack *s = &c->stacks[slot(sp)];
	guint64 depth = c->up ? sp : ~sp;
	guint n = 0;

	if (s->key != sp >> STACK_BITS)
		return 0;
	for (guint i = s->n; i-- && n < max;)
		if (s->frames[i].depth <= depth)
			sites[n++] = s->frames[i].site;
	return n;
}
