/*
 * uid.h: which user a request is from, in the canonical form of the release's type
 *
 * Pure.  The canonical form must equal PostgreSQL's output of the type:
 * 042 and 42 are one user, and fall into one bucket.
 */
#ifndef GATEWAY_USER_UID_H
#define GATEWAY_USER_UID_H

#include "base/buffer.h"
#include "http/head.h"
#include "user/token.h"

#define UID_MAX_BYTES 255
#define UID_SOURCES_MAX 8

typedef enum UidType
{
	UID_UNKNOWN, /* the release has no table yet */
	UID_SMALLINT,
	UID_INTEGER,
	UID_BIGINT,
	UID_UUID,
	UID_TEXT,
	UID_SMALLINT_16, /* of a server from version 16 on, for which 0x79 and 1_000 are integers */
	UID_INTEGER_16,
	UID_BIGINT_16
} UidType;

#define UID_TYPES (UID_BIGINT_16 + 1)

/* Where in a request the uid is; the first source that has one wins. */
typedef enum UidPlace
{
	UID_HEADER,
	UID_COOKIE,
	UID_QUERY,
	UID_PATH,
	UID_TOKEN
} UidPlace;

/* What servers are said to do to the value of a cookie. */
typedef enum UidSpelling
{
	UID_UNSAID, /* so what would be another value when decoded is refused */
	UID_RAW,	/* nothing */
	UID_DECODED,
	UID_FORM /* decoded, and "+" is a space */
} UidSpelling;

typedef struct UidSource
{
	UidPlace	place;
	UidPlace	carrier;  /* of a token: header, cookie, query; UID_TOKEN: Authorization: Bearer */
	UidSpelling spelling; /* of a cookie */
	bool		lookup;	  /* the value is what a query finds the uid by */
	char name[UID_MAX_BYTES + 1];	/* of header, cookie, parameter, claim; path: before {uid} */
	char suffix[UID_MAX_BYTES + 1]; /* path: behind {uid}; token: the carrier's name */
} UidSource;

typedef struct UidSources
{
	size_t	  count;
	UidSource sources[UID_SOURCES_MAX];
	unsigned  max_bytes; /* a longer uid is none */
} UidSources;

typedef struct Uid
{
	size_t	length;
	uint8_t place;					  /* that it is from: its index */
	uint8_t refused;				  /* places before it that had a value and no uid, by bit */
	char	bytes[UID_MAX_BYTES + 1]; /* zero-terminated as well */
} Uid;

/*
 * Reads "header:X-User-Id, cookie:user"; max_bytes is the most there may be.  What can never
 * work is refused.  On false, problem (static) says why.
 */
extern bool uid_sources_parse(Span text, UidSources *sources, const char **problem);

/*
 * query: there is a query to find uids by.  The only place goes through it, if none is marked.
 * False: some place should be marked, or there is no query.
 */
extern bool uid_sources_use_query(UidSources *sources, bool query, const char **problem);

/* Appends a place as it stands in the configuration. */
extern void uid_source_print(const UidSource *source, Buffer *out);

/* Are they the same places in the same order? */
extern bool uid_sources_same(const UidSources *one, const UidSources *other);

/* Whether any source is a token, so that rules for them are needed. */
extern bool uid_sources_want_token(const UidSources *sources);

/* Of the process: the fields in which uids come are kept for them (field.h). */
extern void uid_sources_reserve(const UidSources *sources);

typedef enum UidResult
{
	UID_FOUND,
	UID_ASK, /* a value, by which a query finds the uid; it is text */
	UID_NONE,
	UID_UNCLEAR /* a server may read another user there than we do: refuse the request */
} UidResult;

/*
 * The uid as the request has it; place is set for all results but UID_NONE.  Behind a value that is there and is no uid, such
 * as a token that is not good, only tokens are looked at: what was not verified
 * never speaks in its place.
 */
extern UidResult uid_extract(const UidSources *sources, const TokenRules *rules, const Head *head,
							 Uid *uid);

/* For the logs: where the uid is in a path; "segment" is part of it, empty unless UID_FOUND. */
extern UidResult uid_in_path(const UidSource *source, Span path, Span *segment);

/* Takes percent-encoding away; false if that can't be done, or what is left is no uid. */
extern bool uid_decode(Span raw, bool plus_is_space, Uid *uid);

/*
 * "integer", "uuid", … as format_type has them; UID_UNKNOWN for anything else.
 * server_version: as PQserverVersion has it.
 */
extern UidType uid_type_parse(Span name, int server_version);

/* A name, and a version, that uid_type_parse makes the type of; "" for UID_UNKNOWN. */
extern const char *uid_type_name(UidType type);
extern unsigned	   uid_type_version(UidType type);

/* Makes uid canonical; false if it is not of the type (and uid is undefined). */
extern bool uid_canonical(UidType type, Uid *uid);

#endif /* GATEWAY_USER_UID_H */
