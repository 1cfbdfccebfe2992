/*
 * view_functions.c: the functions behind the views of schema gray
 *
 * The functions read the tables that are made with each release, as the catalog owner.  A view
 * checks rights on its tables for the view's owner, but rights on functions for the view's reader.
 * So everybody may execute each function, and the function checks that the reader has SELECT on its
 * view.
 */
#include "postgres.h"

#include "catalog/objectaddress.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "release/own_load.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(monitor_attempts);
PG_FUNCTION_INFO_V1(monitor_kept);
PG_FUNCTION_INFO_V1(monitor_counts);
PG_FUNCTION_INFO_V1(own_table_counts);

/* clang-format off */

/* Statements about one release: %1$s is its number, $1 is its name. */
#define ATTEMPTS \
	"SELECT $1, uid::pg_catalog.text, id, kind, state, row_count, started, duration, sqlstate," \
		" message, detail, hint, schema_name, table_name, column_name, constraint_name, row_key," \
		" resolved" \
	" FROM gray.attempt_%1$s"

#define KEPT \
	"SELECT $1, k.uid::pg_catalog.text, t.gray, c.name, k.key, k.value" \
	" FROM gray.kept_%1$s k" \
	" JOIN gray.kept_column c ON c.release_id = %1$s" \
	" AND c.position = k.position" \
	" AND c.id = k.column_id" \
	" JOIN gray.release_table t ON t.release_id = %1$s AND t.position = k.position" \
	" WHERE c.attnum IS NOT NULL" \
	" ORDER BY k.uid, k.position, k.key, c.name"

#define COUNTS \
	"SELECT $1, (SELECT count(*) FROM gray.cohort_%1$s WHERE listed), s.state, count(u.state)," \
		" (" \
			"SELECT count(DISTINCT k.uid)" \
			" FROM gray.kept_%1$s k" \
			" JOIN gray.kept_column c ON c.release_id = %1$s" \
			" AND c.position = k.position" \
			" AND c.id = k.column_id" \
			" WHERE c.attnum IS NOT NULL)" \
	" FROM unnest(enum_range(NULL::gray.state)) AS s (state)" \
	" LEFT JOIN gray.state_%1$s u ON u.state = s.state" \
	" GROUP BY s.state"

/* clang-format on */

static void
refuse_others(const char *view)
{
	AclResult result = pg_class_aclcheck(catalog_relation(view), GetUserId(), ACL_SELECT);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_VIEW, view);
}

/*
 * Return the rows of one release.  The users' tables are made with the release's first table, so
 * put_releases passes over a release that has no tables yet.
 */
static void
put_release(FunctionCallInfo fcinfo, const char *sql, const char *id, const char *name)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(name));
	query_run(psprintf(sql, id), &args);
	rows_put_result(fcinfo);
	SPI_freetuptable(SPI_tuptable);
}

static Datum
put_releases(FunctionCallInfo fcinfo, const char *view, const char *sql)
{
	RoleSwitch before;
	char	 **ids;
	char	 **names;
	uint64	   count;

	refuse_others(view);
	rows_begin(fcinfo);
	SPI_connect();
	role_become_catalog_owner(&before);
	count = query_run("SELECT id::text, release FROM gray.release"
					  " WHERE to_regclass('gray.state_' || id) IS NOT NULL ORDER BY id",
					  NULL);
	ids = palloc(sizeof(char *) * Max(count, 1));
	names = palloc(sizeof(char *) * Max(count, 1));
	for (uint64 i = 0; i < count; i++)
	{
		ids[i] = query_text(i, 1);
		names[i] = palloc0(NAMEDATALEN);
		strlcpy(names[i], query_text(i, 2), NAMEDATALEN);
	}
	for (uint64 i = 0; i < count; i++)
		put_release(fcinfo, sql, ids[i], names[i]);
	role_return(&before);
	SPI_finish();
	return (Datum) 0;
}

/* The argument tells whether only incidents are returned. */
Datum
monitor_attempts(PG_FUNCTION_ARGS)
{
	return PG_GETARG_BOOL(0)
			   ? put_releases(fcinfo, "incidents",
							  ATTEMPTS " WHERE state IN ('failed', 'stuck') AND resolved IS NULL")
			   : put_releases(fcinfo, "history", ATTEMPTS);
}

Datum
monitor_kept(PG_FUNCTION_ARGS)
{
	return put_releases(fcinfo, "kept", KEPT);
}

Datum
monitor_counts(PG_FUNCTION_ARGS)
{
	return put_releases(fcinfo, "status", COUNTS);
}

/*
 * Own tables
 */

/* clang-format off */

/* Own tables of all releases: release, its number, position, table, owner in words, is_shared. */
#define OWN_TABLES \
	"SELECT r.release, r.id, o.position, o.gray, " OWN_LOAD_OWNER ", o.is_shared" \
	" FROM gray.release r" \
	" JOIN gray.own_table o ON o.release_id = r.id" \
	OWN_LOAD_PARENTS \
	" ORDER BY r.id, o.position"

/*
 * What one table's parked rows amount to.  The rows of users who are in gray do not count, but for
 * those that wait: the others are copies of the rows as they came.
 */
#define OWN_TABLE_PARKED \
	"SELECT $1, $2, $3, count(DISTINCT k.parked_uid), count(*)" \
	" FROM gray.parked_%1$d_%2$d k" \
	" WHERE k.parked_waits OR NOT EXISTS (" \
		"SELECT FROM gray.state_%1$d s WHERE s.uid = k.parked_uid AND s.state IN ('on', 'stuck'))"

/* clang-format on */

typedef struct OwnTableRow
{
	char *release;
	int	  release_id;
	int	  position;
	char *gray;
	char *owner;
	bool  is_shared;
} OwnTableRow;

static OwnTableRow *
load_own_tables(uint64 *count)
{
	OwnTableRow *rows;

	*count = query_run(OWN_TABLES, NULL);
	rows = palloc(sizeof(OwnTableRow) * Max(*count, 1));
	for (uint64 row = 0; row < *count; row++)
	{
		rows[row] = (OwnTableRow){.release = palloc0(NAMEDATALEN),
								  .release_id = query_int(row, 2),
								  .position = query_int(row, 3),
								  .gray = query_text(row, 4),
								  .owner = query_text(row, 5),
								  .is_shared = query_bool(row, 6)};
		strlcpy(rows[row].release, query_text(row, 1), NAMEDATALEN);
	}
	return rows;
}

static void
put_own_table(FunctionCallInfo fcinfo, const OwnTableRow *row)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(row->release));
	query_arg_text(&args, row->gray);
	query_arg_text(&args, row->owner);
	query_run(row->is_shared ? "SELECT $1, $2, $3, 0::bigint, 0::bigint"
							 : psprintf(OWN_TABLE_PARKED, row->release_id, row->position),
			  &args);
	rows_put_result(fcinfo);
	SPI_freetuptable(SPI_tuptable);
}

Datum
own_table_counts(PG_FUNCTION_ARGS)
{
	RoleSwitch	 before;
	OwnTableRow *rows;
	uint64		 count;

	refuse_others("own_tables");
	rows_begin(fcinfo);
	SPI_connect();
	role_become_catalog_owner(&before);
	rows = load_own_tables(&count);
	for (uint64 row = 0; row < count; row++)
		put_own_table(fcinfo, &rows[row]);
	role_return(&before);
	SPI_finish();
	return (Datum) 0;
}
