/*
 * stream.h: which requests in flight are not waited for when their user's data goes elsewhere
 *
 * Pure.  A tunnel, server-sent events and a long download have no end that a
 * move could wait for; neither has a long poll.  What lasts is ended, or sent again.
 */
#ifndef GATEWAY_JOURNEY_STREAM_H
#define GATEWAY_JOURNEY_STREAM_H

#include "http/head.h"

typedef struct StreamFacts
{
	bool	 begun;		 /* the head of its answer is there */
	bool	 endless;	 /* a tunnel, or events: never worth waiting for */
	bool	 repeatable; /* sent again it does no harm, and all of it is kept */
	uint64_t age_ms;	 /* of its answer; without one, since it was sent */
} StreamFacts;

typedef enum StreamFate
{
	STREAM_STAYS,	   /* it is waited for, and then left alone */
	STREAM_ENDS,	   /* its client is cut off, and comes again */
	STREAM_COMES_AGAIN /* it is taken back from its server, as if it had just come */
} StreamFate;

/* patience_ms: for so long an answer, or a request without one, is waited for. */
extern StreamFate stream_fate(const StreamFacts *facts, uint64_t patience_ms);

/* Does the answer say that it has no end?  Events (EventSource), which come again by themselves. */
extern bool stream_endless(const Head *answer);

#endif /* GATEWAY_JOURNEY_STREAM_H */
