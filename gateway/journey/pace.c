/*
 * pace.c: decides how many moves may wait, from how long moves take
 */
#include "journey/pace.h"

#define WEIGHT 8		 /* the last move is an eighth of the mean */
#define ASSUMED_US 20000 /* assumed duration of a move, before any has ended */

void
pace_took(Pace *pace, uint64_t us)
{
	us = us > 0 ? us : 1;
	pace->took_us = pace->took_us == 0 ? us : (pace->took_us * (WEIGHT - 1) + us) / WEIGHT;
	pace->took_us = pace->took_us > 0 ? pace->took_us : 1;
}

bool
pace_admits(const Pace *pace, const PaceNow *now, uint64_t within_us)
{
	uint64_t serving = now->idle + now->working;
	uint64_t took_us = pace->took_us != 0 ? pace->took_us : ASSUMED_US;

	if (now->waiting < now->idle)
		return true;
	/* No more moves may be before it than end within that time. */
	return now->waiting < within_us * serving / took_us;
}
