/*
 * home_refuse.h: rows that can't come home
 */
#ifndef PG_GRAY_MOVE_HOME_REFUSE_H
#define PG_GRAY_MOVE_HOME_REFUSE_H

#include "postgres/query.h"
#include "release/twin.h"

struct Move;

/*
 * Raise unique_violation when the key of one of the user's gray rows belongs to another
 * user's row in production; all of them, or only those at the tids $2 (tid[]).
 * Returns how many have a twin of the user's own.
 */
extern void		home_refuse_foreign_rows(const struct Move *move, const Twin *twin);
extern uint64_t home_refuse_foreign_picked(const struct Move *move, const Twin *twin,
										   const QueryArgs *picked);

/*
 * Raise unique_violation, and say so in move->gave, when a row that is to be deleted at home
 * was given to another user in gray, and gray can't hold all that production has of it.
 */
extern void home_refuse_given_rows(struct Move *move, const Twin *twin);

/*
 * Raise unique_violation when several of the user's gray rows have one key, by which they would be
 * one row in production; where a unique index of gray does not keep that from them.  With null
 * `picked`, any rows, or else picked ones and others.
 */
extern void home_refuse_duplicate_keys(const struct Move *move, const Twin *twin,
									   const QueryArgs *picked);

/*
 * Raise generated_always when a value was changed that PostgreSQL does not update:
 * GENERATED ALWAYS AS IDENTITY outside the key.  With null `picked`, in any row.
 */
extern void home_refuse_changed_identities(const struct Move *move, const Twin *twin,
										   const QueryArgs *picked);

/*
 * Raise serialization_failure: rows of the twin's table are not what they were a moment ago.
 * Nobody but a session that goes around the fence can have written them: try again.
 */
extern void home_refuse_written(const Twin *twin, Side side) pg_attribute_noreturn();

#endif /* PG_GRAY_MOVE_HOME_REFUSE_H */
