/*
 * shared_table.h: what the session knows of a table outside the release that rows of users refer to
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
	int16_t			columns[REFERENCE_MAX_COLUMNS]; /* of this table, which may be a partition */
	KeyLook			referrers;
	RowOwner		owner; /* of those */
	char		   *allow; /* the statement that lets the action reach both sides */
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
 * The entry for the table of a trigger; without keys when the release, which the trigger's
 * argument names, is gone.
 */
extern const SharedTable *shared_table_get(struct RelationData	*relation,
										   const struct Trigger *trigger);

/*
 * Lock what the rows that refer by any key are read from ACCESS SHARE; or let it go.  When it
 * is stale once it is locked (entry.stale), get it anew.
 */
extern void shared_table_lock(const SharedTable *table);
extern void shared_table_unlock(const SharedTable *table);

#endif /* PG_GRAY_FENCE_SHARED_TABLE_H */
