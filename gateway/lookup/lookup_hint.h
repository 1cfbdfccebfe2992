/*
 * lookup_hint.h: tells how often hints make the gateway forget answers of look-ups
 *
 * The functions are pure. Any role may send hints. A hint for one group is followed at once, up
 * to a number in a second. A hint beyond that, and a hint for all, makes the gateway forget
 * everything, at most once a second. So each hint is followed within a second, and a flood of
 * hints costs a bounded number of look-ups.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_HINT_H
#define GATEWAY_LOOKUP_LOOKUP_HINT_H

#include <stdbool.h>
#include <stdint.h>

#define LOOKUP_HINTS_MOST 200 /* groups in a second */
#define LOOKUP_HINT_PAUSE_MS 1000

/* All zero at first. */
typedef struct LookupHints
{
	uint64_t second_ms; /* when the present second began */
	unsigned followed;	/* hints followed in the present second */
	bool	 all;		/* everything is to be forgotten */
	uint64_t all_not_before_ms;
} LookupHints;

/* Note a hint for one group. Return true if the group is to be forgotten now. */
extern bool lookup_hint_group(LookupHints *hints, uint64_t now_ms);

/* Note a hint for all. */
extern void lookup_hint_all(LookupHints *hints);

/* Is everything to be forgotten now? To be asked after each hint, and now and then. */
extern bool lookup_hint_due(LookupHints *hints, uint64_t now_ms);

#endif /* GATEWAY_LOOKUP_LOOKUP_HINT_H */
