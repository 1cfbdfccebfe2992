/*
 * uid.h: finds the uid of a request, and gives it the canonical form of the release's uid type
 *
 * Pure. The canonical form must equal PostgreSQL's output of the type: 042 and 42 are one user,
 * and fall into one bucket.
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
	UID_SMALLINT_16, /* of a server from version 16 on, which accepts 0x79 and 1_000 as integers */
	UID_INTEGER_16,
	UID_BIGINT_16
} UidType;

#define UID_TYPES (UID_BIGINT_16 + 1)

/* The part of a request that has the uid. The first source that has a uid wins. */
typedef enum UidPlace
{
	UID_HEADER,
	UID_COOKIE,
	UID_QUERY,
	UID_PATH,
	UID_TOKEN
} UidPlace;

/* How the servers read the value of a cookie, by the configuration. */
typedef enum UidSpelling
{
	UID_UNSAID, /* nothing is configured: a value that decoding would change is refused */
	UID_RAW,	/* servers take the value as it is */
	UID_DECODED,
	UID_FORM /* servers decode the value, and read "+" as a space */
} UidSpelling;

typedef struct UidSource
{
	UidPlace	place;
	UidPlace	carrier;  /* of a token: header, cookie, query; UID_TOKEN: Authorization: Bearer */
	UidSpelling spelling; /* for UID_COOKIE */
	bool		lookup;	  /* a query finds the uid by this value */
	char name[UID_MAX_BYTES + 1];	/* of header, cookie, parameter, claim; path: before {uid} */
	char suffix[UID_MAX_BYTES + 1]; /* path: behind {uid}; token: the carrier's name */
} UidSource;

typedef struct UidSources
{
	size_t	  count;
	UidSource sources[UID_SOURCES_MAX];
	unsigned  max_bytes; /* a longer value is no uid */
} UidSources;

typedef struct Uid
{
	size_t	length;
	uint8_t place;	 /* index of the source that the uid is from */
	uint8_t refused; /* bit i: source i, before this source, had a value that is no uid */
	char	bytes[UID_MAX_BYTES + 1]; /* zero-terminated as well */
} Uid;

/*
 * Read "header:X-User-Id, cookie:user". max_bytes is the greatest length of a uid. Sources that
 * can never work are refused. On false, problem (static) says why.
 */
extern bool uid_sources_parse(Span text, UidSources *sources, const char **problem);

/*
 * Settle which sources go through the query. query says whether the configuration has a query that
 * finds uids. If no source is marked and there is only one, this source goes through the query.
 * Return false if a source should be marked, or if a source is marked and there is no query.
 */
extern bool uid_sources_use_query(UidSources *sources, bool query, const char **problem);

/* Append a source as the configuration spells it. */
extern void uid_source_print(const UidSource *source, Buffer *out);

/* Do both have the same sources in the same order? */
extern bool uid_sources_same(const UidSources *one, const UidSources *other);

/* Is any source a token? Then the configuration needs rules for tokens. */
extern bool uid_sources_want_token(const UidSources *sources);

/* Reserve, for the whole process, the fields that carry uids (field.h). */
extern void uid_sources_reserve(const UidSources *sources);

typedef enum UidResult
{
	UID_FOUND,
	UID_ASK, /* uid has a text by which a query finds the uid */
	UID_NONE,
	UID_UNCLEAR /* a server may read another user than the gateway: refuse the request */
} UidResult;

/*
 * Find the uid of a request. place is set for all results but UID_NONE. After a source with a
 * value that is no uid, such as a token that is not good, only token sources are looked at: an
 * unverified value never takes the place of a refused value.
 */
extern UidResult uid_extract(const UidSources *sources, const TokenRules *rules, const Head *head,
							 Uid *uid);

/*
 * Find the uid in a path, for the logs. segment is part of the path, and empty unless the result
 * is UID_FOUND.
 */
extern UidResult uid_in_path(const UidSource *source, Span path, Span *segment);

/* Decode percent-encoding. False if raw can't be decoded, or if the result is no uid. */
extern bool uid_decode(Span raw, bool plus_is_space, Uid *uid);

/*
 * Return the type for a name as format_type prints it ("integer", "uuid", …); UID_UNKNOWN for any
 * other name. server_version is as PQserverVersion returns it.
 */
extern UidType uid_type_parse(Span name, int server_version);

/*
 * Return a name and a version from which uid_type_parse makes the type; the name of UID_UNKNOWN is
 * "".
 */
extern const char *uid_type_name(UidType type);
extern unsigned	   uid_type_version(UidType type);

/* Give uid the canonical form. False if it is no uid of the type; uid is undefined then. */
extern bool uid_canonical(UidType type, Uid *uid);

#endif /* GATEWAY_USER_UID_H */
