/*
 * limit.h: how large a request may be, and how slow
 *
 * Pure code; the numbers are of the settings.
 */
#ifndef GATEWAY_CONFIG_LIMIT_H
#define GATEWAY_CONFIG_LIMIT_H

#include "config/settings.h"
#include "http/head.h"

/* Time that was spent waiting for the body of a request, or for a client to take an answer. */
typedef struct BodyWait
{
	uint64_t bytes;		/* that came: of a request without framing */
	uint64_t waited_ms; /* while they could have been taken */
	uint64_t seen_ms;	/* when that was added up last; 0: never */
} BodyWait;

/*
 * The bytes of a head as far as they are there: HEAD_COMPLETE if they may
 * stand or become a head, else HEAD_LONG_LINE or HEAD_LARGE with the problem.
 */
extern HeadResult limit_bytes(const Settings *settings, const char *bytes, size_t length,
							  const char **problem);

/* A parsed head: HEAD_COMPLETE, HEAD_LARGE or HEAD_LARGE_BODY. */
extern HeadResult limit_head(const Settings *settings, const Head *head, const char **problem);

/* Is a body of so many bytes too large? */
extern bool limit_body(const Settings *settings, uint64_t bytes);

/*
 * To be called now and then while a body is incomplete; able: waiting is the client's
 * fault, since what comes can be taken.  True: it is too slow.
 */
extern bool limit_slow(const Settings *settings, BodyWait *wait, bool able, uint64_t now_ms);

#endif /* GATEWAY_CONFIG_LIMIT_H */
