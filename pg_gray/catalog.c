/*
 * catalog.c: where the extension's own tables are
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "catalog.h"

unsigned int
catalog_relation(const char *name)
{
	Oid			schema = get_namespace_oid(CATALOG_SCHEMA, true);
	Oid			relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s.%s\" does not exist", CATALOG_SCHEMA, name),
				 errhint("Run CREATE EXTENSION pg_gray in this database.")));
	return relation;
}

unsigned int
catalog_owner(void)
{
	Oid			relation = catalog_relation("release");
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}
