/*
 * partition.c: finds partitions, roots and parents of tables, and the partition to which a key
 * belongs
 *
 * The partition of a key is found as the executor finds it for a row that is inserted, but from
 * the values of the key alone.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "fmgr.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "postgres/definition.h"
#include "postgres/partition.h"
#include "postgres/relation.h"

bool
partition_is_parent(unsigned int relation)
{
	return get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE;
}

unsigned int
partition_root(unsigned int relation)
{
	List *ancestors = NIL;

	if (get_rel_relispartition(relation))
		ancestors = get_partition_ancestors(relation);
	return ancestors == NIL ? relation : llast_oid(ancestors);
}

List *
partition_with_ancestors(unsigned int relation)
{
	List *ancestors = NIL;

	if (get_rel_relispartition(relation))
		ancestors = get_partition_ancestors(relation);
	return lcons_oid(relation, ancestors);
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(relation_name(lfirst_oid(a)), relation_name(lfirst_oid(b)));
}

List *
partition_all(unsigned int relation)
{
	List	 *all = NIL;
	List	 *children = NIL;
	ListCell *cell;

	if (!partition_is_parent(relation))
		return NIL;
	children = find_inheritance_children(relation, AccessShareLock);
	list_sort(children, compare_names);
	foreach(cell, children)
	{
		all = lappend_oid(all, lfirst_oid(cell));
		all = list_concat(all, partition_all(lfirst_oid(cell)));
	}
	return all;
}

int16_t
partition_attnum(unsigned int relation, unsigned int other, int16_t attnum)
{
	char	  *name;
	AttrNumber same;

	if (relation == other)
		return attnum;
	name = get_attname(other, attnum, false);
	same = get_attnum(relation, name);
	if (same == InvalidAttrNumber)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("partition %s has no column \"%s\"", relation_name(relation), name)));
	return same;
}

char *
partition_bound(unsigned int partition)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(partition));
	Datum	  bound;
	bool	  is_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", partition);
	bound = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relpartbound, &is_null);
	if (is_null)
		elog(ERROR, "relation %u is not a partition", partition);
	bound = DirectFunctionCall2(pg_get_expr, bound, ObjectIdGetDatum(partition));
	ReleaseSysCache(tuple);
	return TextDatumGetCString(bound);
}

char *
partition_key(unsigned int parent)
{
	return TextDatumGetCString(OidFunctionCall1(F_PG_GET_PARTKEYDEF, ObjectIdGetDatum(parent)));
}

/* Fill in the value of each column of the partition key from the values of the index. */
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

/* Return the Oid of the partition of one level, or 0. */
static Oid
find_child(Relation table, Oid index, const Datum *keys, const bool *keys_null)
{
	PartitionKey  key = definition_partition_key(table);
	PartitionDesc partitions = definition_partition_desc(table);
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

/*
 * Open the leaf, or the partitioned table of the next level, and its part of the index; or return
 * null.
 */
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
