/*
 * preview.c: what a dry run of gray_clone_tree tells beyond what it would clone
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "owner_path.h"
#include "preview.h"
#include "query.h"
#include "relation.h"
#include "role.h"

/* Append: one of the columns that lead on is null. */
static void
append_nobody(StringInfo sql, const OwnerPath *path)
{
	int count = path->uid_attnum != 0 ? 1 : path->count;

	for (int i = 0; i < count; i++)
	{
		AttrNumber attnum = path->uid_attnum != 0 ? path->uid_attnum : path->attnums[i];

		appendStringInfo(sql, "%s%s IS NULL", i == 0 ? "" : " OR ",
						 quote_identifier(get_attname(path->table, attnum, false)));
	}
}

char *
preview_owner(const OwnerPath *path)
{
	StringInfoData sql;
	RoleSwitch	   before;
	char		  *rows;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT count(*)::text FROM %s WHERE ", relation_name(path->table));
	append_nobody(&sql, path);
	role_become(&before, relation_owner(path->table));
	query_run(sql.data, NULL);
	rows = query_text(0, 1);
	role_return(&before);
	if (strcmp(rows, "0") == 0)
		return owner_path_text(path);
	return psprintf("%s; %s rows belong to nobody and stay", owner_path_text(path), rows);
}

static Datum
inside(const Tree *tree, const List *registered)
{
	int		  count = 0;
	Datum	 *oids = palloc(sizeof(Datum) * (list_length(tree->tables) + list_length(registered)));
	ListCell *cell;

	foreach(cell, tree->tables)
		oids[count++] = ObjectIdGetDatum(((TreeTable *) lfirst(cell))->relation);
	foreach(cell, registered)
		oids[count++] = ObjectIdGetDatum(((OwnerPath *) lfirst(cell))->table);
	return PointerGetDatum(construct_array(oids, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

List *
preview_outside(const Tree *tree, const List *registered)
{
	QueryArgs args = {0};
	List	 *outside = NIL;
	uint64	  rows;

	query_arg(&args, OIDARRAYOID, inside(tree, registered));
	rows = query_run("WITH RECURSIVE key (referring, referred) AS MATERIALIZED ("
					 "SELECT DISTINCT coalesce(pg_partition_root(conrelid), conrelid),"
					 " coalesce(pg_partition_root(confrelid), confrelid)"
					 " FROM pg_constraint WHERE contype = 'f'),"
					 " led (relation) AS (SELECT unnest($1) UNION"
					 " SELECT k.referred FROM key k JOIN led ON led.relation = k.referring)"
					 " SELECT c.oid::text FROM led JOIN pg_class c ON c.oid = led.relation"
					 " JOIN pg_namespace n ON n.oid = c.relnamespace"
					 " WHERE c.oid <> ALL ($1) ORDER BY n.nspname, c.relname",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		outside = lappend_oid(outside, (Oid) strtoul(query_text(row, 1), NULL, 10));
	return outside;
}
