/*
 * stay.c: loads the record that the migration made of a user's stay in gray
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/query.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/twin_shape.h"
#include "user/stay.h"

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

Stay *
stay_load(const Release *release, int table_count, const QueryArgs *args)
{
	Stay	  *stay = palloc0(sizeof(Stay));
	RoleSwitch before;

	if (!release->in_cluster)
		return stay;
	role_become_catalog_owner(&before);
	if (query_run_saved(psprintf("SELECT moved_xid, moved_since, moved_rows, moved_defaults, moved_columns,"
								 " moved_storage, moved_relations FROM %s WHERE uid = $1"
								 " AND kind = 'migrate' AND state = 'on' ORDER BY id DESC LIMIT 1",
								 release->attempt_table),
						unconstify(QueryArgs *, args)) > 0)
		read_stay(stay);
	role_return(&before);
	if (stay->table_count != table_count)
		*stay = (Stay){0};
	if (!release->in_place)
		forget_tables(stay);
	return stay;
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
stay_is_new_pair(const Altered *altered, const TwinColumn *column)
{
	return !stay_had_column(altered, SIDE_PRODUCTION, column->attnum[SIDE_PRODUCTION]) ||
		   !stay_had_column(altered, SIDE_GRAY, column->attnum[SIDE_GRAY]);
}

bool
stay_is_altered(const Stay *stay, const TwinColumn *column, Side side)
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
	const List *relations = stay_relations(stay, place, side);

	return relations != NIL && !list_member_oid(relations, relation);
}
