/*
 * check_index.c: whether a table has the indexes that moves need
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "check_index.h"

typedef bool (*IndexTest)(const FormData_pg_index *index, Side side, const Twin *twin);

static bool
any_index(Oid relation, IndexTest test, Side side, const Twin *twin)
{
	Relation  table = table_open(relation, AccessShareLock);
	bool	  found = false;
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		HeapTuple	  tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
		Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

		if (index->indisvalid && heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
			found = found || test(index, side, twin);
		ReleaseSysCache(tuple);
	}
	table_close(table, AccessShareLock);
	return found;
}

static bool
begins_with_owner(const FormData_pg_index *index, Side side, const Twin *twin)
{
	AttrNumber leading = index->indkey.values[0];

	if (twin->uid_column != NULL)
		return twin->uid_column->attnum[side] == leading;
	for (int i = 0; i < twin->path_count; i++)
	{
		if (twin->path_columns[i]->attnum[side] == leading)
			return true;
	}
	return false;
}

static bool
is_key_column(const Twin *twin, Side side, AttrNumber attnum)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		if (twin->key_columns[i]->attnum[side] == attnum)
			return true;
	}
	return false;
}

static bool
covers_key(const FormData_pg_index *index, Side side, const Twin *twin)
{
	bool covers = index->indisunique;

	for (int i = 0; covers && i < index->indnkeyatts; i++)
		covers = is_key_column(twin, side, index->indkey.values[i]);
	return covers;
}

bool
check_index_leads_to_owner(unsigned int relation, Side side, const Twin *twin)
{
	return any_index(relation, begins_with_owner, side, twin);
}

bool
check_index_unique(unsigned int relation, Side side, const Twin *twin)
{
	return any_index(relation, covers_key, side, twin);
}
