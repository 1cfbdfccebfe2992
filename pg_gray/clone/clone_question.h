/*
 * clone_question.h: what people must answer before a tree can be cloned
 */
#ifndef PG_GRAY_CLONE_CLONE_QUESTION_H
#define PG_GRAY_CLONE_CLONE_QUESTION_H

#include "clone/tree.h"

/*
 * The answers that there are for a table, as arguments, one a line; of one whose owner is
 * clear, other columns that hold a uid.  Null: there are none.
 */
extern char *question_answers(const TreeTable *table);

/* How many tables have more than one possible owner path. */
extern int question_count_open(const Tree *tree);

/* Whether there are any, or tables that can't be cloned. */
extern bool question_is_left(const Tree *tree);

/* Raise for all of them at once; `call` is a call that answers them in some way. */
extern void question_raise(const Tree *tree, const char *call);

#endif /* PG_GRAY_CLONE_CLONE_QUESTION_H */
