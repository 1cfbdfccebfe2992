/*
 * view_reader.c: finds the production views that read given tables
 *
 * pg_depend tells which relations a view reads: the rules of the view depend on them.
 */
#include "postgres.h"

#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"

#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"

List *
reader_with_partitions(const List *tables)
{
	List	 *all = NIL;
	ListCell *cell;

	foreach(cell, tables)
		all = list_concat(all, find_all_inheritors(lfirst_oid(cell), NoLock, NULL));
	return all;
}

/*
 * Finding
 */

/* All rows of a reader come one after the other, and readers come in the order of their names. */
#define SELECT_READING \
	"WITH RECURSIVE reading AS MATERIALIZED (" \
	"SELECT DISTINCT n.nspname, c.relname, c.oid AS reader, c.relkind, d.refobjid AS relation" \
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" JOIN pg_rewrite r ON r.ev_class = c.oid" \
	" JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid" \
	" AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid" \
	" WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'" \
	" AND n.nspname <> 'gray' AND n.nspname NOT IN (SELECT gray_schema FROM gray.release)" \
	" AND format('%I.%I', n.nspname, c.relname) NOT IN (SELECT view FROM gray.shared_view))," \
	" found (relation) AS (SELECT unnest($1)" \
	" UNION SELECT g.reader FROM found f JOIN reading g ON g.relation = f.relation)" \
	" SELECT reader, relkind, format('%I.%I', nspname, relname), relation" \
	" FROM reading WHERE relation IN (SELECT relation FROM found)" \
	" ORDER BY nspname, relname, reader, relation"

static List *
load_readers(List *tables)
{
	QueryArgs args = {0};
	List	 *readers = NIL;
	Reader	 *reader = NULL;
	uint64	  rows;

	query_arg_oids(&args, tables);
	rows = query_run(SELECT_READING, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Oid relation = query_oid(row, 1);

		if (reader == NULL || reader->relation != relation)
		{
			reader = palloc0(sizeof(Reader));
			reader->relation = relation;
			reader->is_materialized = *query_text(row, 2) == 'm';
			reader->name = query_text(row, 3);
			readers = lappend(readers, reader);
		}
		reader->reads = lappend_oid(reader->reads, query_oid(row, 4));
	}
	return readers;
}

/*
 * Append the reader behind the readers that it reads.  A reader is added to `seen` before the
 * readers that it reads, so that views which read each other make no endless loop.
 */
static void
append_in_order(const List *readers, Reader *reader, List **seen, List **ordered)
{
	ListCell *cell;

	check_stack_depth();
	if (list_member_ptr(*seen, reader))
		return;
	*seen = lappend(*seen, reader);
	foreach(cell, reader->reads)
	{
		Reader *other = reader_get(readers, lfirst_oid(cell));

		if (other != NULL)
			append_in_order(readers, other, seen, ordered);
	}
	*ordered = lappend(*ordered, reader);
}

List *
reader_find(List *tables)
{
	List	 *readers = load_readers(tables);
	List	 *seen = NIL;
	List	 *ordered = NIL;
	ListCell *cell;

	foreach(cell, readers)
		append_in_order(readers, lfirst(cell), &seen, &ordered);
	return ordered;
}

/*
 * Asking
 */

List *
reader_relations(const List *readers)
{
	List	 *relations = NIL;
	ListCell *cell;

	foreach(cell, readers)
		relations = lappend_oid(relations, ((Reader *) lfirst(cell))->relation);
	return relations;
}

Reader *
reader_get(const List *readers, unsigned int relation)
{
	ListCell *cell;

	foreach(cell, readers)
	{
		Reader *reader = lfirst(cell);

		if (reader->relation == relation)
			return reader;
	}
	return NULL;
}

List *
reader_reads(unsigned int view)
{
	QueryArgs args = {0};
	List	 *reads = NIL;
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(view));
	rows = query_run("SELECT DISTINCT d.refobjid FROM pg_rewrite r"
					 " JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid"
					 " WHERE r.ev_class = $1 AND d.refclassid = 'pg_class'::regclass"
					 " AND d.refobjid <> $1 ORDER BY 1",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		reads = lappend_oid(reads, query_oid(row, 1));
	return reads;
}

static void
collect_tables(const List *readers, const Reader *reader, List **seen, List **tables)
{
	ListCell *cell;

	check_stack_depth();
	if (list_member_ptr(*seen, reader))
		return;
	*seen = lappend(*seen, (void *) reader);
	foreach(cell, reader->reads)
	{
		const Reader *other = reader_get(readers, lfirst_oid(cell));

		if (other != NULL)
			collect_tables(readers, other, seen, tables);
		else
			*tables = list_append_unique(*tables, makeString(relation_name(lfirst_oid(cell))));
	}
}

static int
compare_strings(const ListCell *a, const ListCell *b)
{
	return strcmp(strVal(lfirst(a)), strVal(lfirst(b)));
}

char *
reader_tables(const List *readers, const Reader *reader)
{
	List		  *seen = NIL;
	List		  *tables = NIL;
	StringInfoData names;
	ListCell	  *cell;

	collect_tables(readers, reader, &seen, &tables);
	list_sort(tables, compare_strings);
	initStringInfo(&names);
	foreach(cell, tables)
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", strVal(lfirst(cell)));
	return names.data;
}
