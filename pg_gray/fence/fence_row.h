/*
 * fence_row.h: refuses a write to a row on the side where its owner's data is not
 */
#ifndef PG_GRAY_FENCE_FENCE_ROW_H
#define PG_GRAY_FENCE_FENCE_ROW_H

#include "fence/fence_verdict.h"

struct HeapTupleData;
struct RelationData;
struct Trigger;
struct TriggerData;
struct TriggerDesc;

/*
 * Return the enabled fence trigger of a table, or null when the table has none. triggers may be
 * null.
 */
extern const struct Trigger *fence_row_trigger(const struct TriggerDesc *triggers);

/*
 * Raise unless the row may be written. trigger is the call of the trigger that the write fired, or
 * null when it is not known.
 */
extern void fence_row_check(struct RelationData *relation, const struct Trigger *fence,
							struct HeapTupleData *row, FenceEvent event,
							const struct TriggerData *trigger);

/* Have the row checked again before the transaction commits or is prepared. */
extern void fence_orphan_remember(struct RelationData *relation, struct HeapTupleData *row);

/* Called once, from _PG_init. */
extern void fence_orphan_init(void);

#endif /* PG_GRAY_FENCE_FENCE_ROW_H */
