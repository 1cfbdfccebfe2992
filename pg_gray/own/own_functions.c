/*
 * own_functions.c: gray_add_table and gray_share_table, which say whose the rows of an own table are
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "owner/owner_choice.h"
#include "owner/owner_path.h"
#include "own/own_register.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "release/twin_remember.h"
#include "user/call.h"
#include "user/user_lock.h"

PG_FUNCTION_INFO_V1(gray_add_table);
PG_FUNCTION_INFO_V1(gray_share_table);

/*
 * Refusals
 */

static void
refuse_foreign_table(const Release *release, const TwinSet *set, Oid table)
{
	char kind = get_rel_relkind(table);

	if (twin_find(set, SIDE_GRAY, table) != NULL || twin_find(set, SIDE_PRODUCTION, table) != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table %s is a table of release \"%s\" already",
							   relation_name(table), release->name),
						errhint("Only tables that production does not have are named here.")));
	if (strcmp(get_namespace_name(get_rel_namespace(table)), release->gray_schema) != 0 ||
		(kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) ||
		partition_root(table) != table)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is no table of gray schema \"%s\"", relation_name(table),
						release->gray_schema),
				 errhint(
					 "Only tables that version 2 alone has, in the gray schema, are named here.")));
	if (set->count > 0 && relation_owner(table) != twin_owner_role(set))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table %s belongs to another role than the tables of release \"%s\"",
							   relation_name(table), release->name),
						errhint("ALTER TABLE %s OWNER TO %s;", relation_name(table),
								quote_identifier(GetUserNameFromId(twin_owner_role(set), false)))));
}

/* Return the position at which a table is registered; 0: it is not. */
static int
registered_position(const Release *release, Oid table)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(table));
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	return query_run("SELECT position FROM gray.own_table WHERE release_id = $1"
					 " AND gray.table_now(gray, gray_oid, $3) = $2",
					 &args) == 0
			   ? 0
			   : query_int(0, 1);
}

static bool
has_parked_rows(const Release *release, int position)
{
	return OidIsValid(get_relname_relid(psprintf("parked_%d_%d", release->id, position),
										get_namespace_oid(CATALOG_SCHEMA, false))) &&
		   query_run(psprintf("SELECT 1 FROM " CATALOG_SCHEMA ".parked_%d_%d LIMIT 1", release->id,
							  position),
					 NULL) > 0;
}

/* Whose the rows are may change only while nothing depends on it. */
static void
forget_former(const Release *release, const TwinSet *set, Oid table)
{
	int position = registered_position(release, table);

	if (position == 0)
		return;
	if (has_parked_rows(release, position) || release_holds_users(release))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("rows of table %s are in use as they are", relation_name(table)),
				 errdetail("Users of release \"%s\" are in gray, or keep rows of the table for their next stay.",
						   release->name),
				 errhint("Bring each user home; gray.own_tables shows the rows that are kept.")));
	for (int i = 0; i < set->own_count; i++)
	{
		if (set->own[i].parent != NULL && set->own[i].parent->position == position)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_IN_USE),
					 errmsg("table %s leads to its users over table %s",
							set->own[i].table[SIDE_GRAY], relation_name(table)),
					 errhint("Say first whose its rows are: SELECT gray_add_table(%s, 'user_id').",
							 quote_literal_cstr(set->own[i].table[SIDE_GRAY]))));
	}
	own_unregister(release, position, table);
}

/*
 * Choosing
 */

static void
raise_choice(const Release *release, Oid table, const List *candidates)
{
	StringInfoData calls;
	ListCell	  *cell;

	initStringInfo(&calls);
	foreach(cell, candidates)
	{
		char *column = owner_path_column(lfirst(cell), candidates);

		if (column != NULL)
			appendStringInfo(&calls, "\nSELECT gray_add_table(%s, %s, %s);",
							 quote_literal_cstr(relation_name(table)), quote_literal_cstr(column),
							 quote_literal_cstr(release->name));
	}
	if (candidates == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no foreign key of table %s leads to a user", relation_name(table)),
				 errhint("Name the column that holds the uid; or SELECT gray_share_table(%s, %s) if the rows are nobody's.",
						 quote_literal_cstr(relation_name(table)),
						 quote_literal_cstr(release->name))));
	ereport(ERROR, (errcode(ERRCODE_AMBIGUOUS_PARAMETER),
					errmsg("table %s has more than one possible owner path", relation_name(table)),
					errdetail("A row belongs to one user, by %s.", owner_path_choices(candidates)),
					errhint("Choose one:%s", calls.data)));
}

static OwnerPath *
choose(const Release *release, const TwinSet *set, Oid table, const char *column)
{
	List	 *known = owner_path_registered_gray(set);
	OwnerRule rule = {.release = release->name, .uid_type = release->uid_type};
	List	 *paths;

	if (column == NULL)
	{
		paths = owner_path_candidates(table, known);
		if (list_length(paths) != 1)
			raise_choice(release, table, paths);
		return linitial(paths);
	}
	if (get_attnum(table, column) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of table %s does not exist", column, relation_name(table)),
				 errhint(
					 "Name the column that holds the uid, or whose foreign key leads to a user.")));
	paths = owner_path_with_column(table, get_attnum(table, column), known);
	if (list_length(paths) > 1)
		raise_choice(release, table, paths);
	return paths != NIL ? linitial(paths)
						: owner_choice_uid_column(table, get_attnum(table, column), &rule);
}

/*
 * The functions
 */

/* Nobody is moved until the end of the transaction. */
static TwinSet *
begin_change(Release **release, Oid caller, Oid table)
{
	TwinSet *set;

	release_lock(*release);
	*release = release_load_with_tables((*release)->name);
	ownership_require(*release, caller, "say whose its tables are");
	user_lock_all((*release)->id);
	LockRelationOid(catalog_relation("release_table"), ShareRowExclusiveLock);
	set = twin_load_whole(*release);
	refuse_foreign_table(*release, set, table);
	twin_remember(*release, set);
	if (own_refresh(*release, set))
		set = twin_load_whole(*release);
	return set;
}

/* True when the table is registered with this path already. */
static bool
has_path(const TwinSet *set, const OwnerPath *path)
{
	const OwnerPath *before = owner_path_find(owner_path_registered_gray(set), path->table);

	return before != NULL && owner_path_same(before, path);
}

Datum
gray_add_table(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;
	Oid			table;
	OwnerPath  *path;

	call_refuse_null(fcinfo, 0, "gray_table");
	call_begin(&call, fcinfo, 2);
	table = PG_GETARG_OID(0);
	set = begin_change(&call.release, call.before.user, table);
	path = choose(call.release, set, table, call_name(fcinfo, 1));
	if (!has_path(set, path))
	{
		forget_former(call.release, set, table);
		own_register(call.release, set, table, path);
	}
	call_end(&call);
	PG_RETURN_VOID();
}

Datum
gray_share_table(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;

	call_refuse_null(fcinfo, 0, "gray_table");
	call_begin(&call, fcinfo, 1);
	set = begin_change(&call.release, call.before.user, PG_GETARG_OID(0));
	forget_former(call.release, set, PG_GETARG_OID(0));
	own_register(call.release, set, PG_GETARG_OID(0), NULL);
	call_end(&call);
	PG_RETURN_VOID();
}
