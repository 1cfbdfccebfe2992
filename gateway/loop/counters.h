/*
 * counters.h: the numbers that a worker has counted, for GET /status
 *
 * Nothing depends on them.
 */
#ifndef GATEWAY_LOOP_COUNTERS_H
#define GATEWAY_LOOP_COUNTERS_H

#include "user/uid.h"

/* Each a uint64_t: they are added up blindly. */
typedef struct Counters
{
	uint64_t requests;
	uint64_t answers[6]; /* by the first digit of the status */
	uint64_t refused;	 /* answers the gateway gave itself */
	uint64_t moves_done;
	uint64_t moves_failed;	  /* state failed or stuck */
	uint64_t moves_postponed; /* given up for now: time will cure it */
	uint64_t moves_put_off;	  /* due, and there was no room to wait for it */
	uint64_t replays;		  /* after a 421 */
	uint64_t retries;		  /* on another server */
	uint64_t clients_gone;	  /* before their answer began */
	uint64_t streams_ended;	  /* answers cut off because their user's data goes elsewhere */
	uint64_t polls_again;	  /* requests without an answer, sent again for that */
	uint64_t uid_none;		  /* requests in which no place has a value */
	uint64_t uid_good[UID_SOURCES_MAX]; /* by place: the request's uid is from there */
	uint64_t uid_bad[UID_SOURCES_MAX];	/* there was a value, and it is no uid */
	uint64_t lookups_cached;			/* requests whose user was known */
	uint64_t lookups_asked;				/* queries */
	uint64_t lookups_failed;			/* requests that got no answer */
	uint64_t batched_sends;				/* made together with others */
	uint64_t looks; /* these four as an earlier worker in this place had them (status.h) */
	uint64_t loads;
	uint64_t log_lost; /* lines */
	uint64_t access_log_lost;
} Counters;

/* Counts a request by what was found in it; type: of the release's users. */
extern void counters_add_uid(Counters *counters, UidType type, UidResult result, const Uid *uid);

/* Counts one whose value was looked up; uid is NULL for nobody. */
extern void counters_add_found(Counters *counters, UidType type, unsigned place, const Uid *uid);

/* The places are other ones from now on. */
extern void counters_clear_uids(Counters *counters);

#endif /* GATEWAY_LOOP_COUNTERS_H */
