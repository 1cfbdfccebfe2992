/*
 * clone_question.h: the questions that the caller must answer before a tree can be cloned
 */
#ifndef PG_GRAY_CLONE_CLONE_QUESTION_H
#define PG_GRAY_CLONE_CLONE_QUESTION_H

#include "clone/tree.h"

/*
 * The possible answers for a table, written as arguments of gray_clone_tree, one a line.  If the
 * table has an owner path, the answers are the other columns that hold a uid.  Null if there are
 * none.
 */
extern char *question_answers(const TreeTable *table);

/* The number of tables that have more than one possible owner path. */
extern int question_count_open(const Tree *tree);

/* Is a question open, or is there a table that can't be cloned? */
extern bool question_is_left(const Tree *tree);

/*
 * Raise one error about all open questions and all tables that can't be cloned.  `call` is a call
 * that answers the questions in some way.
 */
extern void question_raise(const Tree *tree, const char *call);

#endif /* PG_GRAY_CLONE_CLONE_QUESTION_H */
