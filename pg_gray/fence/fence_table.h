/*
 * fence_table.h: what the fence knows of a table, remembered by the session
 */
#ifndef PG_GRAY_FENCE_FENCE_TABLE_H
#define PG_GRAY_FENCE_FENCE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "fence/fence_user.h"
#include "postgres/session_cache.h"
#include "release/side_state.h"

struct HeapTupleData;
struct RelationData;
struct Trigger;
struct TupleDescData;

typedef struct FenceTable
{
	SessionEntry  entry;	/* by the table's Oid; must be first */
	unsigned int  relation; /* Oid */
	Side		  side;
	FencedRelease release;

	/* null, or what is missing to tell whose its rows are; then nothing below is of use */
	char	*broken;
	uint32_t broken_in; /* LocalTransactionId in which it was found so */

	/* columns of this table: the uid's alone, or those of the owner path */
	int				  column_count;
	int16_t			 *attnums;
	unsigned int	  uid_type; /* Oid: of the column at the end */
	struct OwnerWalk *path;		/* null: the column holds the uid */

	int position; /* in the registry */
} FenceTable;

/* The tables whose owner path leads over a table: at first, and at all. */
typedef struct FenceFamily
{
	SessionEntry		entry; /* by the table's Oid; must be first */
	int					child_count;
	struct OwnerNobody *children;	 /* from this table's end */
	struct List		   *descendants; /* Oids */
} FenceFamily;

/*
 * The entry for a table, maybe a partition, loaded if need be.  The tables of its owner path
 * are locked ACCESS SHARE.  The trigger's arguments name the release and the side.
 */
extern const FenceTable *fence_table_get(struct RelationData *relation, const struct Trigger *fence);

/* The columns that lead to the owner; false when one is null. */
extern bool fence_table_values(const FenceTable *table, struct HeapTupleData *row,
							   struct TupleDescData *descriptor, uintptr_t *values);

extern const FenceFamily *fence_table_family(const FenceTable *table);

/* The columns of the table that a child in its family refers to; false when one is null. */
extern bool fence_table_child_values(const struct OwnerNobody *child, struct HeapTupleData *row,
									 struct TupleDescData *descriptor, uintptr_t *values);

/* Keep others from writing to the descendants until the end of the transaction. */
extern void fence_table_lock_descendants(const FenceTable *table);

/* True unless the columns that lead to the owner are the same, bit for bit. */
extern bool fence_table_owner_may_differ(const FenceTable *table, struct HeapTupleData *old_row,
										 struct HeapTupleData *new_row,
										 struct TupleDescData *descriptor);

#endif /* PG_GRAY_FENCE_FENCE_TABLE_H */
