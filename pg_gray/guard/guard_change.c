/*
 * guard_change.c: judges what a statement changes, by the names in it
 */
#include "postgres.h"

#include "catalog/pg_inherits.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "guard/guard_change.h"
#include "guard/guard_name.h"
#include "guard/guard_verdict.h"

/*
 * Names
 */

void
guard_change_object(const GuardScope *scope, ObjectAddress object)
{
	guard_verdict_change(scope, &object);
}

void
guard_change_relation(const GuardScope *scope, const RangeVar *name)
{
	if (name != NULL)
		guard_change_object(scope, guard_name_relation(name));
}

/* Changes of a table go on to its children, unless ONLY was said. */
void
guard_change_with_children(const GuardScope *scope, const RangeVar *name)
{
	ObjectAddress table = guard_name_relation(name);
	ListCell	 *cell;

	guard_change_object(scope, table);
	if (!OidIsValid(table.objectId) || !name->inh || !has_subclass(table.objectId))
		return;
	foreach(cell, find_all_inheritors(table.objectId, NoLock, NULL))
	{
		table.objectId = lfirst_oid(cell);
		guard_change_object(scope, table);
	}
}

void
guard_change_relations(const GuardScope *scope, const List *names)
{
	ListCell *cell;

	foreach(cell, names)
	{
		if (IsA(lfirst(cell), RangeVar))
			guard_change_relation(scope, lfirst(cell));
	}
}

void
guard_change_schema(const GuardScope *scope, const char *name)
{
	guard_change_object(scope, guard_name_find(OBJECT_SCHEMA, (Node *) makeString((char *) name)));
}

/* A type of a gray schema: what is said of it concerns nobody else. */
bool
guard_change_is_ours(const GuardScope *scope, const TypeName *name)
{
	ObjectAddress type = guard_name_type(name);

	return OidIsValid(type.objectId) && guard_scope_has(scope, guard_name_schema(&type));
}

/* Of a cast or transform: its types, and maybe a language. */
void
guard_change_of_types(const GuardScope *scope, const List *types, const char *what)
{
	ListCell *cell;

	foreach(cell, types)
	{
		if (IsA(lfirst(cell), TypeName) && guard_change_is_ours(scope, lfirst(cell)))
			return;
	}
	guard_verdict_whole(scope, psprintf("change a %s of types that are not in a gray schema", what));
}

void
guard_change_named(const GuardScope *scope, ObjectType kind, Node *name)
{
	if (kind == OBJECT_CAST)
		guard_change_of_types(scope, castNode(List, name), "cast");
	else if (kind == OBJECT_TRANSFORM)
		guard_change_of_types(scope, castNode(List, name), "transform");
	else
		guard_change_object(scope, guard_name_find(kind, name));
}

/* Statements have either a relation or another name. */
void
guard_change_either(const GuardScope *scope, ObjectType kind, const RangeVar *relation, Node *name)
{
	if (relation != NULL)
		guard_change_relation(scope, relation);
	else
		guard_change_named(scope, kind, name);
}

/* The list that the statement has stays as it is. */
void
guard_change_family(const GuardScope *scope, char *access_method, const List *name)
{
	guard_change_named(scope, OBJECT_OPFAMILY,
					   (Node *) lcons(makeString(access_method), list_copy(name)));
}

void
guard_change_whole(const GuardScope *scope, const char *would, const char *name)
{
	guard_verdict_whole(scope, psprintf("%s %s, which is the whole database's", would,
										quote_identifier(name)));
}

/*
 * ALTER TABLE
 */

/* Other tables that a part of ALTER TABLE changes; a parent that is left changes nothing. */
static void
alter_table_part(const GuardScope *scope, const AlterTableCmd *part)
{
	switch (part->subtype)
	{
		case AT_AddInherit:
			guard_change_relation(scope, castNode(RangeVar, part->def));
			break;
		case AT_AttachPartition:
		case AT_DetachPartition:
		case AT_DetachPartitionFinalize:
			guard_change_relation(scope, castNode(PartitionCmd, part->def)->name);
			break;
		default:
			break;
	}
}

void
guard_change_table(const GuardScope *scope, const AlterTableStmt *statement)
{
	ListCell *cell;

	guard_change_with_children(scope, statement->relation);
	foreach(cell, statement->cmds)
		alter_table_part(scope, lfirst_node(AlterTableCmd, cell));
}

/*
 * Statements about objects of several kinds
 */

void
guard_change_drop(const GuardScope *scope, const DropStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->objects)
		guard_change_named(scope, statement->removeType, lfirst(cell));
}

void
guard_change_name(const GuardScope *scope, const RenameStmt *statement)
{
	if (statement->renameType == OBJECT_SCHEMA)
		guard_change_schema(scope, statement->subname);
	else if (statement->relation != NULL)
		guard_change_with_children(scope, statement->relation);
	else
		guard_change_named(scope, statement->renameType, statement->object);
}

void
guard_change_rights(const GuardScope *scope, const GrantStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->objects)
	{
		Node *object = lfirst(cell);

		if (statement->targtype == ACL_TARGET_ALL_IN_SCHEMA)
			guard_change_schema(scope, strVal(object));
		else if (IsA(object, RangeVar))
			guard_change_relation(scope, (RangeVar *) object);
		else
			guard_change_named(scope, statement->objtype, object);
	}
}

void
guard_change_default_rights(const GuardScope *scope, const AlterDefaultPrivilegesStmt *statement)
{
	bool	  in_schema = false;
	ListCell *option;
	ListCell *cell;

	foreach(option, statement->options)
	{
		const DefElem *element = lfirst_node(DefElem, option);

		if (strcmp(element->defname, "schemas") != 0)
			continue;
		in_schema = true;
		foreach(cell, castNode(List, element->arg))
			guard_change_schema(scope, strVal(lfirst(cell)));
	}
	if (!in_schema)
		guard_verdict_whole(scope, "change default privileges in all schemas");
}
