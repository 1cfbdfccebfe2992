/*
 * grave.c: frees closed objects when the turn of the loop is over
 */
#include "base/grave.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"

typedef struct Buried
{
	void *thing;
	void (*release)(void *thing);
} Buried;

static Buried *buried;
static size_t  count;
static size_t  room;

void
grave_bury(void *thing, void (*release)(void *thing))
{
	if (count == room)
	{
		room = room > 0 ? room * 2 : 64;
		buried = memory_resize(buried, room * sizeof(*buried));
	}
	buried[count++] = (Buried){thing, release};
}

void
grave_empty(void)
{
	/* a release function may bury further things */
	while (count > 0)
	{
		Buried last = buried[--count];

		last.release(last.thing);
	}
}

void
grave_close(void)
{
	grave_empty();
	free(buried);
	buried = NULL;
	room = 0;
}
