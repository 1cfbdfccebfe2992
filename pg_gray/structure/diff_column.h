/*
 * diff_column.h: how the columns of twins differ
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_COLUMN_H
#define PG_GRAY_STRUCTURE_DIFF_COLUMN_H

#include "release/twin.h"

struct List;
struct Release;

/*
 * Differences (diff.h) of columns, ordered by table: type, collation, NOT NULL,
 * generation, presence and last the name.  The caller has called SPI_connect.
 */
extern struct List *diff_column_load(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_STRUCTURE_DIFF_COLUMN_H */
