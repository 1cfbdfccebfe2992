/*
 * home_together.h: brings home users who can come home only together
 *
 * In gray, two users have given each other a row, taken a unique value from each other, or refer
 * to each other's rows: neither can come home alone.  A way home that fails because of other users
 * whose data is in gray is tried again with these users, and with the users whom they need, as if
 * all of them were one user.
 */
#ifndef PG_GRAY_MOVE_HOME_TOGETHER_H
#define PG_GRAY_MOVE_HOME_TOGETHER_H

#include "move/failed_row.h"
#include "move/move_step.h"
#include "user/uid.h"

struct Stay;

/* At most so many users come home together. */
#define TOGETHER_MAX 100

typedef struct HomeTogetherFailure
{
	struct ErrorData *error; /* null: the move did not fail, or was not tried */
	Move			  move;
	FailedRow		  failed_row; /* the failed row of the move */
} HomeTogetherFailure;

/* The knowledge about a move so far.  A zeroed struct holds none. */
typedef struct HomeTogether
{
	/* Uids, in the order in which they are to be locked; NIL: the user was alone */
	struct List		   *users;
	HomeTogetherFailure alone;
	HomeTogetherFailure last; /* the last try with other users */
	/* the user at whose row the move failed; null: not known, or a row without an owner */
	const Uid *other;
	bool	   again;  /* no other user was found, and the move was tried once more */
	const Uid *needed; /* a user who would be needed, and must not be brought along; or null */
} HomeTogether;

/*
 * To be called after a failed move: add the users to be brought along.  Return true when the move
 * is to be tried again, with them, or because the user in its way may be so no more.  The caller
 * has called SPI_connect and acts as the catalog owner; no user is locked.
 */
extern bool home_together_grow(HomeTogether *together, Move *move, struct ErrorData *error);

/* Return the failure that a person should hear of, when the move is not tried again. */
extern const HomeTogetherFailure *home_together_failure(const HomeTogether *together);

/* Add to the error the facts about the other users that it does not tell yet. */
extern void home_together_explain(const HomeTogether *together, struct ErrorData *error);

/*
 * To be called when the lock of this user could not be had: this user is to be locked first next
 * time.
 */
extern void home_together_turn(HomeTogether *together, const Uid *busy);

/* Set parameter $1 of a move to the array of the uids. */
extern void home_together_arg(QueryArgs *args, const struct List *users);

/*
 * Begin a way home of several users: call `begin` for each user alone.  From now on $1 is an array
 * in the texts that twin_sql.h makes; twin_sql_set_together ends that.
 */
extern void home_together_begin(Move *move, void (*begin)(Move *move));

/*
 * Return the common stay of the move's stay (null: none yet) and the stay of one more user.  With
 * a common stay every row is compared, since the untouched rows are known for a single user only.
 * Raises when columns were altered between the beginnings of the two stays, so that old values
 * can't be told any more.
 */
extern struct Stay *home_together_stay(const struct Move *move, const struct Stay *other);

#endif /* PG_GRAY_MOVE_HOME_TOGETHER_H */
