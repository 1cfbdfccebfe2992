/*
 * row_owner.c: finds the owner of a row: the uid in the row, or at the end of its owner path
 *
 * Each step reads one row of a parent by its unique key: straight from the index, which takes a
 * fifth of the time of a planned query.  Where no index fits (a partitioned parent, a key that an
 * upgrade dropped), the step runs a query.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/nbtree.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "parser/parse_coerce.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "owner/owner_route.h"
#include "owner/row_owner.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/session_cache.h"
#include "postgres/sql_text.h"
#include "release/twin_sql.h"
#include "user/uid.h"

void
row_owner_load(RowOwner *owner, SessionEntry *entry, const OwnerRoute *route, int release_id)
{
	const OwnerStep *step = &route->steps[0];

	owner->table = step->relation;
	owner->uid_type = getBaseType(route->steps[route->count - 1].columns[0].type);
	owner->column_count = step->count;
	owner->attnums = palloc(sizeof(int16) * step->count);
	for (int i = 0; i < step->count; i++)
		owner->attnums[i] = step->columns[i].attnum;
	owner->path = step->referred == NULL ? NULL : owner_walk_load(entry, route, release_id);
}

void
row_owner_lock(const RowOwner *owner)
{
	for (int i = 0; owner->path != NULL && i < owner->path->link_count; i++)
		LockRelationOid(owner->path->links[i].parent, AccessShareLock);
}

void
row_owner_unlock(const RowOwner *owner)
{
	for (int i = 0; owner->path != NULL && i < owner->path->link_count; i++)
		UnlockRelationOid(owner->path->links[i].parent, AccessShareLock);
}

bool
row_owner_of(const RowOwner *owner, struct SnapshotData *snapshot, TupleTableSlot *row,
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
	if (!owner_walk_follow(owner->path, snapshot, values, &end) || owner_is_nobody(&end))
		return false;
	*uid = end.uid;
	return true;
}

/*
 * Loading
 */

static void
load_next(OwnerLink *link, const OwnerStep *parent)
{
	link->next_count = parent->count;
	link->next = palloc(sizeof(int16) * link->next_count);
	for (int i = 0; i < link->next_count; i++)
		link->next[i] = parent->columns[i].attnum;
}

/* Return the number of the step's column that refers to this attribute of the parent, or -1. */
static int
referring_column(const OwnerStep *step, AttrNumber attnum)
{
	for (int i = 0; i < step->count; i++)
	{
		if (step->referred[i].attnum == attnum)
			return i;
	}
	return -1;
}

/* Return false when the index has no equality operator for a value of this type. */
static bool
make_key(ScanKey key, Relation index, int i, Oid type)
{
	Oid family = index->rd_opfamily[i];
	Oid indexed = index->rd_opcintype[i];
	Oid given = getBaseType(type);
	Oid operator;

	if (IsBinaryCoercible(given, indexed))
		given = indexed;
	operator= get_opfamily_member(family, indexed, given, BTEqualStrategyNumber);
	if (!OidIsValid(operator))
		return false;
	ScanKeyEntryInitialize(key, 0, i + 1, BTEqualStrategyNumber, given, index->rd_indcollation[i],
						   get_opcode(operator), (Datum) 0);
	return true;
}

static bool
is_plain_unique(Relation index)
{
	Form_pg_index form = index->rd_index;

	return index->rd_rel->relam == BTREE_AM_OID && form->indisunique && form->indimmediate &&
		   form->indisvalid && heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) &&
		   heap_attisnull(index->rd_indextuple, Anum_pg_index_indexprs, NULL);
}

/* Make the scan keys, if the index has just the columns to which the path refers. */
static bool
use_index(OwnerLink *link, Relation index, const OwnerStep *step)
{
	if (!is_plain_unique(index) || index->rd_index->indnkeyatts != step->count)
		return false;
	for (int i = 0; i < step->count; i++)
	{
		int column = referring_column(step, index->rd_index->indkey.values[i]);

		if (column < 0 || index->rd_indcollation[i] != step->referred[column].collation ||
			!make_key(&link->keys[i], index, i, step->columns[column].type))
			return false;
		link->key_values[i] = column;
	}
	link->index = RelationGetRelid(index);
	return true;
}

static void
find_index(OwnerLink *link, const OwnerStep *step)
{
	Relation  parent = table_open(link->parent, AccessShareLock);
	ListCell *cell;

	link->keys = palloc(sizeof(ScanKeyData) * step->count);
	link->key_values = palloc(sizeof(int) * step->count);
	if (parent->rd_rel->relkind == RELKIND_RELATION)
	{
		foreach(cell, RelationGetIndexList(parent))
		{
			Relation index = index_open(lfirst_oid(cell), AccessShareLock);
			bool	 used = use_index(link, index, step);

			index_close(index, NoLock);
			if (used)
				break;
		}
	}
	table_close(parent, NoLock);
}

/* Prepare a SELECT of the columns of load_next FROM the parent, with the step's columns as $1 … */
static void
prepare_plan(OwnerLink *link, SessionEntry *entry, const OwnerStep *step, const OwnerStep *parent)
{
	Oid			   parent_owner = relation_owner(link->parent);
	QueryArgs	   args = {0};
	StringInfoData sql;
	RoleSwitch	   before;

	initStringInfo(&sql);
	for (int i = 0; i < link->next_count; i++)
	{
		appendStringInfo(&sql, "%s p.%s", i == 0 ? "SELECT" : ",", parent->columns[i].name);
		link->next[i] = i + 1;
	}
	appendStringInfo(&sql, " FROM %s p", parent->table);
	for (int i = 0; i < step->count; i++)
	{
		const OwnerColumn *referred = &step->referred[i];

		query_arg(&args, step->columns[i].type, (Datum) 0);
		appendStringInfoString(&sql, i == 0 ? " WHERE " : " AND ");
		sql_text_equal(&sql, psprintf("p.%s", referred->name), referred->type,
					   psprintf("$%d", i + 1), step->columns[i].type);
	}
	role_become(&before, parent_owner);
	link->plan = query_prepare_root(sql.data, &args);
	query_keep(link->plan);
	session_cache_own_plan(entry, link->plan);
	role_return(&before);
}

static void
load_link(OwnerLink *link, SessionEntry *entry, const OwnerStep *step, const OwnerStep *parent)
{
	link->parent = parent->relation;
	link->value_count = step->count;
	link->nobody = owner_nobody_load(step, END_CHILD);
	load_next(link, parent);
	find_index(link, step);
	if (!OidIsValid(link->index))
		prepare_plan(link, entry, step, parent);
}

OwnerWalk *
owner_walk_load(SessionEntry *entry, const OwnerRoute *route, int release_id)
{
	OwnerWalk *path = palloc0(sizeof(OwnerWalk));

	path->release_id = release_id;
	path->uid_type = getBaseType(route->steps[route->count - 1].columns[0].type);
	path->links = palloc0(sizeof(OwnerLink) * (route->count - 1));
	for (int i = 0; i + 1 < route->count; i++)
		load_link(&path->links[path->link_count++], entry, &route->steps[i], &route->steps[i + 1]);
	return path;
}

/*
 * Following
 */

typedef enum Step
{
	STEP_DONE,
	STEP_NULL,	 /* the row's column is null, so it leads no further */
	STEP_NOWHERE /* there is no such row */
} Step;

/* Copy the values of the columns that lead on. */
static Step
take_next(const OwnerLink *link, TupleTableSlot *row, Datum *next)
{
	for (int i = 0; i < link->next_count; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(row->tts_tupleDescriptor, link->next[i] - 1);
		bool			  is_null;
		Datum			  value = slot_getattr(row, link->next[i], &is_null);

		if (is_null)
			return STEP_NULL;
		next[i] = datumCopy(value, attribute->attbyval, attribute->attlen);
	}
	return STEP_DONE;
}

static Step
step_by_index(const OwnerLink *link, Snapshot snapshot, const Datum *values, Datum *next)
{
	Relation		parent = table_open(link->parent, NoLock);
	Relation		index = index_open(link->index, AccessShareLock);
	TupleTableSlot *row = table_slot_create(parent, NULL);
	IndexScanDesc	scan = index_beginscan(parent, index, snapshot, link->value_count, 0);
	ScanKeyData		keys[INDEX_MAX_KEYS];
	Step			step = STEP_NOWHERE;

	memcpy(keys, link->keys, sizeof(ScanKeyData) * link->value_count);
	for (int i = 0; i < link->value_count; i++)
		keys[i].sk_argument = values[link->key_values[i]];
	index_rescan(scan, keys, link->value_count, NULL, 0);
	if (index_getnext_slot(scan, ForwardScanDirection, row))
		step = take_next(link, row, next);
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	index_close(index, NoLock);
	table_close(parent, NoLock);
	return step;
}

/* Act as the parent's owner, as PostgreSQL's own foreign key checks do. */
static int
execute_as(Oid role, SPIPlanPtr plan, const Datum *values, Snapshot snapshot)
{
	RoleSwitch before;
	int		   result;

	role_become(&before, role);
	result = SPI_execute_snapshot(plan, unconstify(Datum *, values), NULL, snapshot,
								  InvalidSnapshot, true, false, 1);
	role_return(&before);
	return result;
}

static Step
step_by_plan(const OwnerLink *link, Snapshot snapshot, const Datum *values, Datum *next)
{
	MemoryContext caller = CurrentMemoryContext;
	Step		  step = STEP_NOWHERE;
	int			  result;

	SPI_connect();
	result = execute_as(relation_owner(link->parent), link->plan, values, snapshot);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not follow the owner path: %s", SPI_result_code_string(result));
	if (SPI_processed > 0)
	{
		TupleTableSlot *row = MakeSingleTupleTableSlot(SPI_tuptable->tupdesc, &TTSOpsHeapTuple);
		MemoryContext	procedure = MemoryContextSwitchTo(caller);

		ExecStoreHeapTuple(SPI_tuptable->vals[0], row, false);
		step = take_next(link, row, next);
		ExecDropSingleTupleTableSlot(row);
		MemoryContextSwitchTo(procedure);
	}
	SPI_finish();
	return step;
}

bool
owner_walk_follow(const OwnerWalk *path, Snapshot snapshot, const uintptr_t *values, Owner *owner)
{
	Datum		 present[2][INDEX_MAX_KEYS];
	const Datum *given = values;

	for (int i = 0; i < path->link_count; i++)
	{
		const OwnerLink *link = &path->links[i];
		Datum			*next = present[i % 2];
		Step			 step = link->plan == NULL ? step_by_index(link, snapshot, given, next)
												   : step_by_plan(link, snapshot, given, next);

		if (step == STEP_NOWHERE)
			return false;
		if (step == STEP_NULL)
		{
			*owner = owner_nobody_owner(&link->nobody, path->release_id, given);
			return true;
		}
		given = next;
	}
	*owner = owner_user(path->release_id, path->uid_type, given[0]);
	return true;
}
