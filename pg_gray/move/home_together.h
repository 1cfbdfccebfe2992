/*
 * home_together.h: users who can come home only together
 *
 * In gray, two users have given each other a row, taken a unique value from each other, or refer
 * to each other's rows: neither can come home alone.  A way home that fails on account of
 * others whose data is in gray is tried again with them, and with whoever these need, as if
 * all of them were one user.
 */
#ifndef PG_GRAY_MOVE_HOME_TOGETHER_H
#define PG_GRAY_MOVE_HOME_TOGETHER_H

#include "move/failed_row.h"
#include "move/move_step.h"
#include "user/uid.h"

struct Stay;

/* So many users come home together at most. */
#define TOGETHER_MAX 100

typedef struct HomeTogetherFailure
{
	struct ErrorData *error; /* null: it did not fail, or was not tried */
	Move			  move;
	FailedRow		  failed_row; /* the move's */
} HomeTogetherFailure;

/* What is known of a move so far.  Zeroed, nothing is. */
typedef struct HomeTogether
{
	struct List *users; /* Uid, in the order in which they are to be locked; NIL: it was alone */
	HomeTogetherFailure alone;
	HomeTogetherFailure last;  /* the last one with others */
	const Uid		   *other; /* whose row it failed at; null: not known, or nobody's */
	bool				again; /* nobody was found, and it was tried once more */
	const Uid *needed; /* one who would be needed, and is not to be brought along; or null */
} HomeTogether;

/*
 * After a failed move: add the users to be brought along.  True: it is to be tried again, with them, or
 * because whoever was in its way may be so no more.  The caller has called SPI_connect and acts as the catalog owner; no user is locked.
 */
extern bool home_together_grow(HomeTogether *together, Move *move, struct ErrorData *error);

/* Then: the failure that a person should hear of. */
extern const HomeTogetherFailure *home_together_failure(const HomeTogether *together);

/* Say in its error, as far as that does not, what else is to be known of it. */
extern void home_together_explain(const HomeTogether *together, struct ErrorData *error);

/* The lock of this one of the users could not be had: it is to be waited for first. */
extern void home_together_turn(HomeTogether *together, const Uid *busy);

/* The uids as parameter $1 of a move: an array. */
extern void home_together_arg(QueryArgs *args, const struct List *users);

/*
 * Begin a way home of several users: `begin` is called for each by itself.  From now on $1 is
 * an array in the texts that twin_sql.h makes; twin_sql_set_together ends it.
 */
extern void home_together_begin(Move *move, void (*begin)(Move *move));

/*
 * What is known of the move's stay (null: of none yet) and of that of one more user.  Every row is
 * compared then: which of them nobody wrote is known of one user alone.  Raises when columns
 * were altered between the beginnings of the two, and it can't be told any more which values are old.
 */
extern struct Stay *home_together_stay(const struct Move *move, const struct Stay *other);

#endif /* PG_GRAY_MOVE_HOME_TOGETHER_H */
