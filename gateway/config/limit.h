/*
 * limit.h: limits the size of requests, and refuses slow bodies
 *
 * Pure code; the settings have the limits.
 */
#ifndef GATEWAY_CONFIG_LIMIT_H
#define GATEWAY_CONFIG_LIMIT_H

#include "config/settings.h"
#include "http/head.h"

/* The time spent waiting for the body of a request, or for a client to take an answer. */
typedef struct BodyWait
{
	uint64_t bytes;		/* bytes that came or went; without the framing of a request's body */
	uint64_t waited_ms; /* waiting time while the gateway was able */
	uint64_t seen_ms;	/* when waited_ms was updated last; 0: never */
} BodyWait;

/*
 * Check the bytes of a head that have come. Return HEAD_COMPLETE if they may be a head or become
 * one, else HEAD_LONG_LINE or HEAD_LARGE with the problem.
 */
extern HeadResult limit_bytes(const Settings *settings, const char *bytes, size_t length,
							  const char **problem);

/* Check a parsed head. Return HEAD_COMPLETE, HEAD_LARGE or HEAD_LARGE_BODY. */
extern HeadResult limit_head(const Settings *settings, const Head *head, const char **problem);

/* Is a body of that many bytes too large? */
extern bool limit_body(const Settings *settings, uint64_t bytes);

/*
 * Update the waiting time. Call this now and then while a body is incomplete. able says that the
 * client is to blame for the wait, since the gateway can take bytes. Return true if the client is
 * too slow.
 */
extern bool limit_slow(const Settings *settings, BodyWait *wait, bool able, uint64_t now_ms);

#endif /* GATEWAY_CONFIG_LIMIT_H */
