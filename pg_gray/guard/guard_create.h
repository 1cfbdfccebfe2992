/*
 * guard_create.h: judges what a statement creates, by the schema that it comes into
 *
 * The functions raise as those of guard_change.h.  They also raise PostgreSQL's own error when there
 * is no schema to create in.
 */
#ifndef PG_GRAY_GUARD_GUARD_CREATE_H
#define PG_GRAY_GUARD_GUARD_CREATE_H

#include "postgres.h"

#include "nodes/parsenodes.h"

#include "guard/guard_scope.h"

extern void guard_create_relation(const GuardScope *scope, const RangeVar *name, bool if_not_exists);
extern void guard_create_named(const GuardScope *scope, List *names);

/* Objects that come into this schema. */
extern void guard_create_in(const GuardScope *scope, const char *schema);

/* ALTER ... SET SCHEMA changes an object, too. */
extern void guard_create_elsewhere(const GuardScope *scope, const AlterObjectSchemaStmt *statement);

extern void guard_create_table(const GuardScope *scope, const CreateStmt *statement);
extern void guard_create_statistics(const GuardScope *scope, const CreateStatsStmt *statement);
extern void guard_create_operator_class(const GuardScope *scope, const CreateOpClassStmt *statement);
extern void guard_create_publication(const GuardScope			 *scope,
									 const CreatePublicationStmt *statement);
extern void guard_create_schema(const GuardScope *scope, const CreateSchemaStmt *statement);

/* These belong to the whole database; one that is there is not created. */
extern void guard_create_extension(const GuardScope *scope, const CreateExtensionStmt *statement);
extern void guard_create_server(const GuardScope *scope, const CreateForeignServerStmt *statement);

#endif /* PG_GRAY_GUARD_GUARD_CREATE_H */
