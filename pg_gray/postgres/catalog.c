/*
 * catalog.c: knows schema gray, its tables and owner, and the triggers that the extension makes
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/catalog.h"
#include "postgres/relation.h"

PG_FUNCTION_INFO_V1(registry_changed);

/*
 * Statement trigger of the registry's tables.  It makes the caches of releases stale: in other
 * sessions when the change commits, and in this session at once.
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

static void
refuse(Relation table, const Trigger *trigger)
{
	const char *name = quote_identifier(trigger->tgname);

	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("trigger %s on table \"%s\" is none of pg_gray's", name,
					RelationGetRelationName(table)),
			 errdetail("Its function is for the triggers that pg_gray puts up itself."),
			 errhint("DROP TRIGGER %s ON %s;", name, relation_name(RelationGetRelid(table)))));
}

void
own_trigger_require(Relation table, const Trigger *trigger, const char *name)
{
	if (strcmp(trigger->tgname, name) != 0)
		refuse(table, trigger);
}

void
own_trigger_require_catalog(Relation table, const Trigger *trigger, const char *name,
							const char *table_name)
{
	own_trigger_require(table, trigger, name);
	if (RelationGetNamespace(table) != get_namespace_oid(CATALOG_SCHEMA, true) ||
		(table_name != NULL && strcmp(RelationGetRelationName(table), table_name) != 0))
		refuse(table, trigger);
}

void
own_trigger_refuse_table(Relation table, const char *trigger, const char *release)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("table \"%s\" is fenced, but not a table of release \"%s\"",
						   RelationGetRelationName(table), release),
					errhint("DROP TRIGGER %s ON %s;", quote_identifier(trigger),
							relation_name(RelationGetRelid(table)))));
}
