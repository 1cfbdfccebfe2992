/*
 * health.h: decides whether a server answers, from the requests sent to it
 *
 * No request is made for this alone. A server that fails several times in a row is ejected for
 * a while, which doubles each time. Then one request tries the server, and the outcome decides.
 * Times are of one clock, in milliseconds.
 */
#ifndef GATEWAY_PROXY_HEALTH_H
#define GATEWAY_PROXY_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct HealthRule
{
	unsigned failures; /* failures in a row that eject; 0: a server is never ejected */
	unsigned first_ms; /* duration of the first ejection */
	unsigned most_ms;  /* duration of the longest ejection */
} HealthRule;

/* All zero: nothing is known of the server, which counts as good. */
typedef struct Health
{
	uint64_t until_ms; /* end of the ejection; 0: not ejected */
	unsigned failures; /* in a row */
	unsigned ejections;
	bool	 on_trial; /* a request that tries the server is on its way */
} Health;

/* The states, in the order in which servers are preferred. */
typedef enum HealthState
{
	HEALTH_GOOD,
	HEALTH_DUE, /* the ejection is over: the server may be tried */
	HEALTH_EJECTED
} HealthState;

extern HealthState health_state(const Health *health, uint64_t now_ms);

/* Note that a request goes to the server although it is ejected. */
extern void health_try(Health *health);

/* Note that the trial request ended and showed nothing, as when its client went away. */
extern void health_untried(Health *health);

/* Note a failure. Return true if the server is ejected for it. */
extern bool health_failed(Health *health, const HealthRule *rule, uint64_t now_ms);

/* Note an answer. Return true if the server was ejected before. */
extern bool health_answered(Health *health);

#endif /* GATEWAY_PROXY_HEALTH_H */
