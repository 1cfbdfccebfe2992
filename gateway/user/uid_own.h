/*
 * uid_own.h: what the files that find a uid share, and nobody else may know
 */
#ifndef GATEWAY_USER_UID_OWN_H
#define GATEWAY_USER_UID_OWN_H

#include "user/uid.h"

typedef enum Extraction
{
	EXTRACTED,
	ABSENT,
	REFUSED, /* it is there, and is no uid: nothing unverified speaks in its place */
	UNCLEAR	 /* a server may see another user there than we do */
} Extraction;

/* uid.c: the bytes as they are, or percent-decoded; empty is ABSENT. */
extern Extraction uid_take_plain(Span raw, Uid *uid);
extern Extraction uid_take_decoded(Span raw, bool plus_is_space, Uid *uid);

/* uid_cookie.c: the value without quotes around it; and what a server makes of it. */
extern Extraction uid_cookie_find(const char *name, const Head *head, Span *value);
extern Extraction uid_cookie_take(const UidSource *source, const Head *head, Uid *uid);

/* uid_path.c: does every server read the path as it stands?  "segment" is as the path has it, empty unless EXTRACTED. */
extern bool		  uid_path_tidy(Span path);
extern Extraction uid_path_take(const UidSource *source, Span path, Span *segment, Uid *uid);

#endif /* GATEWAY_USER_UID_OWN_H */
