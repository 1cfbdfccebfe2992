/*
 * made_functions.c: gray_rows, which says how the migration makes rows of an own table
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

#include "own/own_register.h"
#include "postgres/catalog.h"
#include "postgres/expression.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "release/twin_remember.h"
#include "storage/lmgr.h"
#include "user/call.h"
#include "user/user_lock.h"

PG_FUNCTION_INFO_V1(gray_rows);

/* The query runs as the owner of the tables. */
static void
refuse_stranger(const Release *release, Oid caller, Oid owner)
{
	if (!has_privs_of_role(caller, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of the tables of release \"%s\" to say how rows are made",
						release->name),
				 errhint("The query runs as the owner: call it as \"%s\", or as a member of that role.",
						 GetUserNameFromId(owner, false))));
}

static void
refuse_in_use(const Release *release)
{
	if (release_holds_users(release))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE),
						errmsg("release \"%s\" has users whose data is in gray", release->name),
						errdetail("Their rows were made by the query that there is now."),
						errhint("Bring each user home: SELECT gray_migrate_back(uid, '%s').",
								release->name)));
}

static const Twin *
find_own(const TwinSet *set, Oid table)
{
	const Twin *own = twin_find_own(set, table);

	if (own == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table %s is no table of users that only version 2 has",
						relation_name(table)),
				 errhint(
					 "SELECT * FROM gray.own_tables; gray_map makes columns of the tables that production has, too.")));
	return own;
}

/* Nobody is moved until the end of the transaction. */
static TwinSet *
begin_change(Release **release, Oid caller)
{
	TwinSet *set;

	release_lock(*release);
	*release = release_load_with_tables((*release)->name);
	set = twin_load_whole(*release);
	refuse_stranger(*release, caller, twin_owner_role(set));
	user_lock_all((*release)->id);
	refuse_in_use(*release);
	LockRelationOid(catalog_relation("release_table"), ShareRowExclusiveLock);
	twin_remember(*release, set);
	if (own_refresh(*release, set))
		set = twin_load_whole(*release);
	return set;
}

/* Return the columns of the primary key, as an array of names. */
static char *
key_of(const Twin *own)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(own->relation[SIDE_GRAY]));
	(void) query_run("SELECT array_agg(a.attname)::text FROM pg_index i"
					 " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
					 " WHERE i.indrelid = $1 AND i.indisprimary",
					 &args);
	if (query_text(0, 1) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no primary key", own->table[SIDE_GRAY]),
				 errdetail("Without one, a row that was changed can't be told from a new one."),
				 errhint("ALTER TABLE %s ADD PRIMARY KEY (...);", own->table[SIDE_GRAY])));
	return query_text(0, 1);
}

static void
check_column(const Twin *own, Form_pg_attribute result)
{
	const char	 *name = NameStr(result->attname);
	AttrNumber	  attnum = get_attnum(own->relation[SIDE_GRAY], name);
	const Column *column = attnum > 0 ? twin_column(own, SIDE_GRAY, attnum) : NULL;
	Oid			  type = result->atttypid;

	if (column == NULL || column->generated[SIDE_GRAY])
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the query has column \"%s\", which table %s %s", name,
						own->table[SIDE_GRAY], column == NULL ? "does not have" : "generates"),
				 errhint(
					 "Name the columns of the query as those of the table: SELECT id AS user_id, ...")));
	if (!can_coerce_type(1, &type, &column->type[SIDE_GRAY], COERCION_ASSIGNMENT))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of the query is of type %s, that of table %s of type %s",
						name, format_type_be(type), own->table[SIDE_GRAY],
						format_type_be(column->type[SIDE_GRAY])),
				 errhint("Cast it: CAST(... AS %s) AS %s", format_type_be(column->type[SIDE_GRAY]),
						 column->name[SIDE_GRAY])));
}

/* Plan the query as a move does: only tables of the role may be read. */
static void
plan_query(const Release *release, const char *query)
{
	QueryArgs nobody = {0};

	query_arg(&nobody, release->uid_type, (Datum) 0);
	nobody.nulls[0] = 'n';
	(void) query_run(psprintf("SELECT FROM (%s) q LIMIT 0", query), &nobody);
}

/* Read the query as a move does; return its columns, as the elements of an array of names. */
static char *
read_query(const Release *release, const TwinSet *set, const Twin *own, const char *query)
{
	RoleSwitch	   before;
	Oid			   type = release->uid_type;
	SPIPlanPtr	   plan;
	TupleDesc	   result;
	StringInfoData names;

	role_become(&before, twin_owner_role(set));
	role_pin_formats(&release->formats);
	plan = SPI_prepare(psprintf("SELECT q.* FROM (%s) q", query), 1, &type);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	result = linitial_node(CachedPlanSource, SPI_plan_get_plan_sources(plan))->resultDesc;
	initStringInfo(&names);
	for (int i = 0; i < result->natts; i++)
	{
		check_column(own, TupleDescAttr(result, i));
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ",
						 quote_literal_cstr(NameStr(TupleDescAttr(result, i)->attname)));
	}
	SPI_freeplan(plan);
	plan_query(release, query);
	role_return(&before);
	return names.data;
}

static void
put(const Release *release, const TwinSet *set, const Twin *own, const char *query)
{
	char	 *key = key_of(own);
	char	 *columns = read_query(release, set, own, query);
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, own->position);
	query_arg_text(&args, query);
	query_arg_text(&args, key);
	if (query_run(psprintf("INSERT INTO gray.made_rows (release_id, position, query, key_columns, columns)"
						   " SELECT $1, $2, $3, $4::name[], c FROM (SELECT ARRAY[%s]::name[]) AS x (c)"
						   " WHERE $4::name[] <@ c",
						   columns),
				  &args) == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("the query does not have all columns of the primary key of table %s",
							   own->table[SIDE_GRAY]),
						errdetail("The key has the columns %s.", key),
						errhint("A made row is found again by its key: add these columns.")));
}

static void
forget(const Release *release, const Twin *own, bool for_good)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, own->position);
	query_run("DELETE FROM gray.made_rows WHERE release_id = $1 AND position = $2", &args);
	if (for_good)
		query_run("DELETE FROM gray.made_base WHERE release_id = $1 AND position = $2", &args);
}

Datum
gray_rows(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;
	const Twin *own;

	call_refuse_null(fcinfo, 0, "gray_table");
	call_begin(&call, fcinfo, 2);
	set = begin_change(&call.release, call.before.user);
	own = find_own(set, PG_GETARG_OID(0));
	forget(call.release, own, PG_ARGISNULL(1));
	if (!PG_ARGISNULL(1))
		put(call.release, set, own, expression_closed(text_to_cstring(PG_GETARG_TEXT_PP(1))));
	call_end(&call);
	PG_RETURN_VOID();
}
