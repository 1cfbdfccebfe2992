/*
 * role_guard.h: guards statements that may touch only tables of the role as which they run
 *
 * Planning a query calls functions of the owners of its tables: PostgreSQL folds constants in the
 * expressions of indexes and partition keys.  Reading a view runs its owner's code.  And a name
 * may lead to another table than it did before.
 */
#ifndef PG_GRAY_POSTGRES_ROLE_GUARD_H
#define PG_GRAY_POSTGRES_ROLE_GUARD_H

/*
 * A cursor option, in a bit that PostgreSQL does not use.  Whenever the statement is planned, each
 * of its relations, and each of their partitions, must be a table of the current role, or a
 * relation of schema pg_catalog or gray.  Raises insufficient_privilege otherwise.
 */
#define ROLE_GUARD 0x20000000

/*
 * The same, but partitions may belong to any role: for statements that must not stop an
 * application.  PostgreSQL's own foreign key checks trust partitions in the same way, as the owner
 * of the partitioned table.
 */
#define ROLE_GUARD_ROOT 0x10000000

/*
 * Run a statement that gives a foreign key to a table (Oid) which has no rows, in its partitions
 * neither.  PostgreSQL would look for rows that violate the key by one query of both tables; that
 * query is not planned.
 */
extern void role_guard_set_empty(unsigned int table);

/*
 * Called once, from _PG_init, after rule_init: so rules are restored before the planner does
 * anything else.
 */
extern void role_guard_init(void);

#endif /* PG_GRAY_POSTGRES_ROLE_GUARD_H */
