/*
 * health.h: whether a server answers, as seen from the requests sent to it
 *
 * No request is made for this alone.  A server that fails several times in a
 * row is ejected for a while, which doubles each time; then one request tries
 * it, and the outcome decides.  Times are of one clock, in milliseconds.
 */
#ifndef GATEWAY_PROXY_HEALTH_H
#define GATEWAY_PROXY_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct HealthRule
{
	unsigned failures; /* in a row that eject; 0: never */
	unsigned first_ms; /* the first ejection */
	unsigned most_ms;  /* the longest */
} HealthRule;

/* All zero: a server nothing is known of, which is a good one. */
typedef struct Health
{
	uint64_t until_ms; /* ejected until then; 0: not ejected */
	unsigned failures; /* in a row */
	unsigned ejections;
	bool	 on_trial; /* a request is out that tries it */
} Health;

/* In the order in which servers are preferred. */
typedef enum HealthState
{
	HEALTH_GOOD,
	HEALTH_DUE, /* its ejection is over: it may be tried */
	HEALTH_EJECTED
} HealthState;

extern HealthState health_state(const Health *health, uint64_t now_ms);

/* A request goes to it although it is ejected. */
extern void health_try(Health *health);

/* That request ended and showed nothing, as when its client went away. */
extern void health_untried(Health *health);

/* It failed.  True: and is ejected for that. */
extern bool health_failed(Health *health, const HealthRule *rule, uint64_t now_ms);

/* It answered.  True: and was ejected before. */
extern bool health_answered(Health *health);

#endif /* GATEWAY_PROXY_HEALTH_H */
