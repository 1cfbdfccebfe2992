/*
 * notice.h: what a notification on channel pg_gray asks for
 *
 * Pure.  A payload is the release's name and a word.  Any role may send one, so it says what to
 * look at, and nothing of it is believed.
 */
#ifndef GATEWAY_ROSTER_NOTICE_H
#define GATEWAY_ROSTER_NOTICE_H

#include "base/span.h"

typedef enum Notice
{
	NOTICE_OTHER_RELEASE, /* not about us */
	NOTICE_CHANGED,		  /* read what is new; also what is not understood */
	NOTICE_RELOAD,		  /* read everything */
	NOTICE_SESSIONS,	  /* forget whom look-ups have found */
	NOTICE_SESSION,		  /* forget one group of these (lookup_cache.h) */
	NOTICE_PING			  /* somebody's, to see whether it arrives (ping.h) */
} Notice;

/* group is written for NOTICE_SESSION. */
extern Notice notice_parse(Span payload, const char *release, unsigned *group);

/* What a ping of the release has behind its word; borrowed. */
extern Span notice_token(Span payload, const char *release);

#endif /* GATEWAY_ROSTER_NOTICE_H */
