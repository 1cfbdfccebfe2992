/*
 * clone_preview.c: the rows that only a dry run of gray_clone_tree returns
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "clone/clone_preview.h"
#include "clone/clone_question.h"
#include "clone/tree.h"
#include "clone/tree_call.h"
#include "clone/tree_cloning.h"
#include "clone/tree_lookalike.h"
#include "clone/view.h"
#include "clone/view_plan.h"
#include "owner/owner_path.h"
#include "postgres/foreign_key.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"

/* Append the condition that one of the path's columns on this table is null. */
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
	uint64		   rows;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT count(*) FROM %s WHERE ", relation_name(path->table));
	append_nobody(&sql, path);
	role_become(&before, relation_owner(path->table));
	query_run(sql.data, NULL);
	rows = query_count(0, 1);
	role_return(&before);
	if (rows == 0)
		return owner_path_text(path);
	return psprintf("%s; " UINT64_FORMAT " rows belong to nobody and stay", owner_path_text(path),
					rows);
}

char *
preview_referrer(unsigned int relation)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	if (query_run("SELECT t.gray FROM gray.release_table t JOIN pg_constraint k"
				  " ON coalesce(pg_partition_root(k.conrelid), k.conrelid) = to_regclass(t.gray)"
				  " WHERE k.contype = 'f' AND coalesce(pg_partition_root(k.confrelid), k.confrelid) = $1"
				  " ORDER BY t.position LIMIT 1",
				  &args) == 0)
		return NULL;
	return query_text(0, 1);
}

/*
 * The rows
 */

/* The tables of the release, and the tables of the tree that can be cloned. */
static List *
clonable_tables(const TreeCloning *cloning)
{
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, cloning->registered)
		tables = lappend_oid(tables, ((OwnerPath *) lfirst(cell))->table);
	foreach(cell, cloning->tree->tables)
	{
		if (((TreeTable *) lfirst(cell))->problem == NULL)
			tables = list_append_unique_oid(tables, ((TreeTable *) lfirst(cell))->relation);
	}
	return tables;
}

ViewPlan *
preview_views(const TreeCloning *cloning)
{
	return view_plan_make(cloning->call.release, clonable_tables(cloning),
						  cloning->call.before.user);
}

/*
 * The tables outside to which the cloned tables lead by foreign keys, directly or through other
 * tables, ordered by name.  They are reference data.
 */
static List *
find_outside(const TreeCloning *cloning)
{
	QueryArgs args = {0};
	List	 *outside = NIL;
	uint64	  rows;

	query_arg_oids(&args, clonable_tables(cloning));
	rows = query_run("WITH RECURSIVE key (referring, referred) AS MATERIALIZED ("
					 "SELECT DISTINCT coalesce(pg_partition_root(conrelid), conrelid),"
					 " coalesce(pg_partition_root(confrelid), confrelid)"
					 " FROM pg_constraint WHERE contype = 'f'),"
					 " led (relation) AS (SELECT unnest($1) UNION"
					 " SELECT k.referred FROM key k JOIN led ON led.relation = k.referring)"
					 " SELECT c.oid FROM led JOIN pg_class c ON c.oid = led.relation"
					 " JOIN pg_namespace n ON n.oid = c.relnamespace"
					 " WHERE c.oid <> ALL ($1) ORDER BY n.nspname, c.relname",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		outside = lappend_oid(outside, query_oid(row, 1));
	return outside;
}

static char *
root_name(const TreeCloning *cloning)
{
	return ((TreeTable *) linitial(cloning->tree->tables))->name;
}

/*
 * Return a row for each table that the caller left out, and for each table that leads to the root
 * only through left out tables.  The tables are added to `shown`, also below.
 */
static void
put_left_out(const TreeCloning *cloning, List **shown)
{
	ListCell *cell;

	foreach(cell, cloning->left_out)
	{
		tree_cloning_put(cloning, lfirst_oid(cell), NULL,
						 "left out: both versions use production's", NULL);
		*shown = lappend_oid(*shown, lfirst_oid(cell));
	}
	foreach(cell, cloning->tree->lost)
	{
		const TreeTable *table = lfirst(cell);

		tree_cloning_put(cloning, table->relation, NULL,
						 psprintf("left out, too: leads to %s only through tables that are left out",
								  root_name(cloning)),
						 NULL);
		*shown = lappend_oid(*shown, table->relation);
	}
}

/* The arguments to type for a table that the caller may take in by this column, or leave out. */
static char *
advise_column(Oid table, char *name, const char *column)
{
	TreeTable entry = {.name = name};
	OwnerPath path = {.table = table, .uid_attnum = get_attnum(table, column)};

	return psprintf("%s\nleave_out => ARRAY[%s]", tree_call_choice(&entry, &path),
					quote_literal_cstr(name));
}

/*
 * Return a row for each table of which some partitions lead to the tree by foreign keys, and others
 * do not.
 */
static void
put_partial(const TreeCloning *cloning, List **shown)
{
	ListCell *cell;

	foreach(cell, foreign_key_shared_find_partial(clonable_tables(cloning)))
	{
		const PartialKey *key = lfirst(cell);
		char *more = key->lacking == 1 ? "" : psprintf(" -- and %d more", key->lacking - 1);
		List *columns;

		if (list_member_oid(*shown, key->table))
			continue;
		if (!SplitIdentifierString(pstrdup(key->columns), ',', &columns))
			elog(ERROR, "unexpected names of columns: %s", key->columns);
		tree_cloning_put(cloning, key->table, NULL,
						 psprintf("not cloned: the foreign key on %s to %s is missing in %d of its partitions",
								  key->columns, key->parent, key->lacking),
						 psprintf("%s%s\n%s", key->advice, more,
								  advise_column(key->table, key->name, linitial(columns))));
		*shown = lappend_oid(*shown, key->table);
	}
}

/* Return a row for each table that may belong to users although no foreign key says so. */
static void
put_lookalikes(const TreeCloning *cloning, List **shown)
{
	ListCell *cell;

	foreach(cell, lookalike_find(cloning->tree, cloning->registered))
	{
		const Lookalike *lookalike = lfirst(cell);

		if (list_member_oid(*shown, lookalike->table))
			continue;
		tree_cloning_put(cloning, lookalike->table, NULL,
						 psprintf("not cloned: no foreign key, but %s may be the uid",
								  quote_identifier(lookalike->column)),
						 advise_column(lookalike->table, lookalike->name, lookalike->column));
		*shown = lappend_oid(*shown, lookalike->table);
	}
}

/* Return a row for each table that is not cloned because it belongs to nobody. */
static void
put_outside(const TreeCloning *cloning, const List *shown)
{
	ListCell *cell;

	foreach(cell, find_outside(cloning))
	{
		if (!list_member_oid(shown, lfirst_oid(cell)))
			tree_cloning_put(cloning, lfirst_oid(cell), NULL,
							 "nobody: not cloned, gray tables refer to production's", NULL);
	}
}

void
preview_put(const TreeCloning *cloning)
{
	List	 *shown = NIL;
	ListCell *cell;

	foreach(cell, cloning->tree->tables)
		shown = lappend_oid(shown, ((TreeTable *) lfirst(cell))->relation);
	put_left_out(cloning, &shown);
	put_partial(cloning, &shown);
	put_lookalikes(cloning, &shown);
	put_outside(cloning, shown);
	tree_cloning_put(cloning, InvalidOid, NULL,
					 question_count_open(cloning->tree) == 0
						 ? "all of this as one call"
						 : "all of this as one call, with likely answers",
					 tree_cloning_call(cloning));
}
