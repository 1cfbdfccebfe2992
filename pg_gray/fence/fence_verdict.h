/*
 * fence_verdict.h: whether a row may be written on this side
 */
#ifndef PG_GRAY_FENCE_FENCE_VERDICT_H
#define PG_GRAY_FENCE_FENCE_VERDICT_H

#include "release/side_state.h"
#include "user/owner_set.h"

struct FenceTable;
struct HeapTupleData;
struct TupleDescData;

/* What happens to the row, as its owner sees it. */
typedef enum FenceEvent
{
	ROW_COMES, /* inserted, or the new one of an UPDATE */
	ROW_GOES,  /* deleted, or the old one of an UPDATE that changes the owner */
	ROW_GIVEN  /* it goes to another owner, and takes the rows that lead to it along */
} FenceEvent;

typedef enum FenceAnswer
{
	FENCE_HERE, /* the owner's data is on this side, and stays until the end of the transaction */
	FENCE_ELSEWHERE, /* it is on the other side */
	FENCE_NOBODY,	 /* the row would belong to nobody, in gray */
	FENCE_ORPHAN	 /* it comes, and its owner can't be found */
} FenceAnswer;

typedef struct FenceVerdict
{
	FenceAnswer answer;
	Owner		owner;	/* who is elsewhere; borrows the uid from the row */
	int16_t		attnum; /* which leads to nobody */
} FenceVerdict;

/*
 * Locks the owner as the event demands, and so may block.  A row that goes, and whose
 * owner can't be found, has an owner row that this transaction deleted: then
 * the fence on the owner row, and the foreign key, guard it.
 */
extern FenceVerdict fence_verdict_on(const struct FenceTable *table, struct HeapTupleData *row,
									 struct TupleDescData *descriptor, FenceEvent event);

#endif /* PG_GRAY_FENCE_FENCE_VERDICT_H */
