/*
 * notice.h: what a notification on channel pg_gray says
 *
 * Pure.  A payload is: release SP event [SP value [SP uid]]; the uid is last
 * and goes to the end, so it may contain spaces.
 */
#ifndef NOTICE_H
#define NOTICE_H

#include "decide.h"

typedef enum NoticeKind
{
	NOTICE_OTHER_RELEASE, /* not about us */
	NOTICE_STATE,		  /* uid, state */
	NOTICE_LISTED,		  /* uid, listed */
	NOTICE_SWITCH,		  /* is_open */
	NOTICE_PERCENT,		  /* percent_hundredths */
	NOTICE_STUCK_SIDE,	  /* stuck_side */
	NOTICE_RELOAD		  /* asked for, or not understood: load everything again */
} NoticeKind;

typedef struct Notice
{
	NoticeKind kind;
	Span	   uid; /* borrowed from the payload */
	State	   state;
	bool	   listed;
	bool	   is_open;
	unsigned   percent_hundredths;
	Side	   stuck_side;
} Notice;

extern Notice notice_parse(Span payload, const char *release);

#endif /* NOTICE_H */
