/*
 * mapping.h: decides which columns gray_map may map, and checks the expressions
 */
#ifndef PG_GRAY_MOVE_MAPPING_H
#define PG_GRAY_MOVE_MAPPING_H

#include "release/twin_mapping.h"

/*
 * Return the reason why no expression may compute a column, such as "it is generated"; null when
 * an expression may.
 */
extern const char *mapping_obstacle(const TwinSet *set, const Twin *twin, Side side, int attnum);

/*
 * Raise an error when an expression is wrong for the tables as they are now; see expression.h.
 * The expression is read as the owner of the tables, as in a move.
 */
extern void mapping_check(const TwinSet *set, const Twin *twin, const Mapping *mapping);

/*
 * Rewrite each expression of a set as an expression over row p or g, for statements under the
 * pinned search_path.  Afterwards the set must not be used for the registry.  Raises as
 * mapping_check does.
 */
extern void mapping_qualify_all(TwinSet *set);

#endif /* PG_GRAY_MOVE_MAPPING_H */
