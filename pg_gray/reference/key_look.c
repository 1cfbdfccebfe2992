/*
 * key_look.c: finds the rows at the other end of a foreign key
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
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"

#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/session_cache.h"
#include "reference/key_look.h"
#include "reference/reference_action.h"

/* Number of rows that a query fetches at a time. */
#define FETCHED_AT_ONCE 64

/* The two ends of a foreign key: the searched end, and the end from which the given values come. */
typedef struct Ends
{
	const ReferenceAction *action;
	Oid					   relation;
	const int16			  *columns;
	Oid					   from;
	const int16			  *from_columns;
	bool				   referrers; /* the searched rows are the referring ones */
	const Oid			  *types;	  /* types of the values; null: those of from_columns */
} Ends;

/*
 * Loading
 */

/* Return the position of a column of the relation in the foreign key, or -1. */
static int
place_of(const Ends *ends, AttrNumber attnum)
{
	for (int i = 0; i < ends->action->count; i++)
	{
		if (ends->columns[i] == attnum)
			return i;
	}
	return -1;
}

static Oid
given_type(const Ends *ends, int i)
{
	return ends->types != NULL ? ends->types[i] : get_atttype(ends->from, ends->from_columns[i]);
}

/* Return the collation of the referred column, in which PostgreSQL compares. */
static Oid
collation_of(const Ends *ends, int i)
{
	const ReferenceAction *action = ends->action;
	Oid					   type;
	int32				   typmod;
	Oid					   collation;

	get_atttypetypmodcoll(action->referred, action->referred_columns[i], &type, &typmod, &collation);
	return collation;
}

/* Return false unless the index and the foreign key have the same equality operator. */
static bool
make_key(ScanKey key, const Ends *ends, Relation index, int i, int place)
{
	Oid given = getBaseType(given_type(ends, place));
	Oid equal = ends->action->equal[place];
	Oid operator;

	if (index->rd_indcollation[i] != collation_of(ends, place))
		return false;
	if (IsBinaryCoercible(given, index->rd_opcintype[i]))
		given = index->rd_opcintype[i];
	operator= get_opfamily_member(index->rd_opfamily[i], index->rd_opcintype[i], given,
								  BTEqualStrategyNumber);
	if (!OidIsValid(operator) || (operator!= equal && operator!= get_commutator(equal)))
		return false;
	ScanKeyEntryInitialize(key, 0, i + 1, BTEqualStrategyNumber, given, index->rd_indcollation[i],
						   get_opcode(operator), (Datum) 0);
	return true;
}

/* Make the scan keys, if the index begins with just the columns of the foreign key. */
static bool
use_index(KeyLook *look, const Ends *ends, Relation index)
{
	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisvalid ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) ||
		index->rd_index->indnkeyatts < look->count)
		return false;
	for (int i = 0; i < look->count; i++)
	{
		int place = place_of(ends, index->rd_index->indkey.values[i]);

		if (place < 0 || !make_key(&look->keys[i], ends, index, i, place))
			return false;
		look->key_values[i] = place;
	}
	look->index = RelationGetRelid(index);
	return true;
}

static void
find_index(KeyLook *look, const Ends *ends)
{
	Relation  relation = table_open(look->relation, AccessShareLock);
	ListCell *cell;

	look->keys = palloc(sizeof(ScanKeyData) * look->count);
	look->key_values = palloc(sizeof(int) * look->count);
	if (relation->rd_rel->relkind == RELKIND_RELATION)
	{
		foreach(cell, RelationGetIndexList(relation))
		{
			Relation index = index_open(lfirst_oid(cell), AccessShareLock);
			bool	 used = use_index(look, ends, index);

			index_close(index, NoLock);
			if (used)
				break;
		}
	}
	table_close(relation, NoLock);
}

/* Append a condition with the form that it has in PostgreSQL's own queries for the foreign key. */
static void
append_condition(StringInfo sql, const Ends *ends, int i)
{
	const char *column =
		psprintf("r.%s", quote_identifier(get_attname(ends->relation, ends->columns[i], false)));
	const char *given = psprintf("$%d", i + 1);
	Oid			type = get_atttype(ends->relation, ends->columns[i]);
	Oid			equal = ends->action->equal[i];
	Oid			collation = collation_of(ends, i);

	if (ends->referrers)
		generate_operator_clause(sql, given, given_type(ends, i), equal, column, type);
	else
		generate_operator_clause(sql, column, type, equal, given, given_type(ends, i));
	if (OidIsValid(collation) && !get_collation_isdeterministic(collation))
		appendStringInfo(sql, " COLLATE %s", generate_collation_name(collation));
}

static void
prepare_plan(KeyLook *look, const Ends *ends)
{
	QueryArgs	   args = {0};
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT r.tableoid, r.ctid FROM %s r", relation_name(look->relation));
	for (int i = 0; i < look->count; i++)
	{
		query_arg(&args, given_type(ends, i), (Datum) 0);
		appendStringInfoString(&sql, i == 0 ? " WHERE " : " AND ");
		append_condition(&sql, ends, i);
	}
	look->plan = query_prepare_root(sql.data, &args);
	query_keep(look->plan);
}

static void
load(KeyLook *look, const Ends *ends)
{
	memset(look, 0, sizeof(KeyLook));
	look->relation = ends->relation;
	look->count = ends->action->count;
	look->role = relation_owner(ends->relation);
	find_index(look, ends);
	if (!OidIsValid(look->index))
	{
		RoleSwitch before;

		role_become(&before, look->role);
		prepare_plan(look, ends);
		role_return(&before);
	}
}

void
key_look_load_referrers_by(KeyLook *look, const ReferenceAction *action, const unsigned int *types)
{
	const Ends ends = {.action = action,
					   .relation = action->referrer,
					   .columns = action->referring_columns,
					   .from = action->referred,
					   .from_columns = action->referred_columns,
					   .referrers = true,
					   .types = types};

	load(look, &ends);
}

void
key_look_load_referred_by(KeyLook *look, const ReferenceAction *action, const unsigned int *types)
{
	const Ends ends = {.action = action,
					   .relation = action->referred,
					   .columns = action->referred_columns,
					   .from = action->referrer,
					   .from_columns = action->referring_columns,
					   .types = types};

	load(look, &ends);
}

void
key_look_load_referrers(KeyLook *look, SessionEntry *entry, const ReferenceAction *action)
{
	key_look_load_referrers_by(look, action, NULL);
	session_cache_own_plan(entry, look->plan);
}

void
key_look_load_referred(KeyLook *look, SessionEntry *entry, const ReferenceAction *action)
{
	key_look_load_referred_by(look, action, NULL);
	session_cache_own_plan(entry, look->plan);
}

void
key_look_free(KeyLook *look)
{
	if (look->plan != NULL)
		SPI_freeplan(look->plan);
	look->plan = NULL;
}

/*
 * Looking
 */

static void
each_by_index(const KeyLook *look, Snapshot snapshot, const Datum *values, KeyLookVisit visit,
			  void *arg)
{
	Relation		relation = table_open(look->relation, NoLock);
	Relation		index = index_open(look->index, AccessShareLock);
	TupleTableSlot *row = table_slot_create(relation, NULL);
	IndexScanDesc	scan = index_beginscan(relation, index, snapshot, look->count, 0);
	ScanKeyData		keys[INDEX_MAX_KEYS];

	memcpy(keys, look->keys, sizeof(ScanKeyData) * look->count);
	for (int i = 0; i < look->count; i++)
		keys[i].sk_argument = values[look->key_values[i]];
	index_rescan(scan, keys, look->count, NULL, 0);
	while (index_getnext_slot(scan, ForwardScanDirection, row) && visit(arg, relation, row))
		CHECK_FOR_INTERRUPTS();
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	index_close(index, NoLock);
	table_close(relation, NoLock);
}

/* A fetched row has the row's table and tid. */
static bool
visit_fetched(const SPITupleTable *fetched, uint64 i, Snapshot snapshot, KeyLookVisit visit,
			  void *arg)
{
	bool			is_null;
	Datum			table = SPI_getbinval(fetched->vals[i], fetched->tupdesc, 1, &is_null);
	Datum			place = SPI_getbinval(fetched->vals[i], fetched->tupdesc, 2, &is_null);
	Relation		relation = table_open(DatumGetObjectId(table), NoLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	bool			more = true;

	if (table_tuple_fetch_row_version(relation, (ItemPointer) DatumGetPointer(place), snapshot,
									  slot))
		more = visit(arg, relation, slot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return more;
}

static void
each_by_plan(const KeyLook *look, Snapshot snapshot, const Datum *values, KeyLookVisit visit,
			 void *arg)
{
	bool	   more = true;
	RoleSwitch before;
	Portal	   portal;

	SPI_connect();
	role_become(&before, look->role);
	PushActiveSnapshot(snapshot);
	portal = SPI_cursor_open(NULL, look->plan, unconstify(Datum *, values), NULL, true);
	while (more)
	{
		SPITupleTable *fetched;

		SPI_cursor_fetch(portal, true, FETCHED_AT_ONCE);
		fetched = SPI_tuptable;
		more = fetched->numvals > 0;
		for (uint64 i = 0; more && i < fetched->numvals; i++)
			more = visit_fetched(fetched, i, snapshot, visit, arg);
		SPI_freetuptable(fetched);
	}
	SPI_cursor_close(portal);
	PopActiveSnapshot();
	role_return(&before);
	SPI_finish();
}

void
key_look_each(const KeyLook *look, Snapshot snapshot, const uintptr_t *values, KeyLookVisit visit,
			  void *arg)
{
	if (look->plan == NULL)
		each_by_index(look, snapshot, values, visit, arg);
	else
		each_by_plan(look, snapshot, values, visit, arg);
}
