/*
 * nested_move.h: keeps the functions that a move calls from moving users or changing a release
 */
#ifndef PG_GRAY_RELEASE_NESTED_MOVE_H
#define PG_GRAY_RELEASE_NESTED_MOVE_H

/* Raise object_in_use when this session is in a move. */
extern void nested_move_refuse(void);

/* To be called around a move; nested_move_end also after an error of the move. */
extern void nested_move_begin(void);
extern void nested_move_end(void);

#endif /* PG_GRAY_RELEASE_NESTED_MOVE_H */
