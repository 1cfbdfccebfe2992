/*
 * release_drop.c: gray_drop_release, which drops a release and its gray tables
 *
 * Dropping a table takes a lock for each object that depends on the table, about twenty locks,
 * which are held until the end of the transaction.  A release whose tables need more locks than the
 * lock table has room for is dropped in steps.  Each call drops as many tables as fit, owned tables
 * before owners, and leaves a release of the other tables.
 */
#include "postgres.h"

#include "access/twophase.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/bookkeeping.h"
#include "clone/shared_view.h"
#include "clone/view.h"
#include "fence/fence.h"
#include "fence/shared_trigger.h"
#include "functions/gateway_lease.h"
#include "functions/release_functions.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/admit.h"
#include "release/own_load.h"
#include "release/ownership.h"
#include "release/release.h"
#include "user/call.h"
#include "user/notify.h"
#include "user/user_lock.h"

PG_FUNCTION_INFO_V1(gray_drop_release);

/* A table of the release, which may be gone on either side. */
typedef struct Doomed
{
	int	 position;
	Oid	 gray;	/* 0: the table is gone */
	int	 locks; /* locks that are taken when it is dropped */
	bool now;	/* it is dropped in this step */
} Doomed;

typedef struct Doom
{
	Doomed *tables; /* owners before owned */
	int		count;
	int		now; /* how many are dropped in this step */
} Doom;

/*
 * Refusals
 */

static void
refuse_while_in_gray(const Release *release)
{
	if (release_holds_users(release))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("release \"%s\" still has users whose data is in gray", release->name),
				 errhint("SELECT gray_close('%s'), then bring each user home with gray_migrate_back.",
						 release->name)));
}

/* Return "120 rows of 3 users in v2.gifts, 2 rows ...", or null: there are no parked rows. */
static char *
parked_in_words(const Release *release)
{
	QueryArgs args = {0};

	query_arg_text(&args, release->name);
	query_run("SELECT string_agg(format('%s %s of %s %s in %s', parked_rows, CASE parked_rows WHEN 1 THEN 'row' ELSE 'rows' END,"
			  " parked_users, CASE parked_users WHEN 1 THEN 'user' ELSE 'users' END, gray_table), ', ')"
			  " FROM gray.own_table_counts() WHERE release = $1 AND parked_rows > 0",
			  &args);
	return query_text(0, 1);
}

/*
 * Raise if the release keeps values that only gray could hold, or rows that only version 2 has a
 * table for.  A value whose column gray has dropped does not count, since it could not come back
 * anyway.
 */
static void
refuse_kept(const Release *release)
{
	char	 *parked = parked_in_words(release);
	QueryArgs args = {0};

	query_arg_text(&args, release->name);
	query_run("SELECT sum(n)::text, (SELECT count(DISTINCT uid)::text FROM gray.kept WHERE release = $1),"
			  " string_agg(format('%s of %s.%I', n, gray_table, column_name), ', ' ORDER BY place) FILTER (WHERE place <= 8)"
			  " || CASE WHEN count(*) > 8 THEN format(', and more of %s other columns', count(*) - 8) ELSE '' END"
			  " FROM (SELECT gray_table, column_name, count(*) AS n, row_number() OVER"
			  " (ORDER BY count(*) DESC, gray_table, column_name) AS place FROM gray.kept WHERE release = $1"
			  " GROUP BY 1, 2) AS columns",
			  &args);
	if (query_is_null(0, 1) && parked == NULL)
		return;
	if (query_is_null(0, 1))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("release \"%s\" still keeps %s", release->name, parked),
				 errdetail(
					 "Only version 2 has these tables: the rows wait for the users' next stay in gray."),
				 errhint("SELECT gray_drop_release('%s', force => true) throws all of them away.",
						 release->name)));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("release \"%s\" keeps %s values that only gray could hold, of %s users%s%s",
					release->name, query_text(0, 1), query_text(0, 2),
					parked == NULL ? "" : ", and ", parked == NULL ? "" : parked),
			 errdetail("%s.", query_text(0, 3)),
			 errhint("SELECT * FROM gray.kept shows them. Where production has the column by now, they go there with the user's next stay."
					 " SELECT gray_drop_release('%s', force => true) throws all of them away.",
					 release->name)));
}

/* Raise if the gray table has rows although no user is in gray: they may be somebody's. */
static void
refuse_leftover_rows(Oid gray)
{
	if (relation_has_rows(gray))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("table %s is not empty, although nobody's data is in gray",
						relation_name(gray)),
				 errhint("Look at the rows, and TRUNCATE the table when they are not needed.")));
}

/*
 * Choosing the tables of a step
 */

/*
 * Load the tables, and count the locks for each table with its partitions.  A table needs a lock
 * for each of these: the table, its TOAST table and that table's index, its row type and the array
 * type of it, its indexes, constraints, triggers and defaults.  A foreign key needs more, for the
 * triggers on the other table and for the other table.
 */
static void
load_doom(Doom *doom, const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	doom->count =
		query_run("SELECT t.position, g.oid, (SELECT sum(5"
				  " + (SELECT count(*) FROM pg_index WHERE indrelid = p.relid)"
				  " + (SELECT count(*) + 4 * count(*) FILTER (WHERE contype = 'f') FROM pg_constraint WHERE conrelid = p.relid)"
				  " + (SELECT count(*) FROM pg_trigger WHERE tgrelid = p.relid)"
				  " + (SELECT count(*) FROM pg_attrdef WHERE adrelid = p.relid))::integer"
				  " FROM (SELECT g.oid UNION SELECT relid FROM pg_partition_tree(g.oid)) AS p (relid))"
				  " FROM gray.release_table t, gray.table_now(t.gray, t.gray_oid, $2) AS g (oid)"
				  " WHERE t.release_id = $1 ORDER BY t.position",
				  &args);
	doom->tables = palloc0(sizeof(Doomed) * Max(doom->count, 1));
	for (int i = 0; i < doom->count; i++)
	{
		doom->tables[i].position = query_int(i, 1);
		doom->tables[i].gray = query_oid(i, 2);
		doom->tables[i].locks = query_int(i, 3);
	}
}

/* Half of the room in the lock table is left to other sessions. */
static int
lock_budget(void)
{
	return max_locks_per_xact * (MaxBackends + max_prepared_xacts) / 2;
}

static void
choose(Doom *doom)
{
	int locks = 0;

	for (int i = doom->count - 1; i >= 0; i--)
	{
		locks += doom->tables[i].locks;
		if (locks > lock_budget() && doom->now > 0)
			break;
		doom->tables[i].now = true;
		doom->now++;
	}
}

static List *
gray_tables(const Doom *doom, bool now)
{
	List *tables = NIL;

	for (int i = 0; i < doom->count; i++)
	{
		if (doom->tables[i].now == now && OidIsValid(doom->tables[i].gray))
			tables = list_append_unique_oid(tables, doom->tables[i].gray);
	}
	return tables;
}

static List *
positions(const Doom *doom)
{
	List *list = NIL;

	for (int i = 0; i < doom->count; i++)
	{
		if (doom->tables[i].now)
			list = lappend_int(list, doom->tables[i].position);
	}
	return list;
}

/*
 * Dropping
 */

/* Replace PostgreSQL's hint, since its advice, CASCADE, can't be followed here. */
static void
advise_dependents(void *arg pg_attribute_unused())
{
	if (geterrcode() == ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST)
		errhint(
			"Drop them first, then call gray_drop_release again. Those of other roles go when the owner of the tables says DROP TABLE ... CASCADE.");
}

static void
run_drop(const char *statement)
{
	ErrorContextCallback advice = {.previous = error_context_stack, .callback = advise_dependents};

	error_context_stack = &advice;
	query_run(statement, NULL);
	error_context_stack = advice.previous;
}

/*
 * Drop relations of the gray schema; null: there are none.  The owner of the schema may drop all
 * views and tables in it, even of several roles.
 */
static void
drop_in_gray(const Release *release, const char *kind, const char *names)
{
	RoleSwitch before;

	if (names == NULL)
		return;
	ownership_become_schema_owner(&before, get_namespace_oid(release->gray_schema, false));
	run_drop(psprintf("DROP %s %s", kind, names));
	role_return(&before);
}

/* Drop the foreign keys by which staying tables refer to tables that are dropped. */
static void
drop_keys_between(const List *staying, const List *going)
{
	QueryArgs args = {0};
	uint64	  rows;
	char	**statements;
	Oid		 *tables;

	query_arg_oids(&args, staying);
	query_arg_oids(&args, going);
	rows = query_run("SELECT conrelid, conname FROM pg_constraint WHERE contype = 'f'"
					 " AND conparentid = 0 AND conrelid = ANY ($1) AND confrelid = ANY ($2)",
					 &args);
	statements = palloc(sizeof(char *) * Max(rows, 1));
	tables = palloc(sizeof(Oid) * Max(rows, 1));
	for (uint64 row = 0; row < rows; row++)
	{
		tables[row] = query_oid(row, 1);
		statements[row] = psprintf("ALTER TABLE %s DROP CONSTRAINT %s", relation_name(tables[row]),
								   quote_identifier(query_text(row, 2)));
	}
	for (uint64 row = 0; row < rows; row++)
	{
		RoleSwitch before;

		role_become(&before, relation_owner(tables[row]));
		query_run(statements[row], NULL);
		role_return(&before);
	}
}

/* Drop all these tables of a schema in one statement, since they refer to each other. */
static void
drop_tables_in(const List *tables, Oid schema)
{
	StringInfoData sql;
	RoleSwitch	   before;
	ListCell	  *cell;

	initStringInfo(&sql);
	foreach(cell, tables)
	{
		if (get_rel_namespace(lfirst_oid(cell)) == schema)
			appendStringInfo(&sql, "%s %s", sql.len == 0 ? "DROP TABLE" : ",",
							 relation_name(lfirst_oid(cell)));
	}
	ownership_become_schema_owner(&before, schema);
	run_drop(sql.data);
	role_return(&before);
}

/* Drop the foreign keys by which tables of other schemas refer to the tables of this one. */
static void
drop_keys_into(const List *tables, Oid schema)
{
	List	 *inside = NIL;
	List	 *outside = NIL;
	ListCell *cell;

	foreach(cell, tables)
	{
		if (get_rel_namespace(lfirst_oid(cell)) == schema)
			inside = lappend_oid(inside, lfirst_oid(cell));
		else
			outside = lappend_oid(outside, lfirst_oid(cell));
	}
	if (outside != NIL)
		drop_keys_between(outside, inside);
}

/* Version 2 may have moved tables to other schemas. */
static void
drop_gray_tables(const List *tables)
{
	List	 *schemas = NIL;
	ListCell *cell;

	foreach(cell, tables)
		schemas = list_append_unique_oid(schemas, get_rel_namespace(lfirst_oid(cell)));
	foreach(cell, schemas)
		drop_keys_into(tables, lfirst_oid(cell));
	foreach(cell, schemas)
		drop_tables_in(tables, lfirst_oid(cell));
}

/* The production tables that leave the release in this step. */
static List *
production_tables(const Release *release, const Doom *doom)
{
	List	 *tables = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_ints(&args, positions(doom));
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT DISTINCT c.oid FROM gray.release_table t,"
				  " unnest(ARRAY[to_regclass(t.production)::oid, CASE WHEN $3 THEN t.production_oid END])"
				  " AS o (oid) JOIN pg_class c USING (oid)"
				  " WHERE t.release_id = $1 AND t.position = ANY ($2)",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		tables = lappend_oid(tables, query_oid(row, 1));
	return tables;
}

static void
drop_tables(const Release *release, const Doom *doom)
{
	List	 *going = gray_tables(doom, true);
	QueryArgs args = {0};
	ListCell *cell;

	foreach(cell, going)
		refuse_leftover_rows(lfirst_oid(cell));
	fence_remove(production_tables(release, doom));
	drop_keys_between(gray_tables(doom, false), going);
	drop_gray_tables(going);
	query_arg_int(&args, release->id);
	query_arg_ints(&args, positions(doom));
	query_run("DELETE FROM gray.release_table WHERE release_id = $1 AND position = ANY ($2)", &args);
}

/* Drop the tables that only version 2 has, and whose rows belong to users. */
static void
drop_own_tables(const Release *release)
{
	List	 *tables = NIL;
	QueryArgs args = {0};
	uint64	  rows;
	ListCell *cell;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT t.oid FROM gray.own_table o, gray.table_now(o.gray, o.gray_oid, $2) AS t (oid)"
				  " WHERE o.release_id = $1 AND NOT o.is_shared AND t.oid IS NOT NULL",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		tables = lappend_oid(tables, query_oid(row, 1));
	foreach(cell, tables)
		refuse_leftover_rows(lfirst_oid(cell));
	drop_gray_tables(tables);
}

static void
drop_gray_schema(const Release *release)
{
	Oid		  schema = get_namespace_oid(release->gray_schema, true);
	QueryArgs args = {0};

	if (!release->schema_created || !OidIsValid(schema))
		return;
	query_arg(&args, OIDOID, ObjectIdGetDatum(schema));
	if (query_run("SELECT 1 FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass"
				  " AND refobjid = $1 LIMIT 1",
				  &args) > 0)
		ereport(NOTICE,
				(errmsg("schema \"%s\" is kept: it holds other objects", release->gray_schema)));
	else
	{
		RoleSwitch before;

		ownership_become_schema_owner(&before, schema);
		query_run(psprintf("DROP SCHEMA %s", quote_identifier(release->gray_schema)), NULL);
		role_return(&before);
	}
}

static void
drop_rest(const Release *release)
{
	const char *parked = own_parked_tables(release);
	QueryArgs	args = {0};

	drop_in_gray(release, "TABLE", bookkeeping_registered(release));
	if (parked != NULL)
		query_run(psprintf("DROP TABLE %s", parked), NULL);
	if (OidIsValid(release->uid_type))
		query_run(psprintf("DROP TABLE %s, %s, %s, %s, %s", release->state_table,
						   release->cohort_table, release->stay_table, release->attempt_table,
						   release->kept_table),
				  NULL);
	gateway_forget(release);
	query_arg_int(&args, release->id);
	query_run("DELETE FROM gray.release WHERE id = $1", &args);
	notify_roster(release, NEWS_ALL);
	admit_clean_up();
	drop_gray_schema(release);
}

static void
drop_release(Release *release, bool force, Oid caller)
{
	Doom doom = {0};

	release_lock(release);
	ownership_require(release, caller, "drop it");
	user_lock_all(release->id);
	refuse_while_in_gray(release);
	if (OidIsValid(release->uid_type))
	{
		if (!force)
			refuse_kept(release);
		/* The guard refuses to drop tables for which rows are parked: that was asked above. */
		role_pin_setting("pg_gray.guard", "off");
		load_doom(&doom, release);
		choose(&doom);
		shared_view_drop(release);
		shared_trigger_remove(release);
		drop_in_gray(release, "VIEW", view_registered(release));
		drop_own_tables(release);
		drop_tables(release, &doom);
	}
	if (doom.now == doom.count)
	{
		drop_rest(release);
		return;
	}
	release_set_open(release, false);
	ereport(NOTICE,
			(errmsg("%d of %d tables of release \"%s\" are dropped: their locks fill the lock table",
					doom.now, doom.count, release->name),
			 errhint(
				 "COMMIT, and call gray_drop_release again; or raise max_locks_per_transaction.")));
}

Datum
gray_drop_release(PG_FUNCTION_ARGS)
{
	ReleaseCall call;

	call_refuse_null(fcinfo, 1, "force");
	call_begin(&call, fcinfo, 0);
	drop_release(call.release, PG_GETARG_BOOL(1), call.before.user);
	call_end(&call);
	PG_RETURN_VOID();
}
