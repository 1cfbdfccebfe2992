/*
 * guard_change.h: judges what a statement changes, by the names in it
 *
 * All functions of this file and of guard_create.h raise insufficient_privilege for what is out of
 * the scope.  They take no lock on what is named, and leave names of nothing to PostgreSQL.
 */
#ifndef PG_GRAY_GUARD_GUARD_CHANGE_H
#define PG_GRAY_GUARD_GUARD_CHANGE_H

#include "postgres.h"

#include "catalog/objectaddress.h"
#include "nodes/parsenodes.h"

#include "guard/guard_scope.h"

/*
 * Names
 */

extern void guard_change_object(const GuardScope *scope, ObjectAddress object);
extern void guard_change_relation(const GuardScope *scope, const RangeVar *name);

/* The same for changes that go on to the children of a table. */
extern void guard_change_with_children(const GuardScope *scope, const RangeVar *name);

/* Of a list, whose other nodes do not count. */
extern void guard_change_relations(const GuardScope *scope, const List *names);

extern void guard_change_schema(const GuardScope *scope, const char *name);

/* An object of any kind, named as in DROP or COMMENT. */
extern void guard_change_named(const GuardScope *scope, ObjectType kind, Node *name);

/* The relation or, without one, the object. */
extern void guard_change_either(const GuardScope *scope, ObjectType kind, const RangeVar *relation,
								Node *name);

extern void guard_change_family(const GuardScope *scope, char *access_method, const List *name);

/* A cast or transform (`what`): in scope when one of its types (TypeName) is. */
extern void guard_change_of_types(const GuardScope *scope, const List *types, const char *what);

/* True for a type in scope. */
extern bool guard_change_is_ours(const GuardScope *scope, const TypeName *name);

/* What belongs to the whole database: never in scope.  `would` is such as "create server". */
extern void guard_change_whole(const GuardScope *scope, const char *would, const char *name);

/*
 * Statements
 */

extern void guard_change_table(const GuardScope *scope, const AlterTableStmt *statement);
extern void guard_change_drop(const GuardScope *scope, const DropStmt *statement);
extern void guard_change_name(const GuardScope *scope, const RenameStmt *statement);
extern void guard_change_rights(const GuardScope *scope, const GrantStmt *statement);
extern void guard_change_default_rights(const GuardScope				 *scope,
										const AlterDefaultPrivilegesStmt *statement);

#endif /* PG_GRAY_GUARD_GUARD_CHANGE_H */
