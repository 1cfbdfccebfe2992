/*
 * fence_reference.h: rows that are reached by the action of a foreign key
 */
#ifndef PG_GRAY_FENCE_FENCE_REFERENCE_H
#define PG_GRAY_FENCE_FENCE_REFERENCE_H

#include <stdbool.h>

#include "user/owner_set.h"

struct FenceTable;
struct TriggerData;

/*
 * The fence is about to refuse the write that fired the trigger (null: none is known), since the
 * data of the row's owner is on the other side.  True when the row is frozen, and a foreign key's
 * action may reach it; false when no action wrote it.  Raises foreign_key_violation for
 * all other actions, since the statement is not about this owner's rows.
 */
extern bool fence_reference_lets_pass(const struct TriggerData *trigger,
									  const struct FenceTable *table, const Owner *owner);

#endif /* PG_GRAY_FENCE_FENCE_REFERENCE_H */
