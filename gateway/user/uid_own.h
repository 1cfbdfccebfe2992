/*
 * uid_own.h: functions that only the files that find a uid share
 */
#ifndef GATEWAY_USER_UID_OWN_H
#define GATEWAY_USER_UID_OWN_H

#include "user/uid.h"

typedef enum Extraction
{
	EXTRACTED,
	ABSENT,
	REFUSED, /* there is a value, and it is no uid: no unverified value takes its place */
	UNCLEAR	 /* a server may see another user there than the gateway */
} Extraction;

/* uid.c: take the bytes as they are, or percent-decoded. An empty value is ABSENT. */
extern Extraction uid_take_plain(Span raw, Uid *uid);
extern Extraction uid_take_decoded(Span raw, bool plus_is_space, Uid *uid);

/*
 * uid_cookie.c: find the value of a cookie, without quotes around it; and take the uid as a server
 * reads it.
 */
extern Extraction uid_cookie_find(const char *name, const Head *head, Span *value);
extern Extraction uid_cookie_take(const UidSource *source, const Head *head, Uid *uid);

/*
 * uid_path.c: does every server read the path as it stands? And take the uid from a path; segment
 * is the spelling in the path, and empty unless the result is EXTRACTED.
 */
extern bool		  uid_path_tidy(Span path);
extern Extraction uid_path_take(const UidSource *source, Span path, Span *segment, Uid *uid);

#endif /* GATEWAY_USER_UID_OWN_H */
