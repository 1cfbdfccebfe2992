/*
 * missing.h: frozen rows that gray has no twin of any more
 */
#ifndef MISSING_H
#define MISSING_H

#include <stdint.h>

struct Change;
struct Move;

/*
 * Delete them at home; the caller acts as the tables' owner, and deletes owned rows before
 * owners.  Returns how many they were.  Raises what the DELETE raises.
 */
extern uint64_t missing_delete(struct Move *move, const struct Change *change);

#endif /* MISSING_H */
