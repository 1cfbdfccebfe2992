/*
 * nested.h: nothing that a move calls may move users or change a release
 */
#ifndef NESTED_H
#define NESTED_H

/* Raise object_in_use within a move of this session. */
extern void nested_refuse(void);

/* Around a move; nested_end after its errors, too. */
extern void nested_begin(void);
extern void nested_end(void);

#endif /* NESTED_H */
