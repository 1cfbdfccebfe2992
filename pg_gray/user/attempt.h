/*
 * attempt.h: the record of every attempt to move a user
 */
#ifndef PG_GRAY_USER_ATTEMPT_H
#define PG_GRAY_USER_ATTEMPT_H

#include <stdint.h>

#include "release/side_state.h"

struct ErrorData;
struct Release;
struct Uid;

typedef struct Attempt
{
	const struct Release   *release;
	const struct Uid	   *uid;
	const char			   *kind;	   /* "migrate", "migrate_back", "discard" */
	int64_t					started;   /* TimestampTz */
	uint64_t				row_count; /* rows written */
	State					state;	   /* what it came to */
	const struct ErrorData *error;	   /* null: it succeeded */
	const char			   *row_key;   /* of the row that it failed at; null: not known */
} Attempt;

/*
 * Store an attempt: a row of gray.history, and with an error of
 * gray.incidents.  Returns its number in the release.  The caller has called SPI_connect and acts as the catalog
 * owner, as below.
 */
extern int64_t attempt_record(const Attempt *attempt);

/*
 * Cut the texts of an error to a length that can be stored for each user, and logged: a value may
 * be part of them that a client of the application sent.
 */
extern void attempt_shorten(struct ErrorData *error);

/* A person has dealt with the user's incidents. */
extern void attempt_resolve(const struct Release *release, const struct Uid *uid);

#endif /* PG_GRAY_USER_ATTEMPT_H */
