/*
 * nested_move.h: nothing that a move calls may move users or change a release
 */
#ifndef PG_GRAY_RELEASE_NESTED_MOVE_H
#define PG_GRAY_RELEASE_NESTED_MOVE_H

/* Raise object_in_use within a move of this session. */
extern void nested_move_refuse(void);

/* Around a move; nested_move_end after its errors, too. */
extern void nested_move_begin(void);
extern void nested_move_end(void);

#endif /* PG_GRAY_RELEASE_NESTED_MOVE_H */
