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
#include "user/call.h"

PG_FUNCTION_INFO_V1(monitor_attempts);
PG_FUNCTION_INFO_V1(monitor_kept);
PG_FUNCTION_INFO_V1(monitor_counts);

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
