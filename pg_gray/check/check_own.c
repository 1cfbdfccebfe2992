/*
 * check_own.c: tables that only version 2 has, of which it is not clear whose the rows are
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_own.h"
#include "fence/fence.h"
#include "owner/owner_path.h"
#include "own/own_find.h"
#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/release.h"

/*
 * Tables that are not registered
 */

static char *
add_call(const Release *release, Oid table, const char *column)
{
	return psprintf("SELECT gray_add_table(%s, %s, %s);", quote_literal_cstr(relation_name(table)),
					quote_literal_cstr(column), quote_literal_cstr(release->name));
}

static char *
share_call(const Release *release, Oid table)
{
	return psprintf("SELECT gray_share_table(%s, %s);", quote_literal_cstr(relation_name(table)),
					quote_literal_cstr(release->name));
}

/* Return the calls that choose one of the owner paths, or nobody. */
static char *
choices(const Release *release, const OwnTable *table)
{
	StringInfoData calls;
	ListCell	  *cell;

	initStringInfo(&calls);
	foreach(cell, table->candidates)
	{
		char *column = owner_path_column(lfirst(cell), table->candidates);

		if (column != NULL)
			appendStringInfo(&calls, "%s or ", add_call(release, table->relation, column));
	}
	appendStringInfoString(&calls, share_call(release, table->relation));
	return calls.data;
}

static char *
owner_call(const TwinSet *set, Oid table)
{
	return psprintf("ALTER TABLE %s OWNER TO %s;", relation_name(table),
					quote_identifier(GetUserNameFromId(twin_owner_role(set), false)));
}

static void
add_unregistered(const Release *release, const TwinSet *set, const OwnTable *table,
				 Findings *findings)
{
	char *name = relation_name(table->relation);

	switch (table->kind)
	{
		case OWN_AMBIGUOUS:
			finding_add(findings, true, name,
						psprintf("it can't be told whose a row is: by %s",
								 owner_path_choices(table->candidates)),
						choices(release, table));
			break;
		case OWN_NULLABLE:
			finding_add(findings, true, name,
						psprintf("it can't be told whose a row is: %s may be null",
								 owner_path_choices(table->candidates)),
						choices(release, table));
			break;
		case OWN_UNDECIDED:
			finding_add(findings, true, name,
						"it can't be told whose a row is: it leads to a user over a table of which that can't be told",
						psprintf("Decide on that table first; or %s",
								 share_call(release, table->relation)));
			break;
		case OWN_STRANGE:
			finding_add(findings, true, name,
						"the table belongs to another role than the tables of the release",
						owner_call(set, table->relation));
			break;
		case OWN_UNTOLD:
			finding_add(findings, false, name,
						psprintf("column %s is named like a column with users, but has no foreign key: its rows stay in gray as nobody's",
								 quote_identifier(table->column)),
						psprintf("%s or %s", add_call(release, table->relation, table->column),
								 share_call(release, table->relation)));
			break;
		case OWN_USERS:
		case OWN_NOBODYS:
			break;
	}
}

/*
 * Registered tables
 */

/* Add an error for each table that is not in the set, since its way to the user is gone. */
static void
add_broken(const Release *release, const TwinSet *set, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows = query_run("SELECT o.gray, t.oid, o.position FROM gray.own_table o,"
					 " gray.table_now(o.gray, o.gray_oid, $2) AS t (oid)"
					 " WHERE o.release_id = $1 AND NOT o.is_shared ORDER BY o.position",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Oid table = query_oid(row, 2);

		if (OidIsValid(table) && twin_find_own(set, table) == NULL)
			finding_add(findings, true, query_text(row, 1),
						"a column that leads from a row to its user was dropped",
						psprintf("Say whose its rows are: %s", add_call(release, table, "user_id")));
		else if (!OidIsValid(table))
			finding_add(findings, false, query_text(row, 1),
						"the table is gone: rows of it that were put aside stay there",
						psprintf("SELECT * FROM gray.own_tables shows how many; they are in gray.parked_%d_%d.",
								 release->id, query_int(row, 3)));
	}
}

/* A shared table keeps users from going home whose rows its rows refer to. */
static void
add_shared(const Release *release, const TwinSet *set, Findings *findings)
{
	QueryArgs args = {0};
	List	 *known = owner_path_registered_gray(set);
	uint64	  rows;
	Oid		 *tables;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT t.oid FROM gray.own_table o, gray.table_now(o.gray, o.gray_oid, $2) AS t (oid)"
				  " WHERE o.release_id = $1 AND o.is_shared AND t.oid IS NOT NULL ORDER BY o.position",
				  &args);
	tables = palloc(sizeof(Oid) * Max(rows, 1));
	for (uint64 row = 0; row < rows; row++)
		tables[row] = query_oid(row, 1);
	for (uint64 row = 0; row < rows; row++)
	{
		const List *candidates = owner_path_candidates(tables[row], known);

		if (candidates != NIL)
			finding_add(findings, true, relation_name(tables[row]),
						psprintf("its rows are nobody's, but refer to rows of users by %s: they would keep these users from going home",
								 owner_path_choices(candidates)),
						psprintf("ALTER TABLE %s DROP CONSTRAINT ...; or say whose its rows are with gray_add_table.",
								 relation_name(tables[row])));
	}
}

static bool
has_parked_rows(const Twin *own)
{
	return query_run(psprintf("SELECT 1 FROM %s LIMIT 1", own->parked_table), NULL) > 0;
}

static void
add_misfits(const Twin *own, Findings *findings)
{
	for (int i = 0; i < own->column_count; i++)
	{
		const Column *column = &own->columns[i];

		if (column->parked == NULL || column->parked_fits || !has_parked_rows(own))
			continue;
		finding_add(findings, true,
					psprintf("%s.%s", own->table[SIDE_GRAY], column->name[SIDE_GRAY]),
					"rows that were put aside have another type in this column: their users can't be moved",
					psprintf("ALTER TABLE %s ALTER %s TYPE %s USING ..., as the upgrade did.",
							 own->parked_table, column->parked,
							 format_type_with_typemod(column->type[SIDE_GRAY],
													  column->typmod[SIDE_GRAY])));
	}
}

/* Rows of users in gray that are not there, and are no rows that only another user brings. */
static void
add_waiting(const Release *release, const Twin *own, Findings *findings)
{
	query_run(psprintf("SELECT count(*), count(DISTINCT k.parked_uid) FROM %s k JOIN %s s ON s.uid = k.parked_uid"
					   " WHERE k.parked_waits AND s.state IN ('on', 'stuck')",
					   own->parked_table, release->state_table),
			  NULL);
	if (query_count(0, 1) > 0)
		finding_add(findings, false, own->table[SIDE_GRAY],
					psprintf("%s rows of %s users in gray are not there: they refer to rows that are not in gray",
							 query_text(0, 1), query_text(0, 2)),
					psprintf("They come back with the rows that they refer to. SELECT * FROM %s WHERE parked_waits shows them.",
							 own->parked_table));
}

/* A column that holds users, beside an owner path that leads elsewhere. */
static void
add_other_column(const Release *release, const Twin *own, const TwinSet *set, Findings *findings)
{
	Oid table = own->relation[SIDE_GRAY];

	for (int i = 0; own->uid_column == NULL && i < set->count; i++)
	{
		const Column *uid = set->twins[i].uid_column;
		char		 *name = uid == NULL ? NULL
										 : get_attname(set->twins[i].relation[SIDE_GRAY],
													   uid->attnum[SIDE_GRAY], false);

		if (name == NULL || strcmp(name, "id") == 0 || get_attnum(table, name) <= 0 ||
			owner_path_with_column(table, get_attnum(table, name),
								   owner_path_registered_gray(set)) != NIL)
			continue;
		finding_add(findings, false, own->table[SIDE_GRAY],
					psprintf("its rows go by %s, although column %s is named like a column with users",
							 owner_path_text(
								 owner_path_find(owner_path_registered_gray(set), table)),
							 quote_identifier(name)),
					psprintf("If that column says whose a row is: %s",
							 add_call(release, table, name)));
		return;
	}
}

static void
add_unfenced(const Release *release, const Twin *own, Findings *findings)
{
	if (release->is_open && !fence_guards_truncate(own->relation[SIDE_GRAY]))
		finding_add(findings, false, own->table[SIDE_GRAY], "the table has no fence yet",
					psprintf("SELECT gray_open('%s'); puts it up.", release->name));
}

/* Keys from outside the gray schema keep users from going home. */
static void
add_outside_keys(const Release *release, const TwinSet *set, Findings *findings)
{
	QueryArgs args = {0};
	List	 *tables = NIL;
	uint64	  rows;

	for (int i = 0; i < set->count; i++)
		tables = lappend_oid(tables, set->twins[i].relation[SIDE_GRAY]);
	for (int i = 0; i < set->own_count; i++)
		tables = lappend_oid(tables, set->own[i].relation[SIDE_GRAY]);
	query_arg_oids(&args, tables);
	query_arg_text(&args, release->gray_schema);
	rows =
		query_run("SELECT format('%I.%I', n.nspname, c.relname), quote_ident(k.conname), k.confrelid::regclass::text"
				  " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
				  " WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = ANY ($1)"
				  " AND k.conrelid <> ALL ($1) AND n.nspname <> $2 AND NOT c.relispartition ORDER BY 1, 2",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1),
					psprintf("foreign key %s refers to gray table %s: it would keep users from going home",
							 query_text(row, 2), query_text(row, 3)),
					psprintf("ALTER TABLE %s DROP CONSTRAINT %s; or move the table to schema %s.",
							 query_text(row, 1), query_text(row, 2),
							 quote_identifier(release->gray_schema)));
}

void
check_own(const Release *release, const TwinSet *set, Findings *findings)
{
	ListCell *cell;

	foreach(cell, own_find(release, set))
		add_unregistered(release, set, lfirst(cell), findings);
	add_broken(release, set, findings);
	add_shared(release, set, findings);
	for (int i = 0; i < set->own_count; i++)
	{
		const Twin *own = &set->own[i];

		add_misfits(own, findings);
		add_waiting(release, own, findings);
		add_other_column(release, own, set, findings);
		add_unfenced(release, own, findings);
	}
	add_outside_keys(release, set, findings);
}
