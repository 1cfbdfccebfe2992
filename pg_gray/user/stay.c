/*
 * stay.c: loads the record that the migration made of a user's stay in gray
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "postgres/query.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/twin.h"
#include "release/twin_shape.h"
#include "user/stay.h"
#include "user/uid.h"

/* The columns of a stay table, without the uid. */
#define COLUMNS "xid, since, rows, defaults, columns, storage, relations, own"

/*
 * Writing
 */

/* Append a bigint[]; null without numbers. */
static void
arg_numbers(QueryArgs *args, const uint64 *numbers, int count)
{
	Datum *values = palloc(sizeof(Datum) * Max(count, 1));

	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(numbers[i]);
	query_arg(args, INT8ARRAYOID,
			  PointerGetDatum(
				  construct_array(values, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE)));
	if (count == 0)
		args->nulls[args->count - 1] = 'n';
}

/*
 * Append an array with one number for each table of the registry; null when all numbers are 0.  A
 * table that is gone has 0.
 */
static void
arg_of_twins(QueryArgs *args, const TwinSet *set, uint64 (*number)(const Twin *twin))
{
	uint64 *numbers = palloc0(sizeof(uint64) * Max(set->registered, 1));
	bool	any = false;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		numbers[twin->place] = number(twin);
		any |= numbers[twin->place] != 0;
	}
	arg_numbers(args, numbers, any ? set->registered : 0);
}

static void
arg_rows(QueryArgs *args, const TwinSet *set, const uint64_t *rows)
{
	uint64 *numbers = palloc0(sizeof(uint64) * Max(set->registered, 1));

	for (int i = 0; i < set->count; i++)
		numbers[set->twins[i].place] = rows[i];
	arg_numbers(args, numbers, set->registered);
}

/* Return the hash of the defaults by which the rows got values of gray-only columns. */
static uint64
defaults_of(const Twin *twin)
{
	return twin->defaults;
}

/*
 * Append the relations of all tables, in the form that Stay.relations has.  A table that is gone has
 * none on either side.
 */
static void
arg_relations(QueryArgs *args, const TwinSet *set)
{
	List	   *relations = NIL;
	const Twin *next = set->twins;

	for (int place = 0; place < set->registered; place++)
	{
		const Twin *twin = next < set->twins + set->count && next->place == place ? next++ : NULL;

		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			if (twin != NULL)
			{
				relations = lappend_oid(relations, twin->relation[side]);
				relations = list_concat(relations, twin->parts[side]);
			}
			relations = lappend_oid(relations, InvalidOid);
		}
	}
	query_arg_oids(args, relations);
	if (relations == NIL)
		args->nulls[args->count - 1] = 'n';
}

/* Return a transaction id: every write from now on has this id or a later one. */
static uint64
oldest_in_progress(uint64 xid)
{
	return xid - (uint32) ((TransactionId) xid - GetLatestSnapshot()->xmin);
}

/* Insert the user's row; return false when there is a row already. */
static bool
insert(const Release *release, QueryArgs *args)
{
	return query_run_saved(psprintf("INSERT INTO %s (uid, " COLUMNS ")"
									" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
									release->stay_table),
						   args) > 0;
}

/* Append the triples of Stay.own. */
static void
arg_own(QueryArgs *args, const TwinSet *set, const uint64 *rows)
{
	uint64 *numbers = palloc(sizeof(uint64) * Max(3 * set->own_count, 1));

	for (int i = 0; i < set->own_count; i++)
	{
		numbers[3 * i] = set->own[i].position;
		numbers[3 * i + 1] = rows[i];
		numbers[3 * i + 2] = set->own[i].shape;
	}
	arg_numbers(args, numbers, 3 * set->own_count);
}

void
stay_begin(const Release *release, const Uid *uid, const TwinSet *set, const uint64_t *rows,
		   const uint64_t *own_rows)
{
	uint64	  xid = U64FromFullTransactionId(GetCurrentFullTransactionId());
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_arg(&args, XID8OID, UInt64GetDatum(xid));
	query_arg(&args, XID8OID, UInt64GetDatum(oldest_in_progress(xid)));
	arg_rows(&args, set, rows);
	arg_of_twins(&args, set, defaults_of);
	arg_of_twins(&args, set, twin_shape_columns);
	arg_of_twins(&args, set, twin_shape_storage);
	arg_relations(&args, set);
	arg_own(&args, set, own_rows);
	if (insert(release, &args))
		return;
	/* The row is from an earlier stay, and the user's state was set by hand. */
	(void) stay_end(release, set, &args);
	(void) insert(release, &args);
}

/*
 * Reading
 */

/* Transaction ids can be compared over half of their cycle only. */
#define XID_MAX_AGE (UINT64CONST(1) << 31)

static bool
is_young(uint64 xid)
{
	return U64FromFullTransactionId(ReadNextFullTransactionId()) - xid < XID_MAX_AGE;
}

/* Return the elements of an array of the first row; null when the array is null. */
static Datum *
read_array(int column, Oid type, int *count)
{
	int16  length;
	bool   by_value;
	char   align;
	bool   is_null;
	Datum  array = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);
	Datum *elements;

	if (is_null)
		return NULL;
	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(DatumGetArrayTypePCopy(array), type, length, by_value, align, &elements, NULL,
					  count);
	return elements;
}

static uint64 *
read_numbers(int column, int *count)
{
	return (uint64 *) read_array(column, INT8OID, count);
}

static void
read_relations(Stay *stay, int column)
{
	Datum *oids = read_array(column, OIDOID, &stay->relation_count);

	if (oids == NULL)
		return;
	stay->relations = palloc(sizeof(Oid) * Max(stay->relation_count, 1));
	for (int i = 0; i < stay->relation_count; i++)
		stay->relations[i] = DatumGetObjectId(oids[i]);
}

static void
read_xids(Stay *stay)
{
	bool  is_null;
	Datum xid = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);

	if (!is_null && is_young(DatumGetUInt64(xid)))
		stay->xid = (TransactionId) DatumGetUInt64(xid);
	xid = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null);
	if (is_null || !is_young(DatumGetUInt64(xid)))
		return;
	stay->since_full = DatumGetUInt64(xid);
	stay->since = (TransactionId) stay->since_full;
}

static void
read_stay(Stay *stay)
{
	int count;

	read_xids(stay);
	stay->rows = read_numbers(3, &stay->table_count);
	stay->defaults = read_numbers(4, &count);
	stay->columns = read_numbers(5, &count);
	stay->storage = read_numbers(6, &count);
	read_relations(stay, 7);
	stay->own = read_numbers(8, &stay->own_length);
}

/*
 * In a restored dump the tables have other Oids and files. twin_remember removes the old ones from
 * the registry.
 */
static void
forget_tables(Stay *stay)
{
	stay->columns = NULL;
	stay->storage = NULL;
	stay->relations = NULL;
	stay->relation_count = 0;
}

/*
 * Return the numbers of the tables of the set.  Without columns, a table took no part in the stay:
 * it has the number that it has now.
 */
static uint64 *
numbers_of_set(const uint64 *numbers, const uint64 *columns, const TwinSet *set,
			   uint64 (*now)(const Twin *twin))
{
	uint64 *of_set;

	if (numbers == NULL)
		return NULL;
	of_set = palloc(sizeof(uint64) * Max(set->count, 1));
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		of_set[i] = now != NULL && columns != NULL && columns[twin->place] == 0
						? now(twin)
						: numbers[twin->place];
	}
	return of_set;
}

/* The record is by place in the registry; make the stay one by number of the table in the set. */
static void
arrange(Stay *stay, const TwinSet *set)
{
	const uint64 *columns = stay->columns;
	List		 *relations = NIL;
	ListCell	 *cell;

	for (int i = 0; i < set->count && stay->relations != NULL; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			relations =
				lappend_oid(list_concat(relations, stay_relations(stay, set->twins[i].place, side)),
							InvalidOid);
	}
	stay->relation_count = list_length(relations);
	foreach(cell, relations)
		stay->relations[foreach_current_index(cell)] = lfirst_oid(cell);
	stay->table_count = set->count;
	stay->rows = numbers_of_set(stay->rows, columns, set, NULL);
	stay->defaults = numbers_of_set(stay->defaults, columns, set, defaults_of);
	stay->storage = numbers_of_set(stay->storage, columns, set, twin_shape_storage);
	stay->columns = numbers_of_set(stay->columns, columns, set, twin_shape_columns);
}

static Stay *
load(const Release *release, const TwinSet *set, const QueryArgs *args, const char *sql)
{
	Stay	  *stay = palloc0(sizeof(Stay));
	RoleSwitch before;

	role_become_catalog_owner(&before);
	if (query_run_saved(sql, args) > 0)
		read_stay(stay);
	role_return(&before);
	if (!release->in_cluster || stay->table_count != set->registered)
		*stay = (Stay){0};
	else
		arrange(stay, set);
	if (!release->in_place)
		forget_tables(stay);
	return stay;
}

Stay *
stay_load(const Release *release, const TwinSet *set, const QueryArgs *args)
{
	return load(release, set, args,
				psprintf("SELECT " COLUMNS " FROM %s WHERE uid = $1", release->stay_table));
}

Stay *
stay_end(const Release *release, const TwinSet *set, const QueryArgs *args)
{
	return load(release, set, args,
				psprintf("DELETE FROM %s WHERE uid = $1 RETURNING " COLUMNS, release->stay_table));
}

bool
stay_had_own(const Stay *stay, const Twin *own, uint64_t rows)
{
	for (int i = 0; stay->own != NULL && i + 2 < stay->own_length; i += 3)
	{
		if (stay->own[i] == (uint64) own->position)
			return stay->own[i + 1] == rows && stay->own[i + 2] == own->shape;
	}
	return false;
}

bool
stay_find_altered(Altered *altered, const Stay *stay, int place, const Twin *twin)
{
	*altered = (Altered){stay, place};
	return stay->columns == NULL ||
		   !twin_shape_same_pairs(stay->columns[place], twin_shape_columns(twin));
}

bool
stay_had_column(const Altered *altered, Side side, int attnum)
{
	const Stay *stay = altered->stay;

	return stay->columns == NULL || twin_shape_had(stay->columns[altered->place], side, attnum);
}

bool
stay_is_new_pair(const Altered *altered, const Column *column)
{
	return column_is_pair(column) &&
		   (!stay_had_column(altered, SIDE_PRODUCTION, column->attnum[SIDE_PRODUCTION]) ||
			!stay_had_column(altered, SIDE_GRAY, column->attnum[SIDE_GRAY]));
}

bool
stay_is_altered(const Stay *stay, const Column *column, Side side)
{
	return stay->since_full != 0 && column->altered[side] >= stay->since_full;
}

List *
stay_relations(const Stay *stay, int place, Side side)
{
	List *relations = NIL;
	int	  wanted = 2 * place + (int) side;
	int	  ended = 0; /* number of sides that ended */

	for (int i = 0; i < stay->relation_count && ended <= wanted; i++)
	{
		if (!OidIsValid(stay->relations[i]))
			ended++;
		else if (ended == wanted)
			relations = lappend_oid(relations, stay->relations[i]);
	}
	return relations;
}

bool
stay_is_another(const Stay *stay, int place, Side side, unsigned int relation)
{
	return stay->relations != NULL && !list_member_oid(stay_relations(stay, place, side), relation);
}
