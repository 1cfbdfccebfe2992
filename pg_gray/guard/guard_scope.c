/*
 * guard_scope.c: tells whether a session upgrades a gray release, and which schemas it may change
 *
 * search_path is compared by names.  A gray schema that was dropped, or that the role may not use,
 * still says what the session is for, and the names that it does not have lead to production.
 *
 * The registry may be half there, since every DDL statement in the database comes here.  Without
 * the table gray.release no session upgrades anything.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "guard/guard_scope.h"
#include "postgres/catalog.h"
#include "postgres/relation.h"
#include "release/registry.h"

unsigned int
guard_scope_table(const char *name)
{
	Oid schema = get_namespace_oid(CATALOG_SCHEMA, true);
	Oid table = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;

	return OidIsValid(table) && relation_is_heap(table) ? table : InvalidOid;
}

/* Return the gray schemas of all releases (char *). */
static List *
gray_schemas(void)
{
	Oid		 table = guard_scope_table("release");
	List	*names = NIL;
	Registry row;

	if (!OidIsValid(table) || get_attnum(table, "gray_schema") == InvalidAttrNumber)
		return NIL;
	row = registry_begin("release", NULL, NULL, 0);
	while (registry_next(&row))
	{
		char *name = registry_text(&row, "gray_schema");

		if (name != NULL)
			names = lappend(names, name);
	}
	registry_end(&row);
	return names;
}

static bool
has_name(const List *names, const char *name)
{
	ListCell *cell;

	foreach(cell, names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

bool
guard_scope_load(GuardScope *scope, const char *command)
{
	List	 *path;
	ListCell *cell;

	if (!SplitIdentifierString(pstrdup(namespace_search_path), ',', &path) || path == NIL)
		return false;
	*scope = (GuardScope){.command = command, .gray = gray_schemas()};
	if (scope->gray == NIL)
		return false;
	foreach(cell, path)
	{
		const char *name = lfirst(cell);

		if (strcmp(name, "$user") == 0)
			name = GetUserNameFromId(GetUserId(), true);
		if (name != NULL && scope->named == NULL && has_name(scope->gray, name))
			scope->named = name;
	}
	return scope->named != NULL;
}

bool
guard_scope_has_name(const GuardScope *scope, const char *schema)
{
	return has_name(scope->gray, schema) || strcmp(schema, CATALOG_SCHEMA) == 0;
}

bool
guard_scope_has(const GuardScope *scope, unsigned int schema)
{
	const char *name = get_namespace_name(schema);

	return name == NULL || isAnyTempNamespace(schema) || guard_scope_has_name(scope, name);
}
