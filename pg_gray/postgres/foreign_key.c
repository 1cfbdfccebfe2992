/*
 * foreign_key.c: lists the foreign keys of a table, and those that only its partitions have
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "postgres/foreign_key.h"
#include "postgres/partition.h"
#include "postgres/query.h"

static int
compare_names(const ListCell *a, const ListCell *b)
{
	const ForeignKeyCacheInfo *left = lfirst(a);
	const ForeignKeyCacheInfo *right = lfirst(b);

	return strcmp(get_constraint_name(left->conoid), get_constraint_name(right->conoid));
}

/* Return the foreign key from which PostgreSQL made this one for a partition; 0: none. */
Oid
foreign_key_parent(const ForeignKeyCacheInfo *key)
{
	HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
	Oid		  parent;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", key->conoid);
	parent = ((Form_pg_constraint) GETSTRUCT(tuple))->conparentid;
	ReleaseSysCache(tuple);
	return parent;
}

/* True for a foreign key that PostgreSQL adds for a partition of the referred table. */
static bool
is_shadow(const List *keys, const ForeignKeyCacheInfo *key)
{
	Oid		  parent = foreign_key_parent(key);
	ListCell *cell;

	foreach(cell, OidIsValid(parent) ? keys : NIL)
	{
		if (((ForeignKeyCacheInfo *) lfirst(cell))->conoid == parent)
			return true;
	}
	return false;
}

List *
foreign_key_list(unsigned int relation)
{
	Relation  table = table_open(relation, AccessShareLock);
	List	 *all = RelationGetFKeyList(table);
	List	 *keys = NIL;
	ListCell *cell;

	foreach(cell, all)
	{
		if (!is_shadow(all, lfirst(cell)))
			keys = lappend(keys, copyObject(lfirst(cell)));
	}
	table_close(table, NoLock);
	list_sort(keys, compare_names);
	return keys;
}

static List *
without_inherited(List *keys)
{
	ListCell *cell;

	foreach(cell, keys)
	{
		if (OidIsValid(foreign_key_parent(lfirst(cell))))
			keys = foreach_delete_current(keys, cell);
	}
	return keys;
}

List *
foreign_key_list_family(unsigned int relation)
{
	List	 *keys = foreign_key_list(relation);
	QueryArgs args = {0};
	uint64	  rows;

	if (!partition_is_parent(relation))
		return keys;
	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	rows = query_run("SELECT DISTINCT conrelid FROM pg_constraint WHERE contype = 'f'"
					 " AND conparentid = 0 AND conrelid <> $1"
					 " AND conrelid IN (SELECT relid FROM pg_partition_tree($1))",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		keys = list_concat(keys, without_inherited(foreign_key_list(query_oid(row, 1))));
	return keys;
}

/* A partition's foreign key with the table's column numbers; null: it was dropped meanwhile. */
static ForeignKeyCacheInfo *
lift_key(Oid table, Oid partition, Oid constraint)
{
	ListCell *cell;

	foreach(cell, foreign_key_list(partition))
	{
		ForeignKeyCacheInfo *key = lfirst(cell);

		if (key->conoid != constraint)
			continue;
		for (int i = 0; i < key->nkeys; i++)
			key->conkey[i] = partition_attnum(table, partition, key->conkey[i]);
		key->conrelid = table;
		return key;
	}
	return NULL;
}

static List *
oids_of(int column)
{
	List *oids = NIL;

	for (uint64 row = 0; row < SPI_processed; row++)
		oids = lappend_oid(oids, query_oid(row, column));
	return oids;
}

#define SELECT_SOME \
	FOREIGN_KEY_SHARED_TABLES("SELECT relid::oid, $1 FROM pg_partition_tree($1) WHERE isleaf") \
	FOREIGN_KEY_SHARED_OF_SOME

List *
foreign_key_shared_list(unsigned int table, bool partial_too)
{
	QueryArgs args = {0};
	List	 *constraints;
	List	 *partitions;
	List	 *keys = NIL;
	ListCell *constraint;
	ListCell *partition;

	if (!partition_is_parent(table))
		return NIL;
	query_arg(&args, OIDOID, ObjectIdGetDatum(table));
	query_run(partial_too ? SELECT_SOME : SELECT_SOME FOREIGN_KEY_SHARED_OF_ALL, &args);
	constraints = oids_of(3);
	partitions = oids_of(4);
	forboth(constraint, constraints, partition, partitions)
	{
		ForeignKeyCacheInfo *key = lift_key(table, lfirst_oid(partition), lfirst_oid(constraint));

		if (key != NULL)
			keys = lappend(keys, key);
	}
	return keys;
}

/* clang-format off */

/* The first partition by name that lacks the foreign key, and the number of such partitions. */
#define LACKING \
	" LATERAL (" \
		"SELECT min(format('%I.%I', n.nspname, c.relname)), count(*)" \
		" FROM leaf l" \
		" JOIN pg_class c ON c.oid = l.oid" \
		" JOIN pg_namespace n ON n.oid = c.relnamespace" \
		" WHERE l.root = k.root" \
		" AND NOT EXISTS (" \
			"SELECT 1" \
			" FROM key o" \
			" WHERE o.conrelid = l.oid" \
			" AND o.confrelid = k.confrelid" \
			" AND o.referring = k.referring" \
			" AND o.referred = k.referred)) AS l (name, count)"

#define NAMED(oid) \
	"(SELECT format('%I.%I', n.nspname, c.relname)" \
		" FROM pg_class c" \
		" JOIN pg_namespace n ON n.oid = c.relnamespace" \
		" WHERE c.oid = " oid ")"

#define SELECT_PARTIAL \
	FOREIGN_KEY_SHARED_TABLES(FOREIGN_KEY_SHARED_ALL_LEAVES) \
	" SELECT k.root, x.name, k.referring, x.parent," \
		" format(" \
			"'ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s);', l.name, k.referring," \
			" x.parent, k.referred)," \
		" l.count::int4" \
	" FROM (" \
		"SELECT DISTINCT root, confrelid, referring, referred" \
		" FROM key" \
		" WHERE confrelid = ANY ($1) AND root <> ALL ($1)) AS k," \
	" LATERAL (SELECT " NAMED("k.root") ", " NAMED("k.confrelid") ") AS x (name, parent)," \
	LACKING \
	" WHERE l.count > 0" \
	" ORDER BY x.name, k.referring, x.parent"

/* clang-format on */

List *
foreign_key_shared_find_partial(const List *parents)
{
	QueryArgs args = {0};
	List	 *keys = NIL;
	uint64	  rows;

	query_arg_oids(&args, parents);
	rows = query_run(SELECT_PARTIAL, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		PartialKey *key = palloc(sizeof(PartialKey));

		key->table = query_oid(row, 1);
		key->name = query_text(row, 2);
		key->columns = query_text(row, 3);
		key->parent = query_text(row, 4);
		key->advice = query_text(row, 5);
		key->lacking = query_int(row, 6);
		keys = lappend(keys, key);
	}
	return keys;
}
