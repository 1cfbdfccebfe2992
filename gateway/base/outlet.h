/*
 * outlet.h: where lines go, without ever waiting for who takes them
 *
 * What can't be written at once is kept, up to a bound.  A line beyond it is lost, and so
 * are those after it until all that is kept has gone: there is one gap, and it is known
 * where it is and how many lines are in it.
 */
#ifndef GATEWAY_BASE_OUTLET_H
#define GATEWAY_BASE_OUTLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define OUTLET_KEPT_MOST (1 << 20)

typedef enum OutletKind
{
	OUTLET_FILE,   /* a disk is not waited for long */
	OUTLET_PIPE,   /* also a FIFO; perhaps shared with processes that want to wait */
	OUTLET_SOCKET, /* likewise */
	OUTLET_OPENED, /* a terminal, opened once more so as not to wait */
	OUTLET_POLLED  /* one that could not be opened: asked before each write */
} OutletKind;

typedef struct Outlet
{
	int		   fd; /* owned; -1: none, and all lines vanish uncounted */
	OutletKind kind;
	int		   problem;	  /* errno of the last write, if it failed */
	bool	   begun;	  /* the first line kept is written in part */
	Buffer	   kept;	  /* lines */
	uint64_t   lost;	  /* lines, not told yet */
	uint64_t   lost_ever; /* lines */
} Outlet;

#define OUTLET_NONE \
	{ \
		.fd = -1 \
	}

/*
 * From now on lines go to fd (consumed; -1: nowhere), those that are kept as well, but for
 * the rest of one that is begun.  Neither fd nor what it shares with other processes is changed.
 */
extern void outlet_open(Outlet *outlet, int fd);

/* Keeps a line, which ends with its only line feed, to be written; false: it is lost. */
extern bool outlet_put(Outlet *outlet, const char *line, size_t length);

/* Writes what is kept as far as that goes at once.  True if nothing is left. */
extern bool outlet_flush(Outlet *outlet);

/* When nothing is kept: how many lines were lost since that was asked last; else 0. */
extern uint64_t outlet_tell(Outlet *outlet);

/*
 * Writes what is kept, waiting for a reader up to so many milliseconds, and closes the descriptor.
 * What is not written then is lost.  Counts stay.
 */
extern void outlet_close(Outlet *outlet, unsigned patience_ms);

/* In a child: what is kept and counted is the parent's. */
extern void outlet_forked(Outlet *outlet);

/* Why lines are kept or lost; static memory. */
extern const char *outlet_problem(const Outlet *outlet);

#endif /* GATEWAY_BASE_OUTLET_H */
