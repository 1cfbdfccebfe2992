/*
 * home.h: the rows of one user, from gray home to production
 */
#ifndef PG_GRAY_MOVE_HOME_H
#define PG_GRAY_MOVE_HOME_H

struct Move;

/* Merge them into the frozen rows, and clear gray.  The caller acts as the tables' owner, as below. */
extern void home_rows(struct Move *move);

/* Clear gray, and leave the frozen rows as they are. */
extern void home_discard_rows(struct Move *move);

#endif /* PG_GRAY_MOVE_HOME_H */
