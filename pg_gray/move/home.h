/*
 * home.h: brings the rows of one user home from gray to production
 */
#ifndef PG_GRAY_MOVE_HOME_H
#define PG_GRAY_MOVE_HOME_H

struct Move;

/*
 * Merge the gray rows into the frozen rows, and clear gray.  The caller of this and the next
 * function acts as the owner of the tables.
 */
extern void home_rows(struct Move *move);

/* Clear gray, and leave the frozen rows as they are. */
extern void home_discard_rows(struct Move *move);

#endif /* PG_GRAY_MOVE_HOME_H */
