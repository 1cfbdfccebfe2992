/*
 * release_table.c: tells which relations are tables of a release
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

#include "postgres/partition.h"
#include "postgres/query.h"
#include "release/release.h"
#include "release/release_table.h"

PG_FUNCTION_INFO_V1(release_table_now_sql);

static bool
is_table(Oid relation)
{
	char kind = OidIsValid(relation) ? get_rel_relkind(relation) : '\0';

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

unsigned int
release_table_now(const char *name, unsigned int registered, bool in_place)
{
	Oid named =
		RangeVarGetRelid(makeRangeVarFromNameList(stringToQualifiedNameList(name)), NoLock, true);

	if (is_table(named))
		return named;
	return in_place && is_table(registered) ? registered : InvalidOid;
}

/* gray.table_now: PostgreSQL would run it as a query of its own for each call, were it in SQL. */
Datum
release_table_now_sql(PG_FUNCTION_ARGS)
{
	bool in_place = !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	Oid	 now = InvalidOid;

	if (!PG_ARGISNULL(0))
		now = release_table_now(text_to_cstring(PG_GETARG_TEXT_PP(0)),
								in_place ? PG_GETARG_OID(1) : InvalidOid, in_place);
	if (!OidIsValid(now))
		PG_RETURN_NULL();
	PG_RETURN_OID(now);
}

List *
release_table_list(const Release *release)
{
	List	 *tables = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows = query_run("SELECT t.position, p.oid, g.oid FROM gray.release_table t,"
					 " gray.table_now(t.production, t.production_oid, $2) AS p (oid),"
					 " gray.table_now(t.gray, t.gray_oid, $2) AS g (oid)"
					 " WHERE t.release_id = $1 ORDER BY t.position",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		ReleaseTable *table = palloc0(sizeof(ReleaseTable));

		table->position = query_int(row, 1);
		table->relation[SIDE_PRODUCTION] = query_oid(row, 2);
		table->relation[SIDE_GRAY] = query_oid(row, 3);
		tables = lappend(tables, table);
	}
	return tables;
}

const ReleaseTable *
release_table_find(const List *tables, unsigned int relation, Side *side)
{
	Oid		  root = partition_root(relation);
	ListCell *cell;

	foreach(cell, tables)
	{
		const ReleaseTable *table = lfirst(cell);

		for (*side = SIDE_PRODUCTION; *side <= SIDE_GRAY; (*side)++)
		{
			if (table->relation[*side] == root)
				return table;
		}
	}
	return NULL;
}
