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
 * operators that CREATE OPERATOR names as its commutator or negator.
 */
#include "postgres.h"

#include "nodes/parsenodes.h"
#include "nodes/value.h"

#include "guard/guard_change.h"
#include "guard/guard_create.h"
#include "guard/guard_statement.h"
#include "guard/guard_verdict.h"

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
			guard_change_table(scope, (const AlterTableStmt *) node);
			return true;
		case T_IndexStmt:
			guard_change_with_children(scope, ((const IndexStmt *) node)->relation);
			return true;
		case T_CreateTrigStmt:
			guard_change_with_children(scope, ((const CreateTrigStmt *) node)->relation);
			return true;
		case T_RuleStmt:
			guard_change_relation(scope, ((const RuleStmt *) node)->relation);
			return true;
		case T_CreatePolicyStmt:
			guard_change_relation(scope, ((const CreatePolicyStmt *) node)->table);
			return true;
		case T_AlterPolicyStmt:
			guard_change_relation(scope, ((const AlterPolicyStmt *) node)->table);
			return true;
		case T_AlterSeqStmt:
			guard_change_relation(scope, ((const AlterSeqStmt *) node)->sequence);
			return true;
		case T_CreateStatsStmt:
			guard_create_statistics(scope, (const CreateStatsStmt *) node);
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
			guard_create_table(scope, (const CreateStmt *) node);
			return true;
		case T_CreateForeignTableStmt:
			guard_create_table(scope, &((const CreateForeignTableStmt *) node)->base);
			return true;
		case T_CreateTableAsStmt:
			guard_create_relation(scope, ((const CreateTableAsStmt *) node)->into->rel,
								  ((const CreateTableAsStmt *) node)->if_not_exists);
			return true;
		case T_ViewStmt:
			guard_create_relation(scope, ((const ViewStmt *) node)->view, false);
			return true;
		case T_CreateSeqStmt:
			guard_create_relation(scope, ((const CreateSeqStmt *) node)->sequence,
								  ((const CreateSeqStmt *) node)->if_not_exists);
			return true;
		case T_CompositeTypeStmt:
			guard_create_relation(scope, ((const CompositeTypeStmt *) node)->typevar, false);
			return true;
		case T_CreateSchemaStmt:
			guard_create_schema(scope, (const CreateSchemaStmt *) node);
			return true;
		case T_CreateFunctionStmt:
			guard_create_named(scope, ((const CreateFunctionStmt *) node)->funcname);
			return true;
		case T_DefineStmt:
			guard_create_named(scope, ((const DefineStmt *) node)->defnames);
			return true;
		case T_CreateEnumStmt:
			guard_create_named(scope, ((const CreateEnumStmt *) node)->typeName);
			return true;
		case T_CreateRangeStmt:
			guard_create_named(scope, ((const CreateRangeStmt *) node)->typeName);
			return true;
		case T_CreateDomainStmt:
			guard_create_named(scope, ((const CreateDomainStmt *) node)->domainname);
			return true;
		case T_CreateConversionStmt:
			guard_create_named(scope, ((const CreateConversionStmt *) node)->conversion_name);
			return true;
		case T_CreateOpClassStmt:
			guard_create_operator_class(scope, (const CreateOpClassStmt *) node);
			return true;
		case T_CreateOpFamilyStmt:
			guard_create_named(scope, ((const CreateOpFamilyStmt *) node)->opfamilyname);
			return true;
		case T_ImportForeignSchemaStmt:
			guard_create_in(scope, ((const ImportForeignSchemaStmt *) node)->local_schema);
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
			guard_change_named(scope, OBJECT_DOMAIN,
							   (Node *) ((const AlterDomainStmt *) node)->typeName);
			return true;
		case T_AlterEnumStmt:
			guard_change_named(scope, OBJECT_TYPE,
							   (Node *) ((const AlterEnumStmt *) node)->typeName);
			return true;
		case T_AlterTypeStmt:
			guard_change_named(scope, OBJECT_TYPE,
							   (Node *) ((const AlterTypeStmt *) node)->typeName);
			return true;
		case T_AlterFunctionStmt:
			guard_change_named(scope, ((const AlterFunctionStmt *) node)->objtype,
							   (Node *) ((const AlterFunctionStmt *) node)->func);
			return true;
		case T_AlterOperatorStmt:
			guard_change_named(scope, OBJECT_OPERATOR,
							   (Node *) ((const AlterOperatorStmt *) node)->opername);
			return true;
		case T_AlterOpFamilyStmt:
			guard_change_family(scope, ((const AlterOpFamilyStmt *) node)->amname,
								((const AlterOpFamilyStmt *) node)->opfamilyname);
			return true;
		case T_AlterCollationStmt:
			guard_change_named(scope, OBJECT_COLLATION,
							   (Node *) ((const AlterCollationStmt *) node)->collname);
			return true;
		case T_AlterTSDictionaryStmt:
			guard_change_named(scope, OBJECT_TSDICTIONARY,
							   (Node *) ((const AlterTSDictionaryStmt *) node)->dictname);
			return true;
		case T_AlterTSConfigurationStmt:
			guard_change_named(scope, OBJECT_TSCONFIGURATION,
							   (Node *) ((const AlterTSConfigurationStmt *) node)->cfgname);
			return true;
		case T_AlterStatsStmt:
			guard_change_named(scope, OBJECT_STATISTIC_EXT,
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
			guard_change_drop(scope, (const DropStmt *) node);
			return true;
		case T_RenameStmt:
			guard_change_name(scope, (const RenameStmt *) node);
			return true;
		case T_AlterObjectSchemaStmt:
			guard_create_elsewhere(scope, (const AlterObjectSchemaStmt *) node);
			return true;
		case T_AlterOwnerStmt:
			guard_change_either(scope, ((const AlterOwnerStmt *) node)->objectType,
								((const AlterOwnerStmt *) node)->relation,
								((const AlterOwnerStmt *) node)->object);
			return true;
		case T_AlterObjectDependsStmt:
			guard_change_either(scope, ((const AlterObjectDependsStmt *) node)->objectType,
								((const AlterObjectDependsStmt *) node)->relation,
								((const AlterObjectDependsStmt *) node)->object);
			return true;
		case T_CommentStmt:
			guard_change_named(scope, ((const CommentStmt *) node)->objtype,
							   ((const CommentStmt *) node)->object);
			return true;
		case T_SecLabelStmt:
			guard_change_named(scope, ((const SecLabelStmt *) node)->objtype,
							   ((const SecLabelStmt *) node)->object);
			return true;
		case T_GrantStmt:
			guard_change_rights(scope, (const GrantStmt *) node);
			return true;
		case T_AlterDefaultPrivilegesStmt:
			guard_change_default_rights(scope, (const AlterDefaultPrivilegesStmt *) node);
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
			guard_create_extension(scope, (const CreateExtensionStmt *) node);
			return true;
		case T_AlterExtensionStmt:
			guard_change_named(scope, OBJECT_EXTENSION,
							   (Node *) makeString(((const AlterExtensionStmt *) node)->extname));
			return true;
		case T_AlterExtensionContentsStmt:
			guard_change_named(scope, OBJECT_EXTENSION,
							   (Node *) makeString(
								   ((const AlterExtensionContentsStmt *) node)->extname));
			return true;
		case T_CreatePublicationStmt:
			guard_create_publication(scope, (const CreatePublicationStmt *) node);
			return true;
		case T_AlterPublicationStmt:
			guard_change_named(scope, OBJECT_PUBLICATION,
							   (Node *) makeString(((const AlterPublicationStmt *) node)->pubname));
			return true;
		case T_CreateCastStmt:
			guard_change_of_types(scope,
								  list_make2(((const CreateCastStmt *) node)->sourcetype,
											 ((const CreateCastStmt *) node)->targettype),
								  "cast");
			return true;
		case T_CreateTransformStmt:
			guard_change_of_types(scope,
								  list_make1(((const CreateTransformStmt *) node)->type_name),
								  "transform");
			return true;
		case T_CreateForeignServerStmt:
			guard_create_server(scope, (const CreateForeignServerStmt *) node);
			return true;
		case T_AlterForeignServerStmt:
			guard_change_whole(scope, "change server",
							   ((const AlterForeignServerStmt *) node)->servername);
			return true;
		case T_CreateFdwStmt:
			guard_change_whole(scope, "create foreign-data wrapper",
							   ((const CreateFdwStmt *) node)->fdwname);
			return true;
		case T_AlterFdwStmt:
			guard_change_whole(scope, "change foreign-data wrapper",
							   ((const AlterFdwStmt *) node)->fdwname);
			return true;
		case T_CreateUserMappingStmt:
			guard_change_whole(scope, "create a user mapping of server",
							   ((const CreateUserMappingStmt *) node)->servername);
			return true;
		case T_AlterUserMappingStmt:
			guard_change_whole(scope, "change a user mapping of server",
							   ((const AlterUserMappingStmt *) node)->servername);
			return true;
		case T_DropUserMappingStmt:
			guard_change_whole(scope, "drop a user mapping of server",
							   ((const DropUserMappingStmt *) node)->servername);
			return true;
		case T_CreateAmStmt:
			guard_change_whole(scope, "create access method", ((const CreateAmStmt *) node)->amname);
			return true;
		case T_CreatePLangStmt:
			guard_change_whole(scope, "create language", ((const CreatePLangStmt *) node)->plname);
			return true;
		case T_CreateSubscriptionStmt:
			guard_change_whole(scope, "create subscription",
							   ((const CreateSubscriptionStmt *) node)->subname);
			return true;
		case T_AlterSubscriptionStmt:
			guard_change_whole(scope, "change subscription",
							   ((const AlterSubscriptionStmt *) node)->subname);
			return true;
		case T_DropSubscriptionStmt:
			guard_change_whole(scope, "drop subscription",
							   ((const DropSubscriptionStmt *) node)->subname);
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
