/*
 * guard_verdict.c: refuses what is out of a session's scope, in words that say how to go on
 */
#include "postgres.h"

#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "guard/guard_name.h"
#include "guard/guard_verdict.h"

#define WAY_OUT "If production is meant: SET pg_gray.guard = off."

/* Say what the statement would do, why this is refused, and how to go on. */
static void
refuse(const GuardScope *scope, const char *would, const char *what, const char *problem,
	   const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s would %s %s, which %s", scope->command, would, what, problem),
			 errdetail("Schema \"%s\" is in the search_path of this session: it upgrades version 2, and %s is production's, too.",
					   scope->named, what),
			 errhint("%s" WAY_OUT, hint)));
}

static bool
is_table(const ObjectAddress *object)
{
	char kind;

	if (object->classId != RelationRelationId)
		return false;
	kind = get_rel_relkind(object->objectId);
	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

void
guard_verdict_change(const GuardScope *scope, const ObjectAddress *object)
{
	Oid schema;

	if (!OidIsValid(object->objectId))
		return;
	schema = guard_name_schema(object);
	if (!OidIsValid(schema))
		refuse(scope, "change", guard_name_words(object), "is the whole database's", "");
	if (!guard_scope_has(scope, schema))
		refuse(scope, "change", guard_name_words(object), "is not in a gray schema",
			   is_table(object) ? "Clone the table first, or name it with its gray schema. "
								: "Name the one in the gray schema. ");
}

void
guard_verdict_create(const GuardScope *scope, unsigned int schema, const char *name)
{
	const char *where;

	if (!OidIsValid(schema) || guard_scope_has(scope, schema))
		return;
	where = quote_identifier(get_namespace_name(schema));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s would create %s in schema %s, which is not a gray schema", scope->command,
					name == NULL ? "objects" : quote_identifier(name), where),
			 errdetail("Schema \"%s\" is in the search_path of this session: it upgrades version 2, and schema %s is production's, too.",
					   scope->named, where),
			 errhint("Name it with its gray schema. " WAY_OUT)));
}

void
guard_verdict_whole(const GuardScope *scope, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("%s would %s", scope->command, what),
			 errdetail("Schema \"%s\" is in the search_path of this session: it upgrades version 2, and this is the whole database's.",
					   scope->named),
			 errhint(WAY_OUT)));
}

void
guard_verdict_reached(const GuardScope *scope, const char *what)
{
	refuse(scope, "drop", what, "is not in a gray schema",
		   "Change it first so that it does not depend on gray. ");
}

void
guard_verdict_unknown(const GuardScope *scope)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("pg_gray does not know what %s would change", scope->command),
			 errdetail("Schema \"%s\" is in the search_path of this session: it upgrades version 2, and may not change production.",
					   scope->named),
			 errhint("If production is not changed, or is meant: SET pg_gray.guard = off.")));
}
