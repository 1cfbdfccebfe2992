/*
 * fence_reference.h: lets the action of a foreign key reach frozen rows where that does no harm
 */
#ifndef PG_GRAY_FENCE_FENCE_REFERENCE_H
#define PG_GRAY_FENCE_FENCE_REFERENCE_H

#include <stdbool.h>

#include "user/owner_set.h"

struct FenceTable;
struct TriggerData;

/*
 * To be called when the fence is about to refuse the write that fired the trigger (null: not
 * known), since the data of the row's owner is on the other side.  Return true when the row is
 * frozen and a foreign key's action may reach it, and false when no action wrote it.  Raise
 * foreign_key_violation for any other action, since the statement is not about this owner's rows.
 */
extern bool fence_reference_lets_pass(const struct TriggerData *trigger,
									  const struct FenceTable *table, const Owner *owner);

#endif /* PG_GRAY_FENCE_FENCE_REFERENCE_H */
