/*
 * counters.h: the counters of a worker, for GET /status
 *
 * No decision depends on them.
 */
#ifndef GATEWAY_LOOP_COUNTERS_H
#define GATEWAY_LOOP_COUNTERS_H

#include "user/uid.h"

/* Each field is a uint64_t: the fields are added up as an array. */
typedef struct Counters
{
	uint64_t requests;
	uint64_t answers[6]; /* indexed by the first digit of the status */
	uint64_t refused;	 /* answers that the gateway gave itself */
	uint64_t moves_done;
	uint64_t moves_failed;	  /* moves that ended in state failed or stuck */
	uint64_t moves_postponed; /* moves that were given up for now: time will cure the error */
	uint64_t moves_put_off;	  /* moves that were due, but there was no room to wait for them */
	uint64_t replays;		  /* requests sent again after a 421 */
	uint64_t retries;		  /* requests sent again to another server */
	uint64_t clients_gone;	  /* clients that left before their answer began */
	uint64_t streams_ended;	  /* answers cut off because their user's data changes sides */
	uint64_t polls_again;	  /* requests without an answer, sent again for the same reason */
	uint64_t uid_none;		  /* requests in which no source has a value */
	uint64_t uid_good[UID_SOURCES_MAX]; /* by source: requests whose uid comes from it */
	uint64_t uid_bad[UID_SOURCES_MAX];	/* by source: requests with a value there that is no uid */
	uint64_t lookups_cached;			/* requests whose user the cache knew */
	uint64_t lookups_asked;				/* queries */
	uint64_t lookups_failed;			/* requests whose look-up failed */
	uint64_t batched_sends;				/* sends that were made together with others */
	uint64_t looks; /* these four: as the earlier worker of this slot left them (status.h) */
	uint64_t loads;
	uint64_t log_lost; /* lost lines */
	uint64_t access_log_lost;
} Counters;

/* Count a request by its uid. type is the release's uid type. */
extern void counters_add_uid(Counters *counters, UidType type, UidResult result, const Uid *uid);

/* Count a request whose value was looked up. uid is NULL if the value belongs to nobody. */
extern void counters_add_found(Counters *counters, UidType type, unsigned place, const Uid *uid);

/* Clear the counters of uids, because the sources have changed. */
extern void counters_clear_uids(Counters *counters);

#endif /* GATEWAY_LOOP_COUNTERS_H */
