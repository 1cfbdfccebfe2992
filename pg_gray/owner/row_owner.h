/*
 * row_owner.h: the owner of a row: the uid in it, or the one at the end of its owner path
 */
#ifndef PG_GRAY_OWNER_ROW_OWNER_H
#define PG_GRAY_OWNER_ROW_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "owner/owner_nobody.h"
#include "release/side_state.h"
#include "user/owner_set.h"

struct OwnerWalk;
struct OwnerRoute;
struct SessionEntry;
struct SnapshotData;
struct TupleTableSlot;

/* How the rows of a table lead to their user. */
typedef struct RowOwner
{
	unsigned int table; /* Oid */

	/* the uid's column alone, or those of the owner path */
	int				  column_count;
	int16_t			 *attnums;
	struct OwnerWalk *path;		/* null: the column holds the uid */
	unsigned int	  uid_type; /* Oid, of that column */
} RowOwner;

/*
 * For an entry of a session cache, in the current memory context, which is the entry's.  The caller
 * has called SPI_connect.
 */
extern void row_owner_load(RowOwner *owner, struct SessionEntry *entry,
						   const struct OwnerRoute *route, int release_id);

/* Lock the tables of the owner path ACCESS SHARE, so that it stays what it is; or let them go. */
extern void row_owner_lock(const RowOwner *owner);
extern void row_owner_unlock(const RowOwner *owner);

/*
 * The uid (of its family: uid.h) of a row of the table or of one of its partitions (an Oid), in *uid;
 * false when it belongs to nobody.  The caller has locked the owner path.
 */
extern bool row_owner_of(const RowOwner *owner, struct SnapshotData *snapshot,
						 struct TupleTableSlot *row, unsigned int relation, uintptr_t *uid);

/* One step: from the columns that refer to a row of the parent, to what is in that row. */
typedef struct OwnerLink
{
	unsigned int		parent;		/* Oid */
	unsigned int		index;		/* Oid; 0: by the plan */
	struct ScanKeyData *keys;		/* the index's, without their arguments */
	int				   *key_values; /* by key: which of the given values */
	struct _SPI_plan   *plan;
	int					value_count; /* given */
	int					next_count;	 /* found: the uid alone, or the parent's own path columns */
	int16_t			   *next;		 /* their attributes; of the plan's result: 1 .. */
	OwnerNobody			nobody;		 /* whom to lock when one of them is null */
} OwnerLink;

typedef struct OwnerWalk
{
	int			 release_id;
	unsigned int uid_type; /* Oid: of the column at the end */
	int			 link_count;
	OwnerLink	*links;
} OwnerWalk;

/*
 * The path of a table along a route that is not broken, of more than one step, as row_owner_load.
 * The caller holds a lock on the tables.
 */
extern OwnerWalk *owner_walk_load(struct SessionEntry *entry, const struct OwnerRoute *route,
								  int release_id);

/*
 * The owner at the end, a user or nobody, given the path columns of a row.  False
 * when a row on the way is not there.  Privileges and row security are not asked.
 * The caller has locked the parents.
 */
extern bool owner_walk_follow(const OwnerWalk *path, struct SnapshotData *snapshot,
							  const uintptr_t *values, Owner *owner);

#endif /* PG_GRAY_OWNER_ROW_OWNER_H */
