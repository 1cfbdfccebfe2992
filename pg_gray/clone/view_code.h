/*
 * view_code.h: the functions that views, rules and policies call
 *
 * A definition is printed under one search_path and read under another.  PostgreSQL does not print
 * the operator of a join by USING.  So the first operator in the path that suits the types is
 * taken, which may belong to anybody who can create operators in a schema of the path.
 */
#ifndef PG_GRAY_CLONE_VIEW_CODE_H
#define PG_GRAY_CLONE_VIEW_CODE_H

struct List;

/*
 * The functions (Oids) that views, rules and policies of these relations (Oids) call, also by
 * operators.
 */
extern struct List *view_code_list(const struct List *relations);

/*
 * Raise insufficient_privilege if a view, rule or policy of these gray relations calls a function
 * that is not among `known`, and whose owner can't act as the relation's owner.  A function in the
 * gray schema may belong to anybody who may create there.  The caller of either function has called
 * SPI_connect.
 */
extern void view_code_refuse(const struct List *relations, const struct List *known);

#endif /* PG_GRAY_CLONE_VIEW_CODE_H */
