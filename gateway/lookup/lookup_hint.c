/*
 * lookup_hint.c: how often hints have look-ups forgotten
 */
#include "lookup/lookup_hint.h"

bool
lookup_hint_group(LookupHints *hints, uint64_t now_ms)
{
	if (now_ms >= hints->second_ms + 1000)
	{
		hints->second_ms = now_ms;
		hints->followed = 0;
	}
	if (hints->followed >= LOOKUP_HINTS_MOST)
	{
		lookup_hint_all(hints);
		return false;
	}
	hints->followed++;
	return true;
}

void
lookup_hint_all(LookupHints *hints)
{
	hints->all = true;
}

bool
lookup_hint_due(LookupHints *hints, uint64_t now_ms)
{
	if (!hints->all || now_ms < hints->all_not_before_ms)
		return false;
	hints->all = false;
	hints->all_not_before_ms = now_ms + LOOKUP_HINT_PAUSE_MS;
	return true;
}
