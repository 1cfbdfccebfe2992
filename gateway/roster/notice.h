/*
 * notice.h: tells what a notification on channel pg_gray asks for
 *
 * The functions are pure. A payload is the release's name and a word. Any role may send it. So
 * it only says what to look at, and nothing in it is believed.
 */
#ifndef GATEWAY_ROSTER_NOTICE_H
#define GATEWAY_ROSTER_NOTICE_H

#include "base/span.h"

typedef enum Notice
{
	NOTICE_OTHER_RELEASE, /* another release is meant */
	NOTICE_CHANGED,		  /* read the changes; also for a word that is not understood */
	NOTICE_RELOAD,		  /* read everything */
	NOTICE_SESSIONS,	  /* forget the users that look-ups have found */
	NOTICE_SESSION,		  /* forget one group of these users (lookup_cache.h) */
	NOTICE_PING			  /* a ping of some gateway, to see whether it arrives (ping.h) */
} Notice;

/* Return what a payload asks for. group is written for NOTICE_SESSION. */
extern Notice notice_parse(Span payload, const char *release, unsigned *group);

/* Return the part behind the word in a ping of the release; borrowed. */
extern Span notice_token(Span payload, const char *release);

#endif /* GATEWAY_ROSTER_NOTICE_H */
