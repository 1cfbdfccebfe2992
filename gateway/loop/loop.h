/*
 * loop.h: the event loop of a worker, and the state that each part of the worker may use
 */
#ifndef GATEWAY_LOOP_LOOP_H
#define GATEWAY_LOOP_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>

#include "config/settings.h"
#include "loop/counters.h"

/* Owned by the worker, and borrowed by all parts of the worker. */
typedef struct Loop
{
	struct event_base *base;
	Settings		  *settings; /* a reload replaces them */
	bool			   stopping; /* no move begins any more, and no connection is kept */
	Counters		   counters;
} Loop;

#endif /* GATEWAY_LOOP_LOOP_H */
