/*
 * shared_table.h: caches, for the session, the foreign keys by which rows of users refer to a
 * table outside the release
 */
#ifndef PG_GRAY_FENCE_SHARED_TABLE_H
#define PG_GRAY_FENCE_SHARED_TABLE_H

#include <stdbool.h>

#include "fence/fence_user.h"
#include "owner/row_owner.h"
#include "postgres/session_cache.h"
#include "reference/key_look.h"
#include "reference/reference_action.h"

struct RelationData;
struct Trigger;

/* A foreign key of a table of the release, by which rows refer to this table. */
typedef struct SharedKey
{
	ReferenceAction action;
	bool			either_side; /* the action may reach rows of the other side */
	/* referred columns of this table, which may be a partition */
	int16_t	 columns[REFERENCE_MAX_COLUMNS];
	KeyLook	 referrers;
	RowOwner owner; /* of the rows that refer */
	char	*allow; /* SQL statement that lets the action reach both sides */
} SharedKey;

typedef struct SharedTable
{
	SessionEntry  entry;	/* by the trigger's Oid; must be first */
	unsigned int  relation; /* Oid */
	FencedRelease release;
	char		 *gray_schema;
	int			  key_count;
	SharedKey	 *keys;
} SharedTable;

/*
 * Return the entry for the table of a trigger, valid until the next call.  The trigger's argument
 * names the release; when the release is gone, the entry has no keys.
 */
extern const SharedTable *shared_table_get(struct RelationData	*relation,
										   const struct Trigger *trigger);

/*
 * Lock ACCESS SHARE the tables that are read to find the referring rows and their owners; or
 * release these locks.  If the entry is stale once the tables are locked (entry.stale), the caller
 * gets the entry again.
 */
extern void shared_table_lock(const SharedTable *table);
extern void shared_table_unlock(const SharedTable *table);

#endif /* PG_GRAY_FENCE_SHARED_TABLE_H */
