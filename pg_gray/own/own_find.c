/*
 * own_find.c: finds the tables that only version 2 has, and whose their rows are
 *
 * A table of the gray schema that is no twin belongs to version 2 alone.  Its foreign keys tell
 * whose a row is, if exactly one of them that leads to a user is NOT NULL.  Otherwise the catalog
 * can't tell: a row with the NOT NULL columns order_id and author_id may be a part of the order, or
 * the author's.  A column without a foreign key is never guessed.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "own/own_find.h"
#include "postgres/foreign_key.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/release.h"
#include "utils/rel.h"

/*
 * Tables
 */

/*
 * Return the tables of the gray schema (Oids) without those in `known`: mostly there are none, and
 * to plan a query would take longer.
 */
static List *
unknown_tables(const Release *release, const List *known)
{
	Relation	classes = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *tables = NIL;

	ScanKeyInit(&key, Anum_pg_class_relnamespace, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(get_namespace_oid(release->gray_schema, true)));
	scan = systable_beginscan(classes, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);

		if ((class->relkind == RELKIND_RELATION || class->relkind == RELKIND_PARTITIONED_TABLE) &&
			!class->relispartition && !list_member_oid(known, class->oid))
			tables = lappend_oid(tables, class->oid);
	}
	systable_endscan(scan);
	table_close(classes, AccessShareLock);
	return tables;
}

static List *
known_tables(const TwinSet *set)
{
	List *known = NIL;

	for (int i = 0; i < set->count; i++)
		known = lappend_oid(known, set->twins[i].relation[SIDE_GRAY]);
	for (int i = 0; i < set->own_count; i++)
		known = lappend_oid(known, set->own[i].relation[SIDE_GRAY]);
	return known;
}

/*
 * Return the tables (OwnTable) of the gray schema that are neither twins nor registered, without
 * partitions, tables of extensions and copies of production's bookkeeping.
 */
static List *
unregistered(const Release *release, const TwinSet *set)
{
	List	 *unknown = unknown_tables(release, known_tables(set));
	QueryArgs args = {0};
	List	 *tables = NIL;
	uint64	  rows;

	if (unknown == NIL)
		return NIL;
	query_arg_oids(&args, unknown);
	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT c.oid FROM unnest($1) AS c (oid)"
				  " WHERE NOT EXISTS (SELECT FROM gray.own_table o WHERE o.release_id = $2"
				  " AND gray.table_now(o.gray, o.gray_oid, $3) = c.oid)"
				  " AND NOT EXISTS (SELECT FROM gray.release_table t"
				  " WHERE gray.table_now(t.gray, t.gray_oid, $3) = c.oid)"
				  " AND NOT EXISTS (SELECT FROM gray.copied_table t WHERE to_regclass(t.gray) = c.oid)"
				  " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
				  " AND d.objid = c.oid AND d.deptype = 'e') ORDER BY c.oid",
				  &args);
	for (uint64 row = 0; row < rows; row++)
	{
		OwnTable *table = palloc0(sizeof(OwnTable));

		table->relation = query_oid(row, 1);
		table->kind = OWN_NOBODYS;
		tables = lappend(tables, table);
	}
	return tables;
}

static bool
is_not_null(const ForeignKeyCacheInfo *key)
{
	for (int i = 0; i < key->nkeys; i++)
	{
		if (!relation_column_is_not_null(key->conrelid, key->conkey[i]))
			return false;
	}
	return true;
}

static bool
contains(const List *tables, Oid relation)
{
	ListCell *cell;

	foreach(cell, tables)
	{
		if (((OwnTable *) lfirst(cell))->relation == relation)
			return true;
	}
	return false;
}

/* True when a foreign key leads to another of these tables; with `complete`, one on NOT NULL columns. */
static bool
refers_to_any(const OwnTable *table, const List *tables, bool complete)
{
	ListCell *cell;

	foreach(cell, foreign_key_list(table->relation))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);

		if (key->confrelid != table->relation && contains(tables, key->confrelid) &&
			(!complete || is_not_null(key)))
			return true;
	}
	return false;
}

/* Move the tables from which foreign keys lead to a known table, however far, to another list. */
static List *
take_reaching(List **tables, const List *known)
{
	List *reaching = NIL;
	int	  before;

	do
	{
		ListCell *cell;

		before = list_length(reaching);
		foreach(cell, *tables)
		{
			OwnTable *table = lfirst(cell);

			if (owner_path_candidates(table->relation, known) == NIL &&
				!refers_to_any(table, reaching, false))
				continue;
			reaching = lappend(reaching, table);
			*tables = foreach_delete_current(*tables, cell);
		}
	} while (list_length(reaching) > before);
	return reaching;
}

/*
 * Deciding
 */

static List *
complete_paths(const List *paths)
{
	List	 *complete = NIL;
	ListCell *cell;

	foreach(cell, paths)
	{
		if (owner_path_is_complete(lfirst(cell)))
			complete = lappend(complete, lfirst(cell));
	}
	return complete;
}

/* True when production has the columns, too, over which a path leads to a twin. */
static bool
is_paired(const OwnerPath *path, const TwinSet *set)
{
	const Twin *parent = path->uid_attnum != 0 ? NULL : twin_find(set, SIDE_GRAY, path->parent);

	for (int i = 0; parent != NULL && i < path->count; i++)
	{
		if (!column_is_pair(twin_column(parent, SIDE_GRAY, path->parent_attnums[i])))
			return false;
	}
	return true;
}

static void
decide(OwnTable *table, const List *known, const TwinSet *set)
{
	List *complete;

	table->candidates = owner_path_candidates(table->relation, known);
	complete = complete_paths(table->candidates);
	if (table->candidates == NIL)
		table->kind = OWN_UNDECIDED;
	else if (relation_owner(table->relation) != twin_owner_role(set))
		table->kind = OWN_STRANGE;
	else if (list_length(complete) == 1)
	{
		table->path = linitial(complete);
		table->kind = is_paired(table->path, set) ? OWN_USERS : OWN_UNPAIRED;
	}
	else
		table->kind = complete == NIL ? OWN_NULLABLE : OWN_AMBIGUOUS;
}

/*
 * Decide the tables whose NOT NULL foreign keys lead to decided tables alone, until no more can be
 * decided.  Move the tables of users to another list, in the order of deciding.
 */
static List *
take_decided(List **undecided, List *known, const TwinSet *set)
{
	List *users = NIL;
	bool  again = true;

	while (again)
	{
		ListCell *cell;

		again = false;
		foreach(cell, *undecided)
		{
			OwnTable *table = lfirst(cell);

			decide(table, known, set);
			if (table->kind != OWN_USERS)
				continue;
			table->kind = OWN_UNDECIDED;
			if (refers_to_any(table, *undecided, true))
				continue;
			table->kind = OWN_USERS;
			known = lappend(known, table->path);
			users = lappend(users, table);
			*undecided = foreach_delete_current(*undecided, cell);
			again = true;
		}
	}
	return users;
}

/* Set the column that is named like a column with uids. */
static void
look_for_uid_column(OwnTable *table, const List *known)
{
	ListCell *cell;

	foreach(cell, known)
	{
		const OwnerPath *path = lfirst(cell);
		char			*name;

		if (path->uid_attnum == 0)
			continue;
		name = get_attname(path->table, path->uid_attnum, false);
		if (strcmp(name, "id") == 0 || get_attnum(table->relation, name) <= 0)
			continue;
		table->column = name;
		table->kind = OWN_UNTOLD;
		return;
	}
}

List *
own_find(const Release *release, const TwinSet *set)
{
	List	 *nobodys = set->count == 0 ? NIL : unregistered(release, set);
	List	 *known;
	List	 *reaching;
	List	 *users;
	ListCell *cell;

	if (nobodys == NIL)
		return NIL;
	known = owner_path_registered_gray(set);
	reaching = take_reaching(&nobodys, known);
	users = take_decided(&reaching, known, set);
	foreach(cell, nobodys)
		look_for_uid_column(lfirst(cell), known);
	return list_concat(list_concat(users, reaching), nobodys);
}
