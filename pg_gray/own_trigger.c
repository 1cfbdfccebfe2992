/*
 * own_trigger.c: that a trigger function was fired by a trigger of ours
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "catalog.h"
#include "own_trigger.h"
#include "relation.h"

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
