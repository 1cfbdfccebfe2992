/*
 * guard_statement.h: judges a DDL statement by the objects that it names
 */
#ifndef PG_GRAY_GUARD_GUARD_STATEMENT_H
#define PG_GRAY_GUARD_GUARD_STATEMENT_H

#include "guard/guard_scope.h"

struct Node;

/* Raise insufficient_privilege if the statement changes anything that is out of the scope. */
extern void guard_statement_check(const GuardScope *scope, const struct Node *statement);

#endif /* PG_GRAY_GUARD_GUARD_STATEMENT_H */
