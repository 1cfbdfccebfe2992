/*
 * home_delete.h: deletes frozen rows that no longer have a twin in gray
 */
#ifndef PG_GRAY_MOVE_HOME_DELETE_H
#define PG_GRAY_MOVE_HOME_DELETE_H

#include <stdint.h>

struct HomeChanges;
struct Move;

/*
 * Delete these rows in production; return their number.  The caller acts as the owner of the
 * tables, and deletes referring rows before referred ones.  Raises the errors of the DELETE.
 */
extern uint64_t home_delete(struct Move *move, const struct HomeChanges *change);

#endif /* PG_GRAY_MOVE_HOME_DELETE_H */
