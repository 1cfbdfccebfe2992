/*
 * row_owner.h: finds the owner of a row: the uid in the row, or at the end of its owner path
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

/* The way from the rows of a table to their user. */
typedef struct RowOwner
{
	unsigned int table; /* Oid */

	/* the uid column alone, or the columns of the owner path */
	int				  column_count;
	int16_t			 *attnums;
	struct OwnerWalk *path;		/* null: the column holds the uid */
	unsigned int	  uid_type; /* Oid of the type of the uid column */
} RowOwner;

/*
 * Load the way in the current memory context, except the parts that row_owner_free frees.  The
 * caller has called SPI_connect.
 */
extern void row_owner_load(RowOwner *owner, struct SessionEntry *entry,
						   const struct OwnerRoute *route, int release_id);

/*
 * Lock the tables of the owner path ACCESS SHARE, so that the path stays the same; or release
 * these locks.
 */
extern void row_owner_lock(const RowOwner *owner);
extern void row_owner_unlock(const RowOwner *owner);

/*
 * Return in *uid the uid (of its family: uid.h) of a row of the table or of one of its partitions
 * (an Oid); return false when the row has no owner.  The caller has locked the owner path.
 */
extern bool row_owner_of(const RowOwner *owner, struct SnapshotData *snapshot,
						 struct TupleTableSlot *row, unsigned int relation, uintptr_t *uid);

/* One step: from the columns that refer to a row of the parent, to the next columns in that row. */
typedef struct OwnerLink
{
	unsigned int		parent;		/* Oid */
	unsigned int		index;		/* Oid; 0: the plan is used */
	struct ScanKeyData *keys;		/* scan keys of the index, without their arguments */
	int				   *key_values; /* by scan key: number of the given value */
	struct _SPI_plan   *plan;
	int					value_count; /* number of given values */
	/* number of values found: the uid alone, or the parent's own path columns */
	int			next_count;
	int16_t	   *next;	/* attributes of these values; in the plan's result: 1 .. */
	OwnerNobody nobody; /* the lock to take when one of these values is null */
} OwnerLink;

typedef struct OwnerWalk
{
	int			 release_id;
	unsigned int uid_type; /* Oid of the type of the uid column at the end */
	int			 link_count;
	OwnerLink	*links;
} OwnerWalk;

/*
 * Load the path of a table along a route that is not broken and has more than one step; in the
 * current memory context, to be freed with owner_walk_free.  The caller has called SPI_connect,
 * and holds a lock on the tables.
 */
extern OwnerWalk *owner_walk_load(struct SessionEntry *entry, const struct OwnerRoute *route,
								  int release_id);

/*
 * Return in *owner the owner at the end of the path, a user or nobody, from the values of a row's
 * path columns.  Return false when a row on the path does not exist.  Privileges and row security
 * are not checked.  The caller has locked the parents.
 */
extern bool owner_walk_follow(const OwnerWalk *path, struct SnapshotData *snapshot,
							  const uintptr_t *values, Owner *owner);

#endif /* PG_GRAY_OWNER_ROW_OWNER_H */
