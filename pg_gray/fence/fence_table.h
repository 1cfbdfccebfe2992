/*
 * fence_table.h: caches, for the session, the facts about a table that the fence needs
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

	/* null, or the reason why the owner of a row can't be told; then nothing below is of use */
	char	*broken;
	uint32_t broken_in; /* LocalTransactionId of the transaction that found the table broken */

	/* columns of this table: the uid column alone, or the columns of the owner path's first step */
	int				  column_count;
	int16_t			 *attnums;
	unsigned int	  uid_type; /* Oid of the type of the uid column at the end of the path */
	struct OwnerWalk *path;		/* null: the column holds the uid */

	int	 position; /* in the registry */
	bool own;	   /* only version 2 has the table (own_load.h) */
} FenceTable;

/* The tables whose owner path leads over a table: at first, and at all. */
typedef struct FenceFamily
{
	SessionEntry		entry; /* by the table's Oid; must be first */
	int					child_count;
	struct OwnerNobody *children;	 /* each child's foreign key, seen from this table */
	struct List		   *descendants; /* Oids */
} FenceFamily;

/*
 * The entry for a table, maybe a partition, loaded if need be.  The tables of its owner path
 * are locked ACCESS SHARE.  The trigger's arguments name the release and the side.
 */
extern const FenceTable *fence_table_get(struct RelationData *relation, const struct Trigger *fence);

/* Read the values of the columns that lead to the owner; false when one of them is null. */
extern bool fence_table_values(const FenceTable *table, struct HeapTupleData *row,
							   struct TupleDescData *descriptor, uintptr_t *values);

extern const FenceFamily *fence_table_family(const FenceTable *table);

/* The columns of the table that a child in its family refers to; false when one is null. */
extern bool fence_table_child_values(const struct OwnerNobody *child, struct HeapTupleData *row,
									 struct TupleDescData *descriptor, uintptr_t *values);

/* Keep other transactions from writing to the descendants until the end of the transaction. */
extern void fence_table_lock_descendants(const FenceTable *table);

/* True unless the columns that lead to the owner have the same values, bit for bit. */
extern bool fence_table_owner_may_differ(const FenceTable *table, struct HeapTupleData *old_row,
										 struct HeapTupleData *new_row,
										 struct TupleDescData *descriptor);

#endif /* PG_GRAY_FENCE_FENCE_TABLE_H */
