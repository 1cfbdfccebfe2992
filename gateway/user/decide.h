/*
 * decide.h: where a request goes, from what the roster knows
 *
 * Pure.
 */
#ifndef GATEWAY_USER_DECIDE_H
#define GATEWAY_USER_DECIDE_H

#include "base/span.h"
#include "routing/state.h"

typedef enum Route
{
	ROUTE_PRODUCTION,
	ROUTE_GRAY,
	ROUTE_MOVE, /* the data is not where it is wanted: ask gray_route */
	ROUTE_WAIT	/* not to be said now; not by decide_route */
} Route;

/* The release, as the registry has it. */
typedef struct Release
{
	const char *name; /* borrowed */
	bool		is_open;
	unsigned	percent_hundredths; /* 0 .. 10000 */
	Side		stuck_side;
} Release;

/* Is the user's data wanted in gray: open, and in the cohort by list or percentage. */
extern bool decide_want(const Release *release, Span uid, bool listed);

/* By the table in docs/concepts.md ("States"), which is in routing/state.c. */
extern Route decide_route(State state, bool want, Side stuck_side);

/* Reads "12.50" or "100" into hundredths; false if it is neither or out of range. */
extern bool decide_parse_percent(Span text, unsigned *hundredths);

#endif /* GATEWAY_USER_DECIDE_H */
