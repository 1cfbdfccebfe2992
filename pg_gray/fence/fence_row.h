/*
 * fence_row.h: no row is written on the side where its owner's data is not
 */
#ifndef PG_GRAY_FENCE_FENCE_ROW_H
#define PG_GRAY_FENCE_FENCE_ROW_H

#include "fence/fence_verdict.h"

struct HeapTupleData;
struct RelationData;
struct Trigger;
struct TriggerData;
struct TriggerDesc;

/* The fence among the triggers (or null) of a table, unless there is none or it is down. */
extern const struct Trigger *fence_row_trigger(const struct TriggerDesc *triggers);

/* Raise unless the row may be written, by the write that fired the trigger (null: not known). */
extern void fence_row_check(struct RelationData *relation, const struct Trigger *fence,
							struct HeapTupleData *row, FenceEvent event,
							const struct TriggerData *trigger);

/* The row is looked at again before the transaction commits or is prepared. */
extern void fence_orphan_remember(struct RelationData *relation, struct HeapTupleData *row);

/* Called once, from _PG_init. */
extern void fence_orphan_init(void);

#endif /* PG_GRAY_FENCE_FENCE_ROW_H */
