/*
 * outlet.h: writes lines to a descriptor, and never waits for the reader
 *
 * A line that can't be written at once is kept, up to a bound. A line beyond the bound is lost,
 * and so are all lines after it until the kept lines are written. So there is one gap, and its
 * position and its number of lines are known.
 */
#ifndef GATEWAY_BASE_OUTLET_H
#define GATEWAY_BASE_OUTLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define OUTLET_KEPT_MOST (1 << 20)

typedef enum OutletKind
{
	OUTLET_FILE,   /* writing to a disk never waits for long */
	OUTLET_PIPE,   /* a pipe or FIFO; it may be shared with processes that want to wait */
	OUTLET_SOCKET, /* a socket; it may be shared, too */
	OUTLET_OPENED, /* a terminal that was opened once more, so that writing does not wait */
	OUTLET_POLLED  /* a terminal that could not be opened again: polled before each write */
} OutletKind;

typedef struct Outlet
{
	int		   fd; /* owned; -1: none, and all lines vanish uncounted */
	OutletKind kind;
	int		   problem;	  /* errno of the last write, if it failed */
	bool	   begun;	  /* the first kept line was written in part */
	Buffer	   kept;	  /* lines not written yet */
	uint64_t   lost;	  /* lost lines that outlet_tell has not told yet */
	uint64_t   lost_ever; /* lost lines in all */
} Outlet;

#define OUTLET_NONE \
	{ \
		.fd = -1 \
	}

/*
 * Send lines to fd from now on (consumed; -1: nowhere). The kept lines go there, too, but not the
 * rest of a line that was written in part. Neither fd nor the description that it shares with
 * other processes is changed.
 */
extern void outlet_open(Outlet *outlet, int fd);

/* Keep a line for writing. It ends with its only line feed. False: the line is lost. */
extern bool outlet_put(Outlet *outlet, const char *line, size_t length);

/* Write as many of the kept lines as possible without waiting. True if none is left. */
extern bool outlet_flush(Outlet *outlet);

/* Return how many lines were lost since the last call. While lines are kept, return 0. */
extern uint64_t outlet_tell(Outlet *outlet);

/*
 * Write the kept lines, wait up to patience_ms for a reader, and close the descriptor. Lines that
 * are not written then are lost. The counts stay.
 */
extern void outlet_close(Outlet *outlet, unsigned patience_ms);

/* Forget, in a child, the lines that were kept and counted: they are the parent's. */
extern void outlet_forked(Outlet *outlet);

/* Return why lines are kept or lost; static memory. */
extern const char *outlet_problem(const Outlet *outlet);

#endif /* GATEWAY_BASE_OUTLET_H */
