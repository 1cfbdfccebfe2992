/*
 * decide.h: decides from the roster's knowledge where a request goes
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
	ROUTE_MOVE, /* the data is not on the wanted side: ask gray_route */
	ROUTE_WAIT	/* the route is not known yet; decide_route never returns this */
} Route;

/* A release as the registry describes it. */
typedef struct Release
{
	const char *name; /* borrowed */
	bool		is_open;
	unsigned	percent_hundredths; /* 0 .. 10000 */
	Side		stuck_side;
} Release;

/*
 * Is the user's data wanted in gray? It is if the release is open and the user is in the cohort,
 * by list or percentage.
 */
extern bool decide_want(const Release *release, Span uid, bool listed);

/*
 * Return the route by the table in docs/concepts.md ("States"), which routing/state.c implements.
 */
extern Route decide_route(State state, bool want, Side stuck_side);

/* Read "12.50" or "100" into hundredths. False if the text is no percentage or is out of range. */
extern bool decide_parse_percent(Span text, unsigned *hundredths);

#endif /* GATEWAY_USER_DECIDE_H */
