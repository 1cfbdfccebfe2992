/*
 * pace.c: how many moves may wait, from how long they take
 */
#include "pace.h"

#define WEIGHT 8 /* the last one is an eighth of the mean */

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

	if (now->waiting < now->idle)
		return true;
	/* Before anything is known, as many as are served at once. */
	if (pace->took_us == 0)
		return now->waiting < serving;
	/* As many before it as end within that time. */
	return now->waiting < within_us * serving / pace->took_us;
}
