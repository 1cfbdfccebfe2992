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

List *
shared_key_list(unsigned int table)
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
	query_run(SHARED_KEY_SELECT("SELECT relid::oid, $1 FROM pg_partition_tree($1) WHERE isleaf"),
			  &args);
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
