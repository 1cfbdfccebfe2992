/*
 * guard_verdict.h: refuses what is out of a session's scope, in words that say how to go on
 *
 * All of these functions raise insufficient_privilege, or return.
 */
#ifndef PG_GRAY_GUARD_GUARD_VERDICT_H
#define PG_GRAY_GUARD_GUARD_VERDICT_H

#include "guard/guard_scope.h"

struct ObjectAddress;

/* An object that the statement changes; one that does not exist is left to PostgreSQL. */
extern void guard_verdict_change(const GuardScope *scope, const struct ObjectAddress *object);

/* An object that the statement creates in a schema (an Oid); 0: PostgreSQL says that it is missing. */
extern void guard_verdict_create(const GuardScope *scope, unsigned int schema, const char *name);

/* What belongs to the whole database: never in scope.  `what` is what the statement would do. */
extern void guard_verdict_whole(const GuardScope *scope, const char *what) pg_attribute_noreturn();

/* An object that the statement has reached by CASCADE. */
extern void guard_verdict_reached(const GuardScope *scope, const char *what);

/* A statement of a kind that is not known. */
extern void guard_verdict_unknown(const GuardScope *scope) pg_attribute_noreturn();

#endif /* PG_GRAY_GUARD_GUARD_VERDICT_H */
