/*
 * guard_gray.c: refuses DDL on gray tables that would make users stuck, or lose their rows
 *
 * These statements are refused in any session, also in one that names the gray schema in each
 * statement.  Only roles that could run the statement are refused here: nobody else is told
 * whether a table has rows.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

#include "guard/guard_gray.h"
#include "guard/guard_twin.h"
#include "postgres/relation.h"
#include "user/user_lock.h"

#define WAY_OUT "SET pg_gray.guard = off"

/*
 * Refusals
 */

static void
refuse_rows(const GuardTwin *twin, const char *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("table %s holds rows of users of release \"%s\"", table, twin->release->name),
			 twin->is_own
				 ? errhint("Bring them home first, or " WAY_OUT ": their rows in it are lost then.")
				 : errhint("Bring them home first, or " WAY_OUT
						   ": their rows in it are as in production then.")));
}

static void
refuse_parked_rows(const GuardTwin *twin, const char *table)
{
	Oid parked = guard_twin_parked_rows(twin);

	if (OidIsValid(parked))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("rows of table %s wait for users of release \"%s\"", table,
						twin->release->name),
				 errdetail("Table %s has rows of users who are at home.", relation_name(parked)),
				 errhint("If nobody needs them, " WAY_OUT
						 ": they stay there then, and don't come back.")));
}

static void
refuse_use(const GuardRelease *release, const char *problem, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE),
					errmsg("%s while release \"%s\" is in use", problem, release->name),
					errdetail("%s", detail),
					errhint("SELECT gray_close(%s), and bring users home first. Or " WAY_OUT ".",
							quote_literal_cstr(release->name))));
}

static bool
may_drop(Oid table)
{
	return pg_class_ownercheck(table, GetUserId()) ||
		   pg_namespace_ownercheck(get_rel_namespace(table), GetUserId());
}

/*
 * Tables
 */

/*
 * Refuse if a gray table has rows of users who are in gray.  A move that runs now has no rows yet
 * that this session could see.
 */
static void
refuse_drop(const GuardTwin *twin, Oid table)
{
	if (!may_drop(table))
		return;
	if (twin->release->is_open && !twin->release->is_known)
		user_lock_all(twin->release->id);
	if (guard_twin_holds_users(twin->release) && relation_has_rows(table))
		refuse_rows(twin, relation_name(table));
	refuse_parked_rows(twin, relation_name(table));
}

static void
drop_table(const List *twins, Oid table)
{
	ListCell *cell;

	if (!OidIsValid(table))
		return;
	foreach(cell, guard_twin_find(twins, table, relation_name(table)))
		refuse_drop(lfirst(cell), table);
}

/* Return the table that has the registered name, or that was renamed; 0: it is gone. */
static Oid
present_table(const GuardTwin *twin)
{
	List *names = stringToQualifiedNameList(twin->name);
	Oid	  schema = get_namespace_oid(strVal(linitial(names)), true);
	Oid	  table = OidIsValid(schema) ? get_relname_relid(strVal(llast(names)), schema) : InvalidOid;

	if (!OidIsValid(table) && twin->release->in_place && get_rel_name(twin->oid) != NULL)
		table = twin->oid;
	return table;
}

/* Drop the gray tables of a schema, or of a role. */
static void
drop_tables(const List *twins, Oid schema, Oid owner)
{
	ListCell *cell;

	foreach(cell, twins)
	{
		const GuardTwin *twin = lfirst(cell);
		Oid				 table = present_table(twin);

		if (!OidIsValid(table))
			continue;
		if (get_rel_namespace(table) == schema || relation_owner(table) == owner)
			refuse_drop(twin, table);
	}
}

/*
 * Statements
 */

static void
check_drop(const DropStmt *statement)
{
	const List *twins;
	ListCell   *cell;

	if (statement->removeType != OBJECT_TABLE && statement->removeType != OBJECT_SCHEMA)
		return;
	twins = guard_twin_all();
	if (twins == NIL)
		return;
	foreach(cell, statement->objects)
	{
		if (statement->removeType == OBJECT_SCHEMA)
			drop_tables(twins, get_namespace_oid(strVal(lfirst(cell)), true), InvalidOid);
		else
			drop_table(twins,
					   RangeVarGetRelid(makeRangeVarFromNameList(lfirst(cell)), NoLock, true));
	}
}

static void
check_drop_owned(const DropOwnedStmt *statement)
{
	const List *twins = guard_twin_all();
	ListCell   *cell;

	foreach(cell, statement->roles)
	{
		Oid role = get_rolespec_oid(lfirst(cell), true);

		if (OidIsValid(role))
			drop_tables(twins, InvalidOid, role);
	}
}

static void
check_part(const List *twins, Oid table, const AlterTableCmd *part)
{
	ListCell *cell;

	if (part->subtype == AT_DropColumn)
		guard_gray_refuse_column(twins, table, relation_name(table), get_attnum(table, part->name),
								 part->name);
	if (part->subtype != AT_SetUnLogged)
		return;
	foreach(cell, guard_twin_find(twins, table, relation_name(table)))
	{
		const GuardTwin *twin = lfirst(cell);

		if (guard_twin_in_use(twin->release))
			refuse_use(twin->release,
					   psprintf("table %s can't become unlogged", relation_name(table)),
					   "A crash would empty it, and users would come home without their rows.");
	}
}

static bool
is_checked(const AlterTableCmd *part)
{
	return part->subtype == AT_DropColumn || part->subtype == AT_SetUnLogged;
}

static void
check_alter(const AlterTableStmt *statement)
{
	Oid		  table = InvalidOid;
	ListCell *cell;

	foreach(cell, statement->cmds)
	{
		if (!is_checked(lfirst(cell)))
			continue;
		if (!OidIsValid(table))
			table = RangeVarGetRelid(statement->relation, NoLock, true);
		if (OidIsValid(table) && may_drop(table))
			check_part(guard_twin_all(), table, lfirst(cell));
	}
}

static void
check_rename(const RenameStmt *statement)
{
	ListCell *cell;

	if (statement->renameType != OBJECT_SCHEMA)
		return;
	foreach(cell, guard_twin_releases())
	{
		GuardRelease *release = lfirst(cell);

		if (strcmp(release->gray_schema, statement->subname) == 0 && guard_twin_in_use(release))
			refuse_use(release,
					   psprintf("schema %s can't be renamed",
								quote_identifier(release->gray_schema)),
					   "Version 2, and moves, look for the gray tables by this name.");
	}
}

void
guard_gray_check(const struct Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_DropStmt:
			check_drop((const DropStmt *) statement);
			break;
		case T_DropOwnedStmt:
			check_drop_owned((const DropOwnedStmt *) statement);
			break;
		case T_AlterTableStmt:
			check_alter((const AlterTableStmt *) statement);
			break;
		case T_RenameStmt:
			check_rename((const RenameStmt *) statement);
			break;
		default:
			break;
	}
}

/*
 * What was dropped already
 */

void
guard_gray_refuse_column(const List *twins, unsigned int table, const char *table_name,
						 int16_t attnum, const char *column)
{
	ListCell *cell;

	if (attnum == InvalidAttrNumber)
		return;
	foreach(cell, guard_twin_find(twins, table, table_name))
	{
		const GuardTwin *twin = lfirst(cell);

		if (guard_twin_owner_column(twin, attnum, column) && guard_twin_in_use(twin->release))
			refuse_use(twin->release,
					   psprintf("column %s of table %s can't be dropped", quote_identifier(column),
								table_name),
					   "Rows lead to their users over this column.");
	}
}

void
guard_gray_refuse_table(const List *twins, unsigned int table, const char *table_name)
{
	ListCell *cell;

	foreach(cell, guard_twin_find(twins, table, table_name))
	{
		const GuardTwin *twin = lfirst(cell);

		if (guard_twin_holds_users(twin->release))
			refuse_rows(twin, table_name);
		refuse_parked_rows(twin, table_name);
	}
}
