/*
 * together.h: users who can come home only together
 *
 * In gray, two users have given each other a row, taken a unique value from each other, or refer
 * to each other's rows: neither can come home alone.  A way home that fails on account of
 * others whose data is in gray is tried again with them, and with whoever these need, as if
 * all of them were one user.
 */
#ifndef TOGETHER_H
#define TOGETHER_H

#include "move.h"
#include "uid.h"

/* So many users come home together at most. */
#define TOGETHER_MAX 100

typedef struct TogetherFailure
{
	struct ErrorData *error; /* null: it did not fail, or was not tried */
	Move			  move;
	Culprit			  culprit; /* the move's */
} TogetherFailure;

/* What is known of a move so far.  Zeroed, nothing is. */
typedef struct Together
{
	struct List	   *users; /* Uid, in the order in which they are to be locked; NIL: it was alone */
	TogetherFailure alone;
	TogetherFailure last;	/* the last one with others */
	const Uid	   *other;	/* whose row it failed at; null: not known, or nobody's */
	bool			again;	/* nobody was found, and it was tried once more */
	const Uid	   *needed; /* one who would be needed, and is not to be brought along; or null */
} Together;

/*
 * After a failed move: add the users to be brought along.  True: it is to be tried again, with them, or
 * because whoever was in its way may be so no more.  The caller has called SPI_connect and acts as the catalog owner; no user is locked.
 */
extern bool together_grow(Together *together, Move *move, struct ErrorData *error);

/* Then: the failure that a person should hear of. */
extern const TogetherFailure *together_failure(const Together *together);

/* Say in its error, as far as that does not, what else is to be known of it. */
extern void together_explain(const Together *together, struct ErrorData *error);

/* The lock of this one of the users could not be had: it is to be waited for first. */
extern void together_turn(Together *together, const Uid *busy);

/* The uids as parameter $1 of a move: an array. */
extern void together_arg(QueryArgs *args, const struct List *users);

/*
 * Begin a way home of several users: `begin` is called for each by itself.  From now on $1 is
 * an array in the texts that twin_sql.h makes; twin_sql_set_together ends it.
 */
extern void together_begin(Move *move, void (*begin)(Move *move));

#endif /* TOGETHER_H */
