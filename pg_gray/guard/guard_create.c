/*
 * guard_create.c: judges what a statement creates, by the schema that it comes into
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "foreign/foreign.h"
#include "nodes/value.h"
#include "utils/lsyscache.h"

#include "guard/guard_change.h"
#include "guard/guard_create.h"
#include "guard/guard_verdict.h"

/*
 * Creation
 */

/* With IF NOT EXISTS, nothing is created in place of an object that is there. */
void
guard_create_relation(const GuardScope *scope, const RangeVar *name, bool if_not_exists)
{
	Oid schema = RangeVarGetCreationNamespace(name);

	if (!if_not_exists || !OidIsValid(get_relname_relid(name->relname, schema)))
		guard_verdict_create(scope, schema, name->relname);
}

void
guard_create_named(const GuardScope *scope, List *names)
{
	char *name;
	Oid	  schema = QualifiedNameGetCreationNamespace(names, &name);

	guard_verdict_create(scope, schema, name);
}

void
guard_create_in(const GuardScope *scope, const char *schema)
{
	guard_verdict_create(scope, get_namespace_oid(schema, true), NULL);
}

/* A table is created, and its parents get a child. */
void
guard_create_table(const GuardScope *scope, const CreateStmt *statement)
{
	guard_create_relation(scope, statement->relation, statement->if_not_exists);
	guard_change_relations(scope, statement->inhRelations);
}

void
guard_create_statistics(const GuardScope *scope, const CreateStatsStmt *statement)
{
	guard_change_relations(scope, statement->relations);
	if (statement->defnames != NIL)
		guard_create_named(scope, statement->defnames);
}

/* A default class is the whole database's, for its type. */
void
guard_create_operator_class(const GuardScope *scope, const CreateOpClassStmt *statement)
{
	guard_create_named(scope, statement->opclassname);
	if (statement->opfamilyname != NIL)
		guard_change_family(scope, statement->amname, statement->opfamilyname);
	if (statement->isDefault && !guard_change_is_ours(scope, statement->datatype))
		guard_verdict_whole(scope,
							"create the default operator class of a type that is not in a gray schema");
}

void
guard_create_elsewhere(const GuardScope *scope, const AlterObjectSchemaStmt *statement)
{
	guard_change_either(scope, statement->objectType, statement->relation, statement->object);
	guard_create_in(scope, statement->newschema);
}

/* The schema that CURRENT_SCHEMA names; 0: none. */
static ObjectAddress
published_schema(void)
{
	List *path = fetch_search_path(false);

	return (ObjectAddress){.classId = NamespaceRelationId,
						   .objectId = path == NIL ? InvalidOid : linitial_oid(path)};
}

static void
publish(const GuardScope *scope, const PublicationObjSpec *object)
{
	if (object->pubobjtype == PUBLICATIONOBJ_TABLE)
		guard_change_relation(scope, object->pubtable->relation);
	else if (object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_SCHEMA)
		guard_change_schema(scope, object->name);
	else
		guard_change_object(scope, published_schema());
}

void
guard_create_publication(const GuardScope *scope, const CreatePublicationStmt *statement)
{
	ListCell *cell;

	if (statement->for_all_tables)
		guard_verdict_whole(scope, "publish all tables");
	foreach(cell, statement->pubobjects)
		publish(scope, lfirst_node(PublicationObjSpec, cell));
}

/* Return the relation that an element of CREATE SCHEMA creates; null: none. */
static const RangeVar *
created_relation(const Node *element)
{
	switch (nodeTag(element))
	{
		case T_CreateStmt:
			return ((const CreateStmt *) element)->relation;
		case T_ViewStmt:
			return ((const ViewStmt *) element)->view;
		case T_CreateSeqStmt:
			return ((const CreateSeqStmt *) element)->sequence;
		default:
			return NULL;
	}
}

/* True when CREATE SCHEMA creates a relation of this bare name, which is then found first. */
static bool
is_created(const CreateSchemaStmt *statement, const Node *name)
{
	ListCell *cell;

	if (!IsA(name, RangeVar) || ((const RangeVar *) name)->schemaname != NULL)
		return false;
	foreach(cell, statement->schemaElts)
	{
		const RangeVar *created = created_relation(lfirst(cell));

		if (created != NULL && strcmp(created->relname, ((const RangeVar *) name)->relname) == 0)
			return true;
	}
	return false;
}

/* A GRANT in CREATE SCHEMA may name anything. */
static void
grant_in_schema(const GuardScope *scope, const CreateSchemaStmt *statement, GrantStmt grant_of)
{
	List	 *named = NIL;
	ListCell *cell;

	foreach(cell, grant_of.objects)
	{
		if (!is_created(statement, lfirst(cell)))
			named = lappend(named, lfirst(cell));
	}
	grant_of.objects = named;
	guard_change_rights(scope, &grant_of);
}

/* Tables and the like are made in the new schema. */
void
guard_create_schema(const GuardScope *scope, const CreateSchemaStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->schemaElts)
	{
		const Node *element = lfirst(cell);

		if (IsA(element, GrantStmt))
			grant_in_schema(scope, statement, *(const GrantStmt *) element);
		else if (IsA(element, CreateStmt))
			guard_change_relations(scope, ((const CreateStmt *) element)->inhRelations);
	}
}

/* An extension that is there is not created, and CREATE EXTENSION IF NOT EXISTS is common. */
void
guard_create_extension(const GuardScope *scope, const CreateExtensionStmt *statement)
{
	if (!OidIsValid(get_extension_oid(statement->extname, true)))
		guard_change_whole(scope, "create extension", statement->extname);
}

void
guard_create_server(const GuardScope *scope, const CreateForeignServerStmt *statement)
{
	if (!OidIsValid(get_foreign_server_oid(statement->servername, true)))
		guard_change_whole(scope, "create server", statement->servername);
}
