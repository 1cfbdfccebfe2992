/*
 * guard_drop.h: judges a statement by the objects that it has dropped
 */
#ifndef PG_GRAY_GUARD_GUARD_DROP_H
#define PG_GRAY_GUARD_GUARD_DROP_H

struct Node;

/*
 * Raise insufficient_privilege for what CASCADE has dropped out of the session's scope, and
 * object_in_use for parts of gray tables that users need.  To be called by an event trigger on
 * sql_drop.
 */
extern void guard_drop_check(const struct Node *statement, const char *command);

#endif /* PG_GRAY_GUARD_GUARD_DROP_H */
