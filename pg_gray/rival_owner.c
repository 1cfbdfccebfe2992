/*
 * rival_owner.c: whose a row is
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#include "fence_path.h"
#include "partition.h"
#include "rival_owner.h"
#include "uid.h"

void
rival_owner_load(RivalOwner *owner, const struct Release *release, const Twin *twin, Side side,
				 unsigned int role)
{
	bool by_column = twin->uid_column != NULL;

	owner->table = twin->relation[side];
	owner->uid_type = by_column ? getBaseType(twin->uid_column->type[side]) : InvalidOid;
	owner->column_count = by_column ? 1 : twin->path_count;
	owner->attnums = palloc(sizeof(int16) * owner->column_count);
	for (int i = 0; i < owner->column_count; i++)
		owner->attnums[i] = (by_column ? twin->uid_column : twin->path_columns[i])->attnum[side];
	owner->path = by_column ? NULL : fence_path_load(release, twin, side, role);
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
