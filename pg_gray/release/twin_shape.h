/*
 * twin_shape.h: what a stay in gray remembers of a pair of tables, to see later what was altered
 */
#ifndef PG_GRAY_RELEASE_TWIN_SHAPE_H
#define PG_GRAY_RELEASE_TWIN_SHAPE_H

#include "release/twin.h"

/*
 * Load it, in the current memory context; columns and mappings of the twin are loaded, and
 * the latter still as they are registered.
 */
extern void twin_shape_load(Twin *twin);

/* Which columns are pairs, of which types and by which mappings, and how many each side has. */
extern uint64_t twin_shape_columns(const Twin *twin);

/* Are the pairs the same, whatever other columns there are? */
extern bool twin_shape_same_pairs(uint64_t left, uint64_t right);

/* What two of them have in common: columns that both had, and pairs that are like no others if they differ. */
extern uint64_t twin_shape_common(uint64_t left, uint64_t right);

/* Had the side this column, by its number, when its shape was that? */
extern bool twin_shape_had(uint64_t columns, Side side, int attnum);

/* In which files the rows of both sides are, and those of one. */
extern uint64_t twin_shape_storage(const Twin *twin);
extern uint32_t twin_shape_storage_of(uint64_t storage, Side side);

#endif /* PG_GRAY_RELEASE_TWIN_SHAPE_H */
