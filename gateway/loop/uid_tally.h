/*
 * uid_tally.h: how many requests have a uid, and where
 */
#ifndef GATEWAY_LOOP_UID_TALLY_H
#define GATEWAY_LOOP_UID_TALLY_H

#include "process/worker.h"

/* Counts a request by what was found in it; type: of the release's users. */
extern void uid_tally(WorkerCounters *counters, UidType type, UidResult result, const Uid *uid);

/* Counts one whose value was looked up; uid is NULL for nobody. */
extern void uid_tally_found(WorkerCounters *counters, UidType type, unsigned place, const Uid *uid);

/* The places are other ones from now on. */
extern void uid_tally_clear(WorkerCounters *counters);

#endif /* GATEWAY_LOOP_UID_TALLY_H */
