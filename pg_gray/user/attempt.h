/*
 * attempt.h: records every attempt to move a user
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
	State					state;	   /* the user's state after the attempt */
	const struct ErrorData *error;	   /* null: the attempt succeeded */
	const char			   *note;	   /* detail of an attempt that succeeded; or null */
	const char			   *row_key;   /* key of the row at which it failed; null: not known */
} Attempt;

/*
 * Store an attempt: a row of gray.history, and with an error also of gray.incidents.  Returns the
 * attempt's number in the release.  The caller of this and the functions below has called
 * SPI_connect and acts as the catalog owner.
 */
extern int64_t attempt_record(const Attempt *attempt);

/*
 * Cut the texts of an error to a length that can be stored for each user, and logged: a text may
 * contain a value that a client of the application sent.
 */
extern void attempt_shorten(struct ErrorData *error);

/* Mark the user's incidents as resolved. */
extern void attempt_resolve(const struct Release *release, const struct Uid *uid);

#endif /* PG_GRAY_USER_ATTEMPT_H */
