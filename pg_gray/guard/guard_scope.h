/*
 * guard_scope.h: tells whether a session upgrades a gray release, and which schemas it may change
 */
#ifndef PG_GRAY_GUARD_GUARD_SCOPE_H
#define PG_GRAY_GUARD_GUARD_SCOPE_H

#include <stdbool.h>

struct List;

typedef struct GuardScope
{
	const char	*command; /* as in the message: "ALTER TABLE" */
	const char	*named;	  /* the first gray schema in search_path */
	struct List *gray;	  /* the gray schemas of all releases (char *), also missing ones */
} GuardScope;

/*
 * Load the scope in the current memory context.  Returns false, and reads no more than needed,
 * when search_path names no gray schema.
 */
extern bool guard_scope_load(GuardScope *scope, const char *command);

/*
 * True for a schema that the session may change: a gray schema, a temporary one, and pg_gray's own
 * schema, which is nobody's production.
 */
extern bool guard_scope_has(const GuardScope *scope, unsigned int schema);

/* The same by name. */
extern bool guard_scope_has_name(const GuardScope *scope, const char *schema);

/*
 * Return a table (an Oid) of pg_gray's own schema; 0: it is not there, as while the extension is made
 * or dropped.
 */
extern unsigned int guard_scope_table(const char *name);

#endif /* PG_GRAY_GUARD_GUARD_SCOPE_H */
