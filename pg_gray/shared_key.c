/*
 * shared_key.c: foreign keys that the partitions of a table have, and the table has not
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

#include "foreign_key.h"
#include "partition.h"
#include "query.h"
#include "shared_key.h"

/* One of a partition's keys, as if it were the table's; null: it is gone meanwhile. */
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
		oids = lappend_oid(oids, (Oid) strtoul(query_text(row, column), NULL, 10));
	return oids;
}

#define SELECT_SOME \
	SHARED_KEY_TABLES("SELECT relid::oid, $1 FROM pg_partition_tree($1) WHERE isleaf") \
	SHARED_KEY_OF_SOME

List *
shared_key_list(unsigned int table, bool partial_too)
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
	query_run(partial_too ? SELECT_SOME : SELECT_SOME SHARED_KEY_OF_ALL, &args);
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

/* A partition that lacks the key: the first by name, and how many there are. */
#define LACKING \
	" LATERAL (SELECT min(format('%I.%I', n.nspname, c.relname)), count(*)" \
	" FROM leaf l JOIN pg_class c ON c.oid = l.oid JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE l.root = k.root AND NOT EXISTS (SELECT 1 FROM key o WHERE o.conrelid = l.oid" \
	" AND o.confrelid = k.confrelid AND o.referring = k.referring AND o.referred = k.referred))" \
	" AS l (name, count)"

#define NAMED(oid) \
	"(SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = " oid ")"

#define SELECT_PARTIAL \
	SHARED_KEY_TABLES(SHARED_KEY_ALL_LEAVES) \
	" SELECT k.root::text, x.name, k.referring, x.parent, format(" \
	"'ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s);', l.name, k.referring, x.parent, k.referred), l.count::int4" \
	" FROM (SELECT DISTINCT root, confrelid, referring, referred FROM key" \
	" WHERE confrelid = ANY ($1) AND root <> ALL ($1)) AS k," \
	" LATERAL (SELECT " NAMED("k.root") ", " NAMED( \
		"k.confrelid") ") AS x (name, parent)," LACKING \
					   " WHERE l.count > 0 ORDER BY x.name, k.referring, x.parent"

List *
shared_key_find_partial(const List *parents)
{
	QueryArgs args = {0};
	List	 *keys = NIL;
	uint64	  rows;

	query_arg_oids(&args, parents);
	rows = query_run(SELECT_PARTIAL, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		PartialKey *key = palloc(sizeof(PartialKey));

		key->table = (Oid) strtoul(query_text(row, 1), NULL, 10);
		key->name = query_text(row, 2);
		key->columns = query_text(row, 3);
		key->parent = query_text(row, 4);
		key->advice = query_text(row, 5);
		key->lacking = query_int(row, 6);
		keys = lappend(keys, key);
	}
	return keys;
}
