/*
 * twin_remember.c: keeps the registry up to date with the tables
 *
 * Columns are paired by attribute number, so a renamed column is still found.  A restored dump has
 * other numbers when columns had been dropped; there the last known names identify the columns.
 * So the names are written at every occasion.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/catalog.h"
#include "postgres/query.h"
#include "release/release.h"
#include "release/twin_kept.h"
#include "release/twin_mapping.h"
#include "release/twin_remember.h"

/* Return "{1,2}", or null for no column. */
static char *
attnum_array(Column **columns, int count)
{
	StringInfoData text;

	if (count == 0)
		return NULL;
	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%c%d", i == 0 ? '{' : ',', columns[i]->attnum[SIDE_PRODUCTION]);
	appendStringInfoChar(&text, '}');
	return text.data;
}

static void
remember_table(const Release *release, const Twin *twin)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	query_arg_int(&args, twin->uid_column != NULL ? twin->uid_column->attnum[SIDE_PRODUCTION] : 0);
	query_arg_text(&args, attnum_array(twin->path_columns, twin->path_count));
	query_arg_text(&args, attnum_array(twin->parent_columns, twin->path_count));
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		query_arg_text(&args, twin->table[side]);
		query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[side]));
	}
	query_run("UPDATE gray.release_table SET uid_attnum = nullif($3, 0),"
			  " path_attnums = $4::smallint[], parent_attnums = $5::smallint[],"
			  " production = $6, production_oid = $7, gray = $8, gray_oid = $9"
			  " WHERE release_id = $1 AND position = $2",
			  &args);
}

/* Remove pairs with a dropped column, since nothing uses them. */
static void
remember_columns(const Release *release, const Twin *twin)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	query_run("DELETE FROM gray.column_pair WHERE release_id = $1 AND position = $2", &args);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (!column_is_pair(column))
			continue;
		args.count = 2;
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			query_arg_int(&args, column->attnum[side]);
			query_arg_text(&args, get_attname(twin->relation[side], column->attnum[side], false));
		}
		query_run("INSERT INTO gray.column_pair (release_id, position, production_attnum,"
				  " production_name, gray_attnum, gray_name) VALUES ($1, $2, $3, $4::name, $5, $6::name)",
				  &args);
	}
}

/* In a restored dump a missing table counts as dropped only if the registry says so. */
static void
remember_gone(const Release *release, const GoneTwin *gone)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, gone->position);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		query_arg_text(&args, OidIsValid(gone->relation[side]) ? gone->table[side] : NULL);
	query_run("UPDATE gray.release_table SET production = coalesce($3, production),"
			  " gray = coalesce($4, gray), gray_oid = CASE WHEN $4 IS NULL THEN 0 ELSE gray_oid END"
			  " WHERE release_id = $1 AND position = $2",
			  &args);
}

/*
 * The registry's names are unique.  A table may have been given the name that the registry has for
 * another one.  So the names of all tables that exist are given up, before they are written anew;
 * and a table that is gone gives its name up for good if another one has it.
 */
static void
give_names_up(const Release *release, const TwinSet *set, Side side)
{
	QueryArgs args = {0};
	List	 *positions = NIL;
	ListCell *cell;

	for (int i = 0; i < set->count; i++)
		positions = lappend_int(positions, set->twins[i].position);
	foreach(cell, set->gone)
	{
		const GoneTwin *gone = lfirst(cell);

		if (OidIsValid(gone->relation[side]))
			positions = lappend_int(positions, gone->position);
	}
	query_arg_int(&args, release->id);
	query_arg_ints(&args, positions);
	query_run(psprintf("UPDATE gray.release_table SET %1$s = quote_ident(format('%%s.%%s', release_id, position))"
					   " WHERE release_id = $1 AND position = ANY ($2)",
					   side_name(side)),
			  &args);
	for (int i = 0; i < set->count; i++)
	{
		args.count = 1;
		query_arg_text(&args, set->twins[i].table[side]);
		query_run(psprintf("UPDATE gray.release_table SET"
						   " %1$s = quote_ident(format('%%s (table %%s)', %1$s, position))"
						   " WHERE release_id = $1 AND %1$s = $2",
						   side_name(side)),
				  &args);
	}
}

void
twin_remember(const Release *release, const TwinSet *set)
{
	QueryArgs args = {0};
	QueryArgs in_cluster = {0};
	ListCell *cell;

	if (!set->outdated ||
		!ConditionalLockRelationOid(catalog_relation("release_table"), ShareRowExclusiveLock))
		return;
	for (Side side = SIDE_PRODUCTION; set->renamed && side <= SIDE_GRAY; side++)
		give_names_up(release, set, side);
	foreach(cell, set->gone)
		remember_gone(release, lfirst(cell));
	for (int i = 0; i < set->count; i++)
	{
		remember_columns(release, &set->twins[i]);
		twin_mapping_remember(release, &set->twins[i]);
		twin_kept_remember(release, &set->twins[i]);
		remember_table(release, &set->twins[i]);
	}
	if (release->in_place)
		return;
	query_arg(&in_cluster, BOOLOID, BoolGetDatum(release->in_cluster));
	/* In another cluster the same transaction ids belong to other transactions. */
	query_run(psprintf("UPDATE %s SET xid = CASE WHEN $1 THEN xid END, columns = NULL,"
					   " storage = NULL, relations = NULL",
					   release->stay_table),
			  &in_cluster);
	query_arg_int(&args, release->id);
	query_arg_text(&args, release_place());
	query_run("UPDATE gray.release SET place = $2 WHERE id = $1", &args);
}
