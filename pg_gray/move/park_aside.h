/*
 * park_aside.h: puts aside the rows of other users that refer to rows that leave gray
 */
#ifndef PG_GRAY_MOVE_PARK_ASIDE_H
#define PG_GRAY_MOVE_PARK_ASIDE_H

struct Move;

/*
 * Put aside all rows of own tables that belong to other users and refer to the user's rows, and
 * the rows that refer to these, however far, each under its own user.  Afterwards no row refers to
 * the user's rows but the user's own, and none will until the end of the transaction.  Raises
 * lock_not_available when another transaction is writing such a row; raises foreign_key_violation
 * for a row that belongs to nobody, and for another user's row of a twin.
 */
extern void park_aside(struct Move *move);

#endif /* PG_GRAY_MOVE_PARK_ASIDE_H */
