/*
 * park.h: takes a user's rows out of own tables, which only version 2 has
 *
 * Life of a row of an own table: version 2 writes it.  On the user's way home it is put aside into
 * the parked table (own_register.h), for production has no place for it.  At the next stay it is
 * copied back into the own table (park_back.h).  During the stay the parked row remains, as the
 * copy of the row as it came: so gray_discard leaves the rows of the last way home.
 *
 * A row of *another* user may refer to a row that goes.  Such a row is put aside too, under its own
 * user, and comes back as soon as the row that it refers to is in gray again (park_aside.h).
 */
#ifndef PG_GRAY_MOVE_PARK_H
#define PG_GRAY_MOVE_PARK_H

#include "postgres/query.h"
#include "release/twin.h"

struct Move;

/*
 * Put the rows of own tables aside: to be called on the way home, when production is written and
 * the user's gray rows are still there, since owner paths lead over these.
 */
extern void park_rows(struct Move *move);

/* The same when the stay is given up: the rows are deleted, and earlier parked rows remain. */
extern void park_discard(struct Move *move);

/* Call a function for each user of the move, as if the user were moved alone. */
extern void park_each_user(struct Move *move, void (*each)(struct Move *move));

#endif /* PG_GRAY_MOVE_PARK_H */
