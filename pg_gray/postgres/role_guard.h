/*
 * role_guard.h: statements that touch only what belongs to the role that they are run as
 *
 * To plan a query is to call functions of whoever owns its tables: PostgreSQL folds constants in
 * the expressions of indexes and partition keys.  To read a view is to run its owner's code, and a
 * name may lead to another table than it did before.
 */
#ifndef PG_GRAY_POSTGRES_ROLE_GUARD_H
#define PG_GRAY_POSTGRES_ROLE_GUARD_H

/*
 * A cursor option, of a bit that PostgreSQL has no use for: whenever the statement is planned, each
 * relation in it, and each partition of it, has to be a table of the current role, or one of
 * schema pg_catalog or gray.  Raises insufficient_privilege otherwise.
 */
#define ROLE_GUARD 0x20000000

/*
 * The same, but partitions may be anybody's: for what must not stop an application.  PostgreSQL's
 * own foreign key checks trust them as much, as the owner of the table that they are part of.
 */
#define ROLE_GUARD_ROOT 0x10000000

/*
 * The table (Oid) to which a foreign key is given now, and which has no rows, nor have its
 * partitions; 0: none.  PostgreSQL would ask for rows that violate the key by one query of both
 * tables: that is not planned.
 */
extern void role_guard_set_empty(unsigned int table);

/* Called once, from _PG_init, after rule_init: rules are heeded before anything else is done. */
extern void role_guard_init(void);

#endif /* PG_GRAY_POSTGRES_ROLE_GUARD_H */
