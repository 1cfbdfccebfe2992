/*
 * catalog.c: where the extension's own tables are
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"

#include "catalog.h"
#include "relation.h"

unsigned int
catalog_relation(const char *name)
{
	Oid schema = get_namespace_oid(CATALOG_SCHEMA, true);
	Oid relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;

	if (!OidIsValid(relation))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("table \"%s.%s\" does not exist", CATALOG_SCHEMA, name),
						errhint("Run CREATE EXTENSION pg_gray in this database.")));
	return relation;
}

unsigned int
catalog_owner(void)
{
	return relation_owner(catalog_relation("release"));
}
