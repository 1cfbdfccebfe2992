/*
 * diff_column.h: lists how the columns of twins differ
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_COLUMN_H
#define PG_GRAY_STRUCTURE_DIFF_COLUMN_H

#include "release/twin.h"

struct List;

/*
 * Return the differences (Difference) of columns, ordered by table.  They are about presence, type,
 * collation, generation, NOT NULL and name; within a table the differences of names come last.  The
 * caller has called SPI_connect.
 */
extern struct List *diff_column_load(const TwinSet *set);

#endif /* PG_GRAY_STRUCTURE_DIFF_COLUMN_H */
