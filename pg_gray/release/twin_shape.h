/*
 * twin_shape.h: records the shape of a pair of tables, so that a later change can be seen
 */
#ifndef PG_GRAY_RELEASE_TWIN_SHAPE_H
#define PG_GRAY_RELEASE_TWIN_SHAPE_H

#include "release/twin.h"

/*
 * Load the shape in the current memory context; the columns and mappings of the twin are loaded,
 * the mappings still as registered.
 */
extern void twin_shape_load(Twin *twin);

/*
 * Return a number for the pairs, their types and mappings, and the number of columns of each side.
 */
extern uint64_t twin_shape_columns(const Twin *twin);

/* True when the pairs are the same, whatever other columns there are. */
extern bool twin_shape_same_pairs(uint64_t left, uint64_t right);

/*
 * Return the common part of two such numbers: columns that both had, and pairs that equal no
 * others if the two differ.
 */
extern uint64_t twin_shape_common(uint64_t left, uint64_t right);

/* True when a side with this shape had the column, by its number. */
extern bool twin_shape_had(uint64_t columns, Side side, int attnum);

/* Return a number for the files of both sides' rows, and the part of one side. */
extern uint64_t twin_shape_storage(const Twin *twin);
extern uint32_t twin_shape_storage_of(uint64_t storage, Side side);

#endif /* PG_GRAY_RELEASE_TWIN_SHAPE_H */
