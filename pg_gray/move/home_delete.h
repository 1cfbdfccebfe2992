/*
 * home_delete.h: frozen rows that gray has no twin of any more
 */
#ifndef PG_GRAY_MOVE_HOME_DELETE_H
#define PG_GRAY_MOVE_HOME_DELETE_H

#include <stdint.h>

struct HomeChanges;
struct Move;

/*
 * Delete them at home; the caller acts as the tables' owner, and deletes owned rows before
 * owners.  Returns how many they were.  Raises what the DELETE raises.
 */
extern uint64_t home_delete(struct Move *move, const struct HomeChanges *change);

#endif /* PG_GRAY_MOVE_HOME_DELETE_H */
