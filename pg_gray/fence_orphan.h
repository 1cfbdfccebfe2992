/*
 * fence_orphan.h: rows whose owner row was not there when they were written
 */
#ifndef FENCE_ORPHAN_H
#define FENCE_ORPHAN_H

struct HeapTupleData;
struct RelationData;

/* The row is looked at again before the transaction commits or is prepared. */
extern void fence_orphan_remember(struct RelationData *relation, struct HeapTupleData *row);

/* Called once, from _PG_init. */
extern void fence_orphan_init(void);

#endif /* FENCE_ORPHAN_H */
