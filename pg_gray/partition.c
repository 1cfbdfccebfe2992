/*
 * partition.c: partitioned tables and their partitions
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "partition.h"
#include "relation.h"

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
