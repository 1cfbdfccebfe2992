/*
 * fence_verdict.h: decides whether a row may be written on this side
 */
#ifndef PG_GRAY_FENCE_FENCE_VERDICT_H
#define PG_GRAY_FENCE_FENCE_VERDICT_H

#include "release/side_state.h"
#include "user/owner_set.h"

struct FenceTable;
struct HeapTupleData;
struct TupleDescData;

/* What happens to the row, from its owner's point of view. */
typedef enum FenceEvent
{
	ROW_COMES, /* inserted, or the new version of an UPDATE */
	ROW_GOES,  /* deleted, or the old version of an UPDATE that changes the owner */
	/* the row goes to another owner, and takes along the rows whose owner path leads over it */
	ROW_GIVEN
} FenceEvent;

typedef enum FenceAnswer
{
	FENCE_HERE, /* the owner's data is on this side, and stays until the end of the transaction */
	FENCE_ELSEWHERE, /* the owner's data is on the other side */
	FENCE_NOBODY,	 /* the row comes in gray and would have no owner */
	FENCE_ORPHAN	 /* the row comes, and its owner can't be found */
} FenceAnswer;

typedef struct FenceVerdict
{
	FenceAnswer answer;
	Owner		owner;	/* the owner whose data is elsewhere; borrows the uid from the row */
	int16_t		attnum; /* the column that is null, or that leads to a row without an owner */
} FenceVerdict;

/*
 * Return the verdict on a row.  Locks the owner as the event demands, and so may block.  A row
 * that goes and whose owner can't be found has an owner row that this transaction deleted: then
 * the fence on the owner row and the foreign key guard it.
 */
extern FenceVerdict fence_verdict_on(const struct FenceTable *table, struct HeapTupleData *row,
									 struct TupleDescData *descriptor, FenceEvent event);

#endif /* PG_GRAY_FENCE_FENCE_VERDICT_H */
