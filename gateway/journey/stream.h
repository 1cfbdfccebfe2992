/*
 * stream.h: tells which requests in flight are not waited for when their user's data goes
 * elsewhere
 *
 * The functions are pure. A tunnel, server-sent events and a long download have no end that a
 * move could wait for. Neither has a long poll. An answer that lasts is ended, and a request
 * that waits for an answer is sent again.
 */
#ifndef GATEWAY_JOURNEY_STREAM_H
#define GATEWAY_JOURNEY_STREAM_H

#include "http/head.h"

typedef struct StreamFacts
{
	bool	 begun;		 /* the head of its answer is there */
	bool	 endless;	 /* a tunnel, or server-sent events: never worth waiting for */
	bool	 repeatable; /* the request is kept whole, and sending it again does no harm */
	uint64_t age_ms;	 /* of the answer; without an answer, since the request was sent */
} StreamFacts;

typedef enum StreamFate
{
	STREAM_STAYS,	   /* the request is waited for, and then left alone */
	STREAM_ENDS,	   /* the client is cut off, and comes again */
	STREAM_COMES_AGAIN /* the request is taken back from its server, as if it had just come */
} StreamFate;

/* patience_ms: how long an answer, or a request without an answer, is waited for. */
extern StreamFate stream_fate(const StreamFacts *facts, uint64_t patience_ms);

/*
 * Does the answer say that it has no end? Server-sent events (EventSource) do, and their client
 * comes again by itself.
 */
extern bool stream_endless(const Head *answer);

#endif /* GATEWAY_JOURNEY_STREAM_H */
