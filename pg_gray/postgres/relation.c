/*
 * relation.c: returns names, owners and properties of tables and schemas
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "postgres/relation.h"

char *
relation_name(unsigned int relation)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
									  get_rel_name(relation));
}

unsigned int
relation_owner(unsigned int relation)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid		  owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("there is no table with oid %u", relation),
						errhint("Name the table: SELECT gray_clone('public.users', 'id');")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

unsigned int
relation_schema_owner(unsigned int schema)
{
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid		  owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", schema);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

bool
relation_is_heap(unsigned int relation)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Form_pg_class class;
	bool is_heap;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	class = (Form_pg_class) GETSTRUCT(tuple);
	is_heap = class->relkind == RELKIND_RELATION && class->relam == HEAP_TABLE_AM_OID;
	ReleaseSysCache(tuple);
	return is_heap;
}

static bool
table_has_rows(Oid oid)
{
	Relation		table = table_open(oid, AccessShareLock);
	TupleTableSlot *row = table_slot_create(table, NULL);
	TableScanDesc	scan = table_beginscan(table, SnapshotSelf, 0, NULL);
	bool			found = table_scan_getnextslot(scan, ForwardScanDirection, row);

	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	table_close(table, NoLock);
	return found;
}

bool
relation_has_rows(unsigned int relation)
{
	ListCell *cell;

	foreach(cell, find_all_inheritors(relation, AccessShareLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_RELATION &&
			table_has_rows(lfirst_oid(cell)))
			return true;
	}
	return false;
}

int
relation_attribute_count(unsigned int relation)
{
	Relation table = table_open(relation, AccessShareLock);
	int		 count = RelationGetNumberOfAttributes(table);

	table_close(table, NoLock);
	return count;
}

bool
relation_column_is_not_null(unsigned int relation, int attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	bool	  not_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", attnum, relation);
	not_null = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
	ReleaseSysCache(tuple);
	return not_null;
}

bool
relation_has_missing(unsigned int relation)
{
	Relation   table = table_open(relation, AccessShareLock);
	TupleDesc  descriptor = RelationGetDescr(table);
	const bool missing = descriptor->constr != NULL && descriptor->constr->missing != NULL;

	table_close(table, NoLock);
	return missing;
}
