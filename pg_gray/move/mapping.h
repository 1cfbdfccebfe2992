/*
 * mapping.h: which columns gray_map may map, and by what
 */
#ifndef PG_GRAY_MOVE_MAPPING_H
#define PG_GRAY_MOVE_MAPPING_H

#include "release/twin_mapping.h"

/*
 * Why no expression may give a column its value, as in "it is generated"; null: it may.
 */
extern const char *mapping_obstacle(const TwinSet *set, const Twin *twin, Side side, int attnum);

/*
 * Raise what is wrong with an expression, as the tables stand now; see expression.h.
 * It is read as the owner of the tables, as in a move.
 */
extern void mapping_check(const TwinSet *set, const Twin *twin, const Mapping *mapping);

/*
 * Make each expression of a set one over row p or g, to be used in statements under
 * the pinned search_path.  The set is of no use to the registry any more.  Raises as
 * mapping_check does.
 */
extern void mapping_qualify_all(TwinSet *set);

#endif /* PG_GRAY_MOVE_MAPPING_H */
