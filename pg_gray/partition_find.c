/*
 * partition_find.c: the partition in which a key would be
 *
 * What the executor does for a row that is inserted, from the values of a key alone.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/partcache.h"
#include "utils/rel.h"

#include "owned.h"
#include "partition_find.h"

/* The value of each column of the partition key, from those of the index. */
static void
partition_values(PartitionKey key, Oid index_oid, const Datum *keys, const bool *keys_null,
				 Datum *values, bool *is_null)
{
	Relation index = index_open(index_oid, AccessShareLock);

	for (int i = 0; i < key->partnatts; i++)
	{
		int at = 0;

		while (at < index->rd_index->indnkeyatts &&
			   (key->partattrs[i] == 0 || index->rd_index->indkey.values[at] != key->partattrs[i]))
			at++;
		if (at == index->rd_index->indnkeyatts)
			elog(ERROR, "index %u does not contain the partition key", index_oid);
		values[i] = keys[at];
		is_null[i] = keys_null[at];
	}
	index_close(index, AccessShareLock);
}

static int
find_by_hash(PartitionKey key, PartitionBoundInfo bound, Datum *values, bool *is_null)
{
	uint64 hash = compute_partition_hash_value(key->partnatts, key->partsupfunc, key->partcollation,
											   values, is_null);

	return bound->indexes[hash % bound->nindexes];
}

static int
find_by_list(PartitionKey key, PartitionBoundInfo bound, Datum *values, bool *is_null)
{
	bool equal = false;
	int	 offset;

	if (is_null[0])
		return bound->null_index;
	offset = partition_list_bsearch(key->partsupfunc, key->partcollation, bound, values[0], &equal);
	return offset >= 0 && equal ? bound->indexes[offset] : -1;
}

static int
find_by_range(PartitionKey key, PartitionBoundInfo bound, Datum *values, bool *is_null)
{
	bool equal = false;
	int	 offset;

	for (int i = 0; i < key->partnatts; i++)
	{
		if (is_null[i])
			return -1;
	}
	offset = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, bound,
										   key->partnatts, values, &equal);
	return bound->indexes[offset + 1];
}

/* The Oid of the partition of one level, or 0. */
static Oid
find_child(Relation table, Oid index, const Datum *keys, const bool *keys_null)
{
	PartitionKey  key = owned_partition_key(table);
	PartitionDesc partitions = owned_partition_desc(table);
	Datum		  values[PARTITION_MAX_KEYS];
	bool		  is_null[PARTITION_MAX_KEYS];
	int			  child = -1;

	if (partitions->nparts == 0)
		return InvalidOid;
	partition_values(key, index, keys, keys_null, values, is_null);
	if (key->strategy == PARTITION_STRATEGY_HASH)
		child = find_by_hash(key, partitions->boundinfo, values, is_null);
	else if (key->strategy == PARTITION_STRATEGY_LIST)
		child = find_by_list(key, partitions->boundinfo, values, is_null);
	else
		child = find_by_range(key, partitions->boundinfo, values, is_null);
	if (child < 0)
		child = partitions->boundinfo->default_index;
	return child < 0 ? InvalidOid : partitions->oids[child];
}

/* The leaf, or the part of the next level, and its part of the index; or null. */
static Relation
open_child(Relation table, Oid *index, const Datum *keys, const bool *keys_null)
{
	Oid		 oid = find_child(table, *index, keys, keys_null);
	Relation child;

	if (!OidIsValid(oid))
		return NULL;
	child = table_open(oid, AccessShareLock);
	*index = index_get_partition(child, *index);
	if (!OidIsValid(*index))
		elog(ERROR, "partition %u has no part of the index", oid);
	return child;
}

Relation
partition_find(unsigned int table, unsigned int *index, const uintptr_t *values, const bool *is_null)
{
	Relation leaf = table_open(table, AccessShareLock);

	while (leaf != NULL && leaf->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		Relation child = open_child(leaf, index, values, is_null);

		table_close(leaf, AccessShareLock);
		leaf = child;
	}
	return leaf;
}
