/*
 * view_code.h: what the queries of views, rules and policies call
 *
 * They are printed under one search_path and read under another.  PostgreSQL prints no operator of a
 * join by USING, and so the first that suits the types is taken: one of whoever may create
 * in a schema of the path.
 */
#ifndef PG_GRAY_CLONE_VIEW_CODE_H
#define PG_GRAY_CLONE_VIEW_CODE_H

struct List;

/* The functions (Oid) called by views, rules and policies of these relations (Oid), also by operators. */
extern struct List *view_code_list(const struct List *relations);

/*
 * Raise insufficient_privilege when those of a gray relation call a function that is not among `known`, and
 * of a role that can't act as the relation's owner; functions in the gray schema may be anybody's who may
 * create there.  Both want the caller to have called SPI_connect.
 */
extern void view_code_refuse(const struct List *relations, const struct List *known);

#endif /* PG_GRAY_CLONE_VIEW_CODE_H */
