/*
 * rival_owner.c: whose a row is
 */
#include "postgres.h"

#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "owner_query.h"
#include "partition.h"
#include "relation.h"
#include "rival_owner.h"

static void
prepare(RivalOwner *owner, const Twin *twin, Side side)
{
	MemoryContext context = CurrentMemoryContext;
	Oid			  types[INDEX_MAX_KEYS];

	for (int i = 0; i < twin->path_count; i++)
		types[i] = twin->path_columns[i]->type[side];
	owner->plan = SPI_prepare(owner_query(twin, side), twin->path_count, types);
	if (owner->plan == NULL || SPI_keepplan(owner->plan) != 0)
		elog(ERROR, "could not prepare the owner path of table %s", twin->table[side]);
	MemoryContextSwitchTo(context); /* SPI leaves us in its own */
}

void
rival_owner_load(RivalOwner *owner, const Twin *twin, Side side, unsigned int uid_type)
{
	bool by_column = twin->uid_column != NULL;

	owner->table = twin->relation[side];
	owner->role = relation_owner(owner->table);
	owner->uid_type = uid_type;
	owner->column_count = by_column ? 1 : twin->path_count;
	owner->attnums = palloc(sizeof(int16) * owner->column_count);
	for (int i = 0; i < owner->column_count; i++)
		owner->attnums[i] = (by_column ? twin->uid_column : twin->path_columns[i])->attnum[side];
	if (!by_column)
		prepare(owner, twin, side);
}

void
rival_owner_free(RivalOwner *owner)
{
	if (owner->plan != NULL)
		SPI_freeplan(owner->plan);
	owner->plan = NULL;
}

/*
 * As the tables' owner, like the checks of foreign keys.  Not being read-only, it sees
 * what this very statement has written, such as the parent.
 */
static void
execute(const RivalOwner *owner, Datum *values)
{
	Oid user;
	int sec_context;
	int result;

	GetUserIdAndSecContext(&user, &sec_context);
	SetUserIdAndSecContext(owner->role,
						   sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	result = SPI_execute_snapshot(owner->plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot,
								  false, false, 1);
	SetUserIdAndSecContext(user, sec_context);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not follow the owner path: %s", SPI_result_code_string(result));
}

static bool
query_owner(const RivalOwner *owner, Datum *values, Datum *uid)
{
	MemoryContext context = CurrentMemoryContext;
	bool		  is_null = true;
	Datum		  value = (Datum) 0;

	SPI_connect();
	execute(owner, values);
	if (SPI_processed > 0)
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	if (!is_null)
	{
		MemoryContext procedure = MemoryContextSwitchTo(context);

		*uid = datumCopy(value, get_typbyval(owner->uid_type), get_typlen(owner->uid_type));
		MemoryContextSwitchTo(procedure);
	}
	SPI_finish();
	return !is_null;
}

bool
rival_owner_of(const RivalOwner *owner, TupleTableSlot *row, unsigned int relation, uintptr_t *uid)
{
	Datum values[INDEX_MAX_KEYS];

	for (int i = 0; i < owner->column_count; i++)
	{
		bool	   is_null;
		AttrNumber attnum = partition_attnum(relation, owner->table, owner->attnums[i]);

		values[i] = slot_getattr(row, attnum, &is_null);
		if (is_null)
			return false;
	}
	if (owner->plan != NULL)
		return query_owner(owner, values, uid);
	*uid = values[0];
	return true;
}
