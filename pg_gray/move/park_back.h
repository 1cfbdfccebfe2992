/*
 * park_back.h: puts parked rows back into own tables, which only version 2 has
 */
#ifndef PG_GRAY_MOVE_PARK_BACK_H
#define PG_GRAY_MOVE_PARK_BACK_H

struct Move;

/*
 * Put the user's parked rows back, and rows of other users in gray that waited for the user's: to be
 * called when the user's rows of the twins are in gray.  Counts the rows in move->own_rows.  Rows
 * that refer to a row that is not there stay parked, or are treated as the foreign key's ON DELETE
 * says when the row is gone for good.  Raises datatype_mismatch for rows that were parked with
 * another type than their column has now.
 */
extern void park_back(struct Move *move);

#endif /* PG_GRAY_MOVE_PARK_BACK_H */
