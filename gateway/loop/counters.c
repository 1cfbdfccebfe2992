/*
 * counters.c: the counters of a worker, for GET /status
 */
#include "loop/counters.h"

#include <string.h>

void
counters_add_found(Counters *counters, UidType type, unsigned place, const Uid *uid)
{
	Uid	 canonical;
	bool good = uid != NULL;

	/* While the uid type is unknown, every uid is good. */
	if (good && type != UID_UNKNOWN)
	{
		canonical.length = uid->length;
		memcpy(canonical.bytes, uid->bytes, uid->length + 1);
		good = uid_canonical(type, &canonical);
	}
	if (good)
		counters->uid_good[place]++;
	else
		counters->uid_bad[place]++;
}

void
counters_add_uid(Counters *counters, UidType type, UidResult result, const Uid *uid)
{
	for (unsigned place = 0; uid->refused >> place != 0; place++)
		counters->uid_bad[place] += uid->refused >> place & 1;
	switch (result)
	{
		case UID_FOUND:
			counters_add_found(counters, type, uid->place, uid);
			break;
		case UID_ASK: /* counted when the query has answered */
			break;
		case UID_NONE:
			counters->uid_none += uid->refused == 0;
			break;
		case UID_UNCLEAR:
			counters->uid_bad[uid->place]++;
			break;
	}
}

void
counters_clear_uids(Counters *counters)
{
	counters->uid_none = 0;
	memset(counters->uid_good, 0, sizeof(counters->uid_good));
	memset(counters->uid_bad, 0, sizeof(counters->uid_bad));
}
