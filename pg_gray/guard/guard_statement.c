/*
 * guard_statement.c: judges a DDL statement by the objects that it names
 *
 * For each kind of statement for which ddl_command_start fires, this file says which objects the
 * statement changes, and in which schema it creates an object.  Objects that it only reads or refers
 * to do not count: a view over production, LIKE, a foreign key to a production table.
 *
 * What belongs to no schema (extensions, servers, casts, publications, ...) is the whole
 * database's, and so production's.  Casts and transforms of a gray type are the exception.
 *
 * CREATE SCHEMA is let through, since a new schema is nobody's yet, and REFRESH MATERIALIZED VIEW
 * and REINDEX, since they change no definition.
 *
 * A statement of a kind that is not known here is refused: a later version of PostgreSQL may have
 * one.  To refuse costs its user one SET.  To let it through could change production.
 *
 * Not seen, since no event trigger fires: REASSIGN OWNED, CLUSTER, EXPLAIN ANALYZE CREATE TABLE AS,
 * and statements about roles, databases, tablespaces and event triggers.  Not looked at: the
 * operators that CREATE OPERATOR names as its commutator or negator, and children of a gray table
 * that somebody has put outside gray schemas.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "foreign/foreign.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "guard/guard_name.h"
#include "guard/guard_statement.h"
#include "guard/guard_verdict.h"

/*
 * Names
 */

static void
change(const GuardScope *scope, ObjectAddress object)
{
	guard_verdict_change(scope, &object);
}

static void
change_relation(const GuardScope *scope, const RangeVar *name)
{
	if (name != NULL)
		change(scope, guard_name_relation(name));
}

static void
change_relations(const GuardScope *scope, const List *names)
{
	ListCell *cell;

	foreach(cell, names)
	{
		if (IsA(lfirst(cell), RangeVar))
			change_relation(scope, lfirst(cell));
	}
}

static void
change_schema(const GuardScope *scope, const char *name)
{
	change(scope, guard_name_find(OBJECT_SCHEMA, (Node *) makeString((char *) name)));
}

/* A type of a gray schema: what is said of it concerns nobody else. */
static bool
is_ours(const GuardScope *scope, const TypeName *name)
{
	ObjectAddress type = guard_name_type(name);

	return OidIsValid(type.objectId) && guard_scope_has(scope, guard_name_schema(&type));
}

/* Of a cast or transform: its types, and maybe a language. */
static void
change_of_types(const GuardScope *scope, const List *types, const char *what)
{
	ListCell *cell;

	foreach(cell, types)
	{
		if (IsA(lfirst(cell), TypeName) && is_ours(scope, lfirst(cell)))
			return;
	}
	guard_verdict_whole(scope, psprintf("change a %s of types that are not in a gray schema", what));
}

static void
change_named(const GuardScope *scope, ObjectType kind, Node *name)
{
	if (kind == OBJECT_CAST)
		change_of_types(scope, castNode(List, name), "cast");
	else if (kind == OBJECT_TRANSFORM)
		change_of_types(scope, castNode(List, name), "transform");
	else
		change(scope, guard_name_find(kind, name));
}

/* Statements have either a relation or another name. */
static void
change_either(const GuardScope *scope, ObjectType kind, const RangeVar *relation, Node *name)
{
	if (relation != NULL)
		change_relation(scope, relation);
	else
		change_named(scope, kind, name);
}

/* The statement's own list stays as it is. */
static void
change_family(const GuardScope *scope, char *access_method, const List *name)
{
	change_named(scope, OBJECT_OPFAMILY, (Node *) lcons(makeString(access_method), list_copy(name)));
}

static void
change_whole(const GuardScope *scope, const char *would, const char *name)
{
	guard_verdict_whole(scope, psprintf("%s %s, which is the whole database's", would,
										quote_identifier(name)));
}

/*
 * Creation
 */

/* With IF NOT EXISTS, nothing is created in place of an object that is there. */
static void
create_relation(const GuardScope *scope, const RangeVar *name, bool if_not_exists)
{
	Oid schema = RangeVarGetCreationNamespace(name);

	if (!if_not_exists || !OidIsValid(get_relname_relid(name->relname, schema)))
		guard_verdict_create(scope, schema, name->relname);
}

static void
create_named(const GuardScope *scope, List *names)
{
	char *name;
	Oid	  schema = QualifiedNameGetCreationNamespace(names, &name);

	guard_verdict_create(scope, schema, name);
}

static void
create_in(const GuardScope *scope, const char *schema)
{
	guard_verdict_create(scope, get_namespace_oid(schema, true), NULL);
}

/* A table is created, and its parents get a child. */
static void
create_table(const GuardScope *scope, const CreateStmt *statement)
{
	create_relation(scope, statement->relation, statement->if_not_exists);
	change_relations(scope, statement->inhRelations);
}

static void
create_statistics(const GuardScope *scope, const CreateStatsStmt *statement)
{
	change_relations(scope, statement->relations);
	if (statement->defnames != NIL)
		create_named(scope, statement->defnames);
}

/* A default class is the whole database's, for its type. */
static void
create_operator_class(const GuardScope *scope, const CreateOpClassStmt *statement)
{
	create_named(scope, statement->opclassname);
	if (statement->opfamilyname != NIL)
		change_family(scope, statement->amname, statement->opfamilyname);
	if (statement->isDefault && !is_ours(scope, statement->datatype))
		guard_verdict_whole(scope,
							"create the default operator class of a type that is not in a gray schema");
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
			change_relation(scope, castNode(RangeVar, part->def));
			break;
		case AT_AttachPartition:
		case AT_DetachPartition:
		case AT_DetachPartitionFinalize:
			change_relation(scope, castNode(PartitionCmd, part->def)->name);
			break;
		default:
			break;
	}
}

static void
alter_table(const GuardScope *scope, const AlterTableStmt *statement)
{
	ListCell *cell;

	change_relation(scope, statement->relation);
	foreach(cell, statement->cmds)
		alter_table_part(scope, lfirst_node(AlterTableCmd, cell));
}

/*
 * Other statements
 */

static void
drop(const GuardScope *scope, const DropStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->objects)
		change_named(scope, statement->removeType, lfirst(cell));
}

static void
rename_object(const GuardScope *scope, const RenameStmt *statement)
{
	if (statement->renameType == OBJECT_SCHEMA)
		change_schema(scope, statement->subname);
	else
		change_either(scope, statement->renameType, statement->relation, statement->object);
}

static void
set_schema(const GuardScope *scope, const AlterObjectSchemaStmt *statement)
{
	change_either(scope, statement->objectType, statement->relation, statement->object);
	create_in(scope, statement->newschema);
}

static void
grant(const GuardScope *scope, const GrantStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->objects)
	{
		Node *object = lfirst(cell);

		if (statement->targtype == ACL_TARGET_ALL_IN_SCHEMA)
			change_schema(scope, strVal(object));
		else if (IsA(object, RangeVar))
			change_relation(scope, (RangeVar *) object);
		else
			change_named(scope, statement->objtype, object);
	}
}

static void
default_privileges(const GuardScope *scope, const AlterDefaultPrivilegesStmt *statement)
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
			change_schema(scope, strVal(lfirst(cell)));
	}
	if (!in_schema)
		guard_verdict_whole(scope, "change default privileges in all schemas");
}

static void
publish(const GuardScope *scope, const PublicationObjSpec *object)
{
	if (object->pubobjtype == PUBLICATIONOBJ_TABLE)
		change_relation(scope, object->pubtable->relation);
	else if (object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_SCHEMA)
		change_schema(scope, object->name);
	else
		guard_verdict_whole(scope, "publish the tables of the current schema");
}

static void
create_publication(const GuardScope *scope, const CreatePublicationStmt *statement)
{
	ListCell *cell;

	if (statement->for_all_tables)
		guard_verdict_whole(scope, "publish all tables");
	foreach(cell, statement->pubobjects)
		publish(scope, lfirst_node(PublicationObjSpec, cell));
}

/* Tables and the like are made in the new schema.  GRANT may name anything. */
static void
create_schema(const GuardScope *scope, const CreateSchemaStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->schemaElts)
	{
		const Node *element = lfirst(cell);

		if (IsA(element, GrantStmt))
			grant(scope, (const GrantStmt *) element);
		else if (IsA(element, CreateStmt))
			change_relations(scope, ((const CreateStmt *) element)->inhRelations);
	}
}

/* An extension that is there is not created, and CREATE EXTENSION IF NOT EXISTS is common. */
static void
create_extension(const GuardScope *scope, const CreateExtensionStmt *statement)
{
	if (!OidIsValid(get_extension_oid(statement->extname, true)))
		change_whole(scope, "create extension", statement->extname);
}

static void
create_server(const GuardScope *scope, const CreateForeignServerStmt *statement)
{
	if (!OidIsValid(get_foreign_server_oid(statement->servername, true)))
		change_whole(scope, "create server", statement->servername);
}

/*
 * Kinds of statements.  Each function returns false for a kind that it does not know.
 */

/* Statements about a relation and its parts. */
static bool
check_relation(const GuardScope *scope, const Node *node)
{
	switch (nodeTag(node))
	{
		case T_AlterTableStmt:
			alter_table(scope, (const AlterTableStmt *) node);
			return true;
		case T_IndexStmt:
			change_relation(scope, ((const IndexStmt *) node)->relation);
			return true;
		case T_CreateTrigStmt:
			change_relation(scope, ((const CreateTrigStmt *) node)->relation);
			return true;
		case T_RuleStmt:
			change_relation(scope, ((const RuleStmt *) node)->relation);
			return true;
		case T_CreatePolicyStmt:
			change_relation(scope, ((const CreatePolicyStmt *) node)->table);
			return true;
		case T_AlterPolicyStmt:
			change_relation(scope, ((const AlterPolicyStmt *) node)->table);
			return true;
		case T_AlterSeqStmt:
			change_relation(scope, ((const AlterSeqStmt *) node)->sequence);
			return true;
		case T_CreateStatsStmt:
			create_statistics(scope, (const CreateStatsStmt *) node);
			return true;
		case T_RefreshMatViewStmt:
		case T_ReindexStmt:
			return true;
		default:
			return false;
	}
}

static bool
check_create(const GuardScope *scope, const Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateStmt:
			create_table(scope, (const CreateStmt *) node);
			return true;
		case T_CreateForeignTableStmt:
			create_table(scope, &((const CreateForeignTableStmt *) node)->base);
			return true;
		case T_CreateTableAsStmt:
			create_relation(scope, ((const CreateTableAsStmt *) node)->into->rel,
							((const CreateTableAsStmt *) node)->if_not_exists);
			return true;
		case T_ViewStmt:
			create_relation(scope, ((const ViewStmt *) node)->view, false);
			return true;
		case T_CreateSeqStmt:
			create_relation(scope, ((const CreateSeqStmt *) node)->sequence,
							((const CreateSeqStmt *) node)->if_not_exists);
			return true;
		case T_CompositeTypeStmt:
			create_relation(scope, ((const CompositeTypeStmt *) node)->typevar, false);
			return true;
		case T_CreateSchemaStmt:
			create_schema(scope, (const CreateSchemaStmt *) node);
			return true;
		case T_CreateFunctionStmt:
			create_named(scope, ((const CreateFunctionStmt *) node)->funcname);
			return true;
		case T_DefineStmt:
			create_named(scope, ((const DefineStmt *) node)->defnames);
			return true;
		case T_CreateEnumStmt:
			create_named(scope, ((const CreateEnumStmt *) node)->typeName);
			return true;
		case T_CreateRangeStmt:
			create_named(scope, ((const CreateRangeStmt *) node)->typeName);
			return true;
		case T_CreateDomainStmt:
			create_named(scope, ((const CreateDomainStmt *) node)->domainname);
			return true;
		case T_CreateConversionStmt:
			create_named(scope, ((const CreateConversionStmt *) node)->conversion_name);
			return true;
		case T_CreateOpClassStmt:
			create_operator_class(scope, (const CreateOpClassStmt *) node);
			return true;
		case T_CreateOpFamilyStmt:
			create_named(scope, ((const CreateOpFamilyStmt *) node)->opfamilyname);
			return true;
		case T_ImportForeignSchemaStmt:
			create_in(scope, ((const ImportForeignSchemaStmt *) node)->local_schema);
			return true;
		default:
			return false;
	}
}

/* ALTER of what is not a relation. */
static bool
check_alter(const GuardScope *scope, const Node *node)
{
	switch (nodeTag(node))
	{
		case T_AlterDomainStmt:
			change_named(scope, OBJECT_DOMAIN, (Node *) ((const AlterDomainStmt *) node)->typeName);
			return true;
		case T_AlterEnumStmt:
			change_named(scope, OBJECT_TYPE, (Node *) ((const AlterEnumStmt *) node)->typeName);
			return true;
		case T_AlterTypeStmt:
			change_named(scope, OBJECT_TYPE, (Node *) ((const AlterTypeStmt *) node)->typeName);
			return true;
		case T_AlterFunctionStmt:
			change_named(scope, ((const AlterFunctionStmt *) node)->objtype,
						 (Node *) ((const AlterFunctionStmt *) node)->func);
			return true;
		case T_AlterOperatorStmt:
			change_named(scope, OBJECT_OPERATOR,
						 (Node *) ((const AlterOperatorStmt *) node)->opername);
			return true;
		case T_AlterOpFamilyStmt:
			change_family(scope, ((const AlterOpFamilyStmt *) node)->amname,
						  ((const AlterOpFamilyStmt *) node)->opfamilyname);
			return true;
		case T_AlterCollationStmt:
			change_named(scope, OBJECT_COLLATION,
						 (Node *) ((const AlterCollationStmt *) node)->collname);
			return true;
		case T_AlterTSDictionaryStmt:
			change_named(scope, OBJECT_TSDICTIONARY,
						 (Node *) ((const AlterTSDictionaryStmt *) node)->dictname);
			return true;
		case T_AlterTSConfigurationStmt:
			change_named(scope, OBJECT_TSCONFIGURATION,
						 (Node *) ((const AlterTSConfigurationStmt *) node)->cfgname);
			return true;
		case T_AlterStatsStmt:
			change_named(scope, OBJECT_STATISTIC_EXT,
						 (Node *) ((const AlterStatsStmt *) node)->defnames);
			return true;
		default:
			return false;
	}
}

/* Statements about objects of any kind. */
static bool
check_any(const GuardScope *scope, const Node *node)
{
	switch (nodeTag(node))
	{
		case T_DropStmt:
			drop(scope, (const DropStmt *) node);
			return true;
		case T_RenameStmt:
			rename_object(scope, (const RenameStmt *) node);
			return true;
		case T_AlterObjectSchemaStmt:
			set_schema(scope, (const AlterObjectSchemaStmt *) node);
			return true;
		case T_AlterOwnerStmt:
			change_either(scope, ((const AlterOwnerStmt *) node)->objectType,
						  ((const AlterOwnerStmt *) node)->relation,
						  ((const AlterOwnerStmt *) node)->object);
			return true;
		case T_AlterObjectDependsStmt:
			change_either(scope, ((const AlterObjectDependsStmt *) node)->objectType,
						  ((const AlterObjectDependsStmt *) node)->relation,
						  ((const AlterObjectDependsStmt *) node)->object);
			return true;
		case T_CommentStmt:
			change_named(scope, ((const CommentStmt *) node)->objtype,
						 ((const CommentStmt *) node)->object);
			return true;
		case T_SecLabelStmt:
			change_named(scope, ((const SecLabelStmt *) node)->objtype,
						 ((const SecLabelStmt *) node)->object);
			return true;
		case T_GrantStmt:
			grant(scope, (const GrantStmt *) node);
			return true;
		case T_AlterDefaultPrivilegesStmt:
			default_privileges(scope, (const AlterDefaultPrivilegesStmt *) node);
			return true;
		case T_DropOwnedStmt:
			guard_verdict_whole(scope, "drop and revoke what roles have in all schemas");
		case T_AlterTableMoveAllStmt:
			guard_verdict_whole(scope, "move relations of all schemas");
		default:
			return false;
	}
}

/* What belongs to no schema. */
static bool
check_whole(const GuardScope *scope, const Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateExtensionStmt:
			create_extension(scope, (const CreateExtensionStmt *) node);
			return true;
		case T_AlterExtensionStmt:
			change_named(scope, OBJECT_EXTENSION,
						 (Node *) makeString(((const AlterExtensionStmt *) node)->extname));
			return true;
		case T_AlterExtensionContentsStmt:
			change_named(scope, OBJECT_EXTENSION,
						 (Node *) makeString(((const AlterExtensionContentsStmt *) node)->extname));
			return true;
		case T_CreatePublicationStmt:
			create_publication(scope, (const CreatePublicationStmt *) node);
			return true;
		case T_AlterPublicationStmt:
			change_named(scope, OBJECT_PUBLICATION,
						 (Node *) makeString(((const AlterPublicationStmt *) node)->pubname));
			return true;
		case T_CreateCastStmt:
			change_of_types(scope,
							list_make2(((const CreateCastStmt *) node)->sourcetype,
									   ((const CreateCastStmt *) node)->targettype),
							"cast");
			return true;
		case T_CreateTransformStmt:
			change_of_types(scope, list_make1(((const CreateTransformStmt *) node)->type_name),
							"transform");
			return true;
		case T_CreateForeignServerStmt:
			create_server(scope, (const CreateForeignServerStmt *) node);
			return true;
		case T_AlterForeignServerStmt:
			change_whole(scope, "change server",
						 ((const AlterForeignServerStmt *) node)->servername);
			return true;
		case T_CreateFdwStmt:
			change_whole(scope, "create foreign-data wrapper",
						 ((const CreateFdwStmt *) node)->fdwname);
			return true;
		case T_AlterFdwStmt:
			change_whole(scope, "change foreign-data wrapper",
						 ((const AlterFdwStmt *) node)->fdwname);
			return true;
		case T_CreateUserMappingStmt:
			change_whole(scope, "create a user mapping of server",
						 ((const CreateUserMappingStmt *) node)->servername);
			return true;
		case T_AlterUserMappingStmt:
			change_whole(scope, "change a user mapping of server",
						 ((const AlterUserMappingStmt *) node)->servername);
			return true;
		case T_DropUserMappingStmt:
			change_whole(scope, "drop a user mapping of server",
						 ((const DropUserMappingStmt *) node)->servername);
			return true;
		case T_CreateAmStmt:
			change_whole(scope, "create access method", ((const CreateAmStmt *) node)->amname);
			return true;
		case T_CreatePLangStmt:
			change_whole(scope, "create language", ((const CreatePLangStmt *) node)->plname);
			return true;
		case T_CreateSubscriptionStmt:
			change_whole(scope, "create subscription",
						 ((const CreateSubscriptionStmt *) node)->subname);
			return true;
		case T_AlterSubscriptionStmt:
			change_whole(scope, "change subscription",
						 ((const AlterSubscriptionStmt *) node)->subname);
			return true;
		case T_DropSubscriptionStmt:
			change_whole(scope, "drop subscription", ((const DropSubscriptionStmt *) node)->subname);
			return true;
		default:
			return false;
	}
}

void
guard_statement_check(const GuardScope *scope, const struct Node *statement)
{
	if (!check_relation(scope, statement) && !check_create(scope, statement) &&
		!check_alter(scope, statement) && !check_any(scope, statement) &&
		!check_whole(scope, statement))
		guard_verdict_unknown(scope);
}
