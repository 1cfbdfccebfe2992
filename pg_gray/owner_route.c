/*
 * owner_route.c: how the rows of a table lead to their user, on one side
 *
 * The registry has columns by the attribute numbers of the production table, and gray's beside
 * them in gray.column_pair.  Where a table is not the one that the numbers are of (after the
 * restore of a dump, or made anew), columns are found by the name that they had last.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "owner_route.h"
#include "partition.h"
#include "query.h"
#include "relation.h"
#include "release.h"

/* A row of gray.release_table, as one side sees it. */
typedef struct Registered
{
	int			position;
	char	   *name; /* as registered */
	Oid			relation;
	bool		known; /* the registry's attribute numbers are of this relation */
	AttrNumber	uid;
	int			path_count;
	AttrNumber *path;	/* of this table */
	AttrNumber *parent; /* of the next one */
} Registered;

/* Columns of a row t of gray.release_table, as read_registered reads them. */
static char *
registered_columns(Side side)
{
	return psprintf("t.position, t.%1$s, now.oid, now.oid = t.%1$s_oid, t.uid_attnum, t.path_attnums,"
					" t.parent_attnums",
					side_name(side));
}

/* The table `now` that it is about; $2: whether oids are of this database. */
static char *
registered_table(Side side)
{
	return psprintf("gray.table_now(t.%1$s, t.%1$s_oid, $2) AS now (oid)", side_name(side));
}

static QueryArgs
first_args(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	return args;
}

static int
read_attnums(uint64 row, int column, AttrNumber **attnums)
{
	bool   is_null;
	Datum  array = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
	Datum *values;
	int	   count;

	if (is_null)
		return 0;
	deconstruct_array(DatumGetArrayTypePCopy(array), INT2OID, sizeof(int16), true, TYPALIGN_SHORT,
					  &values, NULL, &count);
	*attnums = palloc(sizeof(AttrNumber) * count);
	for (int i = 0; i < count; i++)
		(*attnums)[i] = DatumGetInt16(values[i]);
	return count;
}

static Registered
read_registered(const Release *release, uint64 row)
{
	Registered table = {.position = query_int(row, 1),
						.name = query_text(row, 2),
						.relation = query_oid(row, 3),
						.known = release->in_place && query_bool(row, 4),
						.uid = query_int(row, 5)};

	table.path_count = read_attnums(row, 6, &table.path);
	(void) read_attnums(row, 7, &table.parent);
	return table;
}

static Registered *
read_all_registered(const Release *release, uint64 count)
{
	Registered *tables = palloc(sizeof(Registered) * Max(count, 1));

	for (uint64 row = 0; row < count; row++)
		tables[row] = read_registered(release, row);
	return tables;
}

/* The table whose row s has $3 in this place and its parents, in this order; or none. */
static Registered *
load_way_from(const Release *release, Side side, const char *column, QueryArgs *args, int *count)
{
	*count =
		query_run_saved(psprintf("WITH RECURSIVE way AS (SELECT 0 AS step, s.* FROM gray.release_table s"
								 " WHERE s.release_id = $1 AND s.%1$s = $3"
								 " UNION ALL SELECT w.step + 1, p.* FROM way w JOIN gray.release_table p"
								 " ON p.release_id = w.release_id AND p.position = w.parent_position)"
								 " SELECT %2$s FROM way t, %3$s ORDER BY t.step",
								 column, registered_columns(side), registered_table(side)),
						args);
	return read_all_registered(release, *count);
}

/* By its name, or else as the table that had it. */
static Registered *
load_way(const Release *release, Side side, Oid root, int *count)
{
	QueryArgs	by_name = first_args(release);
	QueryArgs	by_oid = first_args(release);
	Registered *way;

	query_arg_text(&by_name, relation_name(root));
	query_arg(&by_oid, OIDOID, ObjectIdGetDatum(root));
	way = load_way_from(release, side, side_name(side), &by_name, count);
	if (*count == 0 && release->in_place)
		way = load_way_from(release, side, psprintf("%s_oid", side_name(side)), &by_oid, count);
	return way;
}

/*
 * Columns
 */

/* By the number and the name that the registry has on this side; 0: there is no such pair. */
static AttrNumber
registered_pair(const Release *release, Side side, const Registered *table, AttrNumber production,
				char **name)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, table->position);
	query_arg_int(&args, production);
	if (query_run_saved(psprintf("SELECT %1$s_attnum, %1$s_name FROM gray.column_pair"
								 " WHERE release_id = $1 AND position = $2 AND production_attnum = $3",
								 side_name(side)),
						&args) == 0)
		return InvalidAttrNumber;
	*name = query_text(0, 2);
	return query_int(0, 1);
}

/* The number of a registered column now; 0: it is gone. */
static AttrNumber
present_attnum(const Release *release, Side side, const Registered *table, AttrNumber production)
{
	char	  *name = NULL;
	AttrNumber attnum;

	if (side == SIDE_PRODUCTION && table->known)
		return production;
	attnum = registered_pair(release, side, table, production, &name);
	if (attnum == InvalidAttrNumber || table->known)
		return attnum;
	return get_attnum(table->relation, name);
}

/* False when the column is gone. */
static bool
load_column(OwnerColumn *column, Oid relation, AttrNumber attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Form_pg_attribute attribute;
	bool			  live;

	if (!HeapTupleIsValid(tuple))
		return false;
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	live = !attribute->attisdropped;
	column->attnum = attnum;
	column->name = pstrdup(quote_identifier(NameStr(attribute->attname)));
	column->type = attribute->atttypid;
	column->collation = attribute->attcollation;
	ReleaseSysCache(tuple);
	return live;
}

/* Null when one of them is gone. */
static OwnerColumn *
load_columns(const Release *release, Side side, const Registered *table, const AttrNumber *attnums,
			 int count)
{
	OwnerColumn *columns = palloc(sizeof(OwnerColumn) * count);

	for (int i = 0; i < count; i++)
	{
		AttrNumber attnum = present_attnum(release, side, table, attnums[i]);

		if (attnum <= 0 || !load_column(&columns[i], table->relation, attnum))
			return NULL;
	}
	return columns;
}

/*
 * Steps
 */

/* From a table to the next one, or at the end of the way to the uid; returns what is missing, or null. */
static char *
load_step(OwnerStep *step, const Release *release, Side side, const Registered *table,
		  const Registered *next)
{
	step->position = table->position;
	step->relation = table->relation;
	if (!OidIsValid(table->relation) || (next != NULL && !OidIsValid(next->relation)))
		return psprintf("table %s does not exist",
						OidIsValid(table->relation) ? next->name : table->name);
	step->table = relation_name(table->relation);
	step->count = next == NULL ? 1 : table->path_count;
	step->columns =
		load_columns(release, side, table, next == NULL ? &table->uid : table->path, step->count);
	if (step->columns == NULL)
		return psprintf("a column of table %s that leads to the user was dropped", step->table);
	if (next == NULL)
		return NULL;
	step->referred = load_columns(release, side, next, table->parent, step->count);
	if (step->referred == NULL)
		return psprintf("a column of table %s that leads to the user was dropped",
						relation_name(next->relation));
	return NULL;
}

static OwnerRoute *
route_along(const Release *release, Side side, const Registered *tables, int count)
{
	OwnerRoute *route;

	if (count == 0)
		return NULL;
	route = palloc0(sizeof(OwnerRoute));
	route->count = count;
	route->steps = palloc0(sizeof(OwnerStep) * route->count);
	for (int i = 0; i < route->count && route->broken == NULL; i++)
		route->broken = load_step(&route->steps[i], release, side, &tables[i],
								  i + 1 < route->count ? &tables[i + 1] : NULL);
	return route;
}

OwnerRoute *
owner_route_load(const Release *release, Side side, unsigned int relation)
{
	int			count;
	Registered *tables = load_way(release, side, partition_root(relation), &count);

	return route_along(release, side, tables, count);
}

OwnerRoute *
owner_route_load_at(const Release *release, Side side, int position)
{
	QueryArgs	args = first_args(release);
	int			count;
	Registered *tables;

	query_arg_int(&args, position);
	tables = load_way_from(release, side, "position", &args, &count);
	return route_along(release, side, tables, count);
}

/*
 * The other way
 */

/* The table at a position first, then those whose parent is the one before it. */
static Registered *
load_family(const Release *release, Side side, int position, int *count)
{
	QueryArgs args = first_args(release);

	query_arg_int(&args, position);
	*count =
		query_run_saved(psprintf("SELECT %s FROM gray.release_table t, %s WHERE t.release_id = $1"
								 " AND (t.position = $3 OR t.parent_position = $3) ORDER BY t.position <> $3, t.position",
								 registered_columns(side), registered_table(side)),
						&args);
	return read_all_registered(release, *count);
}

List *
owner_route_children(const Release *release, Side side, int position)
{
	List	   *children = NIL;
	int			count;
	Registered *tables = load_family(release, side, position, &count);

	for (int i = 1; i < count; i++)
	{
		OwnerStep *step = palloc0(sizeof(OwnerStep));

		if (load_step(step, release, side, &tables[i], &tables[0]) == NULL)
			children = lappend(children, step);
	}
	return children;
}

List *
owner_route_descendants(const Release *release, Side side, int position)
{
	QueryArgs args = first_args(release);
	List	 *descendants = NIL;
	uint64	  count;

	query_arg_int(&args, position);
	count =
		query_run_saved(psprintf("WITH RECURSIVE below AS (SELECT s.* FROM gray.release_table s"
								 " WHERE s.release_id = $1 AND s.parent_position = $3"
								 " UNION ALL SELECT s.* FROM below b JOIN gray.release_table s"
								 " ON s.release_id = b.release_id AND s.parent_position = b.position)"
								 " SELECT now.oid FROM below t, %s WHERE now.oid IS NOT NULL",
								 registered_table(side)),
						&args);
	for (uint64 row = 0; row < count; row++)
		descendants = lappend_oid(descendants, query_oid(row, 1));
	return descendants;
}
