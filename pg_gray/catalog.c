/*
 * catalog.c: where the extension's own tables are
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "catalog.h"
#include "own_trigger.h"
#include "relation.h"

PG_FUNCTION_INFO_V1(registry_changed);

/*
 * Statement trigger of the registry's tables: what sessions remember of releases is
 * stale when the change commits, and in this session at once.
 */
Datum
registry_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.registry_changed() is a trigger")));
	own_trigger_require_catalog(trigger->tg_relation, trigger->tg_trigger, "changed", NULL);
	CacheInvalidateRelcacheByRelid(catalog_relation("release"));
	return PointerGetDatum(NULL);
}

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
