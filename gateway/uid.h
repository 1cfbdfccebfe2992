/*
 * uid.h: which user a request is from, in the canonical form of the release's type
 *
 * Pure.  The canonical form must equal PostgreSQL's output of the type:
 * 042 and 42 are one user, and fall into one bucket.
 */
#ifndef UID_H
#define UID_H

#include "head.h"
#include "token.h"

#define UID_MAX_BYTES 255
#define UID_SOURCES_MAX 8

typedef enum UidType
{
	UID_UNKNOWN, /* the release has no table yet */
	UID_SMALLINT,
	UID_INTEGER,
	UID_BIGINT,
	UID_UUID,
	UID_TEXT
} UidType;

/* Where in a request the uid is; the first source that has one wins. */
typedef enum UidPlace
{
	UID_HEADER,
	UID_COOKIE,
	UID_QUERY,
	UID_PATH,
	UID_TOKEN
} UidPlace;

typedef struct UidSource
{
	UidPlace place;
	char	 name[UID_MAX_BYTES + 1]; /* of header, cookie, parameter, claim; path: before {uid} */
	char	 suffix[UID_MAX_BYTES + 1]; /* path: behind {uid}; token: its cookie, or "" */
} UidSource;

typedef struct UidSources
{
	size_t	  count;
	UidSource sources[UID_SOURCES_MAX];
	unsigned  max_bytes; /* a longer uid is none */
} UidSources;

typedef struct Uid
{
	size_t length;
	char   bytes[UID_MAX_BYTES + 1]; /* zero-terminated as well */
} Uid;

/*
 * Reads "header:X-User-Id, cookie:user"; max_bytes is the most there may be.  On
 * false, problem (static) says why not.
 */
extern bool uid_sources_parse(Span text, UidSources *sources, const char **problem);

/* Whether any source is a token, so that rules for them are needed. */
extern bool uid_sources_want_token(const UidSources *sources);

/* Of the process: the fields in which uids come are kept for them (field.h). */
extern void uid_sources_reserve(const UidSources *sources);

typedef enum UidResult
{
	UID_FOUND,
	UID_NONE,
	UID_UNCLEAR /* a server may read another user there than we do: refuse the request */
} UidResult;

/*
 * The uid as the request has it.  Behind a value that is there and is no uid, such
 * as a token that is not good, only tokens are looked at: what was not verified
 * never speaks in its place.
 */
extern UidResult uid_extract(const UidSources *sources, const TokenRules *rules, const Head *head,
							 Uid *uid);

/* For the logs: where the uid is in a path; "segment" is part of it, empty unless UID_FOUND. */
extern UidResult uid_in_path(const UidSource *source, Span path, Span *segment);

/* Takes percent-encoding away; false if that can't be done, or what is left is no uid. */
extern bool uid_decode(Span raw, bool plus_is_space, Uid *uid);

/* "integer", "uuid", … as format_type has them; UID_UNKNOWN for anything else. */
extern UidType uid_type_parse(Span name);

/* A name that uid_type_parse takes; "" for UID_UNKNOWN. */
extern const char *uid_type_name(UidType type);

/* Makes uid canonical; false if it is not of the type (and uid is undefined). */
extern bool uid_canonical(UidType type, Uid *uid);

#endif /* UID_H */
