/*
 * home_refuse.h: refuses rows that can't come home
 */
#ifndef PG_GRAY_MOVE_HOME_REFUSE_H
#define PG_GRAY_MOVE_HOME_REFUSE_H

#include "postgres/query.h"
#include "release/twin.h"

struct ErrorData;
struct Move;

/*
 * Add a hint to an error that has none: a row refers to what was deleted in gray, and is frozen,
 * since version 2 has dropped its table.  The caller acts as the catalog owner.
 */
extern void home_refuse_explain(const struct Move *move, struct ErrorData *error);

/*
 * Raise unique_violation when the key of one of the user's gray rows belongs to another user's row
 * in production; check all gray rows, or only the rows at the tids $2 (tid[]).
 * home_refuse_foreign_picked returns the number of rows that have a twin of the user's own.
 */
extern void		home_refuse_foreign_rows(const struct Move *move, const Twin *twin);
extern uint64_t home_refuse_foreign_picked(const struct Move *move, const Twin *twin,
										   const QueryArgs *picked);

/*
 * Raise unique_violation and set move->gave when a row that is to be deleted at home was given to
 * another user in gray, and gray can't hold all of production's row.
 */
extern void home_refuse_given_rows(struct Move *move, const Twin *twin);

/*
 * Raise unique_violation when several of the user's gray rows have one key, so that they would
 * become one row in production.  Checked where no unique index of gray rules that out.  With null
 * `picked`, any two rows are compared, otherwise picked rows with all others.
 */
extern void home_refuse_duplicate_keys(const struct Move *move, const Twin *twin,
									   const QueryArgs *picked);

/*
 * Raise generated_always when a value was changed that PostgreSQL does not update: GENERATED
 * ALWAYS AS IDENTITY outside the key.  With null `picked`, in any row.
 */
extern void home_refuse_changed_identities(const struct Move *move, const Twin *twin,
										   const QueryArgs *picked);

/*
 * Raise serialization_failure: rows of the twin's table have changed since a moment ago.  Only a
 * session that bypasses the fence can have written them, so the move is to be tried again.
 */
extern void home_refuse_written(const Twin *twin, Side side) pg_attribute_noreturn();

#endif /* PG_GRAY_MOVE_HOME_REFUSE_H */
