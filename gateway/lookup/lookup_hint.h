/*
 * lookup_hint.h: how often hints have look-ups forgotten
 *
 * Pure.  Any role may send hints.  A hint for one group is followed at once, up to so many in a
 * second; one beyond that, and one for all, has everything forgotten, at most once a second.  So
 * none is followed later than after a second, and a flood costs a bounded number of look-ups.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_HINT_H
#define GATEWAY_LOOKUP_LOOKUP_HINT_H

#include <stdbool.h>
#include <stdint.h>

#define LOOKUP_HINTS_MOST 200 /* groups, in a second */
#define LOOKUP_HINT_PAUSE_MS 1000

/* All zero at first. */
typedef struct LookupHints
{
	uint64_t second_ms; /* when the present second began */
	unsigned followed;	/* in it */
	bool	 all;		/* wanted */
	uint64_t all_not_before_ms;
} LookupHints;

/* A hint for one group: true, if that is to be forgotten now. */
extern bool lookup_hint_group(LookupHints *hints, uint64_t now_ms);

/* A hint for all. */
extern void lookup_hint_all(LookupHints *hints);

/* To be asked after each hint, and now and then: is everything to be forgotten now? */
extern bool lookup_hint_due(LookupHints *hints, uint64_t now_ms);

#endif /* GATEWAY_LOOKUP_LOOKUP_HINT_H */
