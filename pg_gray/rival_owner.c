/*
 * rival_owner.c: whose a row is
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#include "fence_path.h"
#include "owner_route.h"
#include "partition.h"
#include "rival_owner.h"
#include "uid.h"

void
rival_owner_load(RivalOwner *owner, const OwnerRoute *route, int release_id)
{
	const OwnerStep *step = &route->steps[0];

	owner->table = step->relation;
	owner->uid_type = getBaseType(route->steps[route->count - 1].columns[0].type);
	owner->column_count = step->count;
	owner->attnums = palloc(sizeof(int16) * step->count);
	for (int i = 0; i < step->count; i++)
		owner->attnums[i] = step->columns[i].attnum;
	owner->path = step->referred == NULL ? NULL : fence_path_load(route, release_id);
}

void
rival_owner_free(RivalOwner *owner)
{
	if (owner->path != NULL)
		fence_path_free(owner->path);
	owner->path = NULL;
}

void
rival_owner_lock(const RivalOwner *owner)
{
	for (int i = 0; owner->path != NULL && i < owner->path->link_count; i++)
		LockRelationOid(owner->path->links[i].parent, AccessShareLock);
}

void
rival_owner_unlock(const RivalOwner *owner)
{
	for (int i = 0; owner->path != NULL && i < owner->path->link_count; i++)
		UnlockRelationOid(owner->path->links[i].parent, AccessShareLock);
}

bool
rival_owner_of(const RivalOwner *owner, struct SnapshotData *snapshot, TupleTableSlot *row,
			   unsigned int relation, uintptr_t *uid)
{
	Datum values[INDEX_MAX_KEYS];
	Owner end;

	for (int i = 0; i < owner->column_count; i++)
	{
		bool	   is_null;
		AttrNumber attnum = partition_attnum(relation, owner->table, owner->attnums[i]);

		values[i] = slot_getattr(row, attnum, &is_null);
		if (is_null)
			return false;
	}
	if (owner->path == NULL)
	{
		*uid = uid_widened(owner->uid_type, values[0]);
		return true;
	}
	if (!fence_path_follow(owner->path, snapshot, values, &end) || owner_is_nobody(&end))
		return false;
	*uid = end.uid;
	return true;
}
