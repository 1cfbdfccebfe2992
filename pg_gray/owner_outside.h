/*
 * owner_outside.h: columns that refer to a table which is not of the release
 */
#ifndef OWNER_OUTSIDE_H
#define OWNER_OUTSIDE_H

#include "owner_path.h"

/*
 * A column whose foreign key leads to an unknown table may hold that table's numbers, and
 * no uid.  Raise then, with the calls that clone what it leads through first, unless the
 * rule says that it holds the uid, or a uid column of a known table refers to the same.
 * The caller has called SPI_connect, as below.
 */
extern void owner_outside_refuse(unsigned int table, int16_t attnum, const struct List *known,
								 const OwnerRule *rule);

/*
 * The calls that clone a table after what leads from it to a known one, a line each; null:
 * nothing leads there.
 */
extern char *owner_outside_calls(unsigned int table, const struct List *known, const char *release);

/* Whether it would raise, if nothing was said. */
extern bool owner_outside_refers(unsigned int table, int16_t attnum, const struct List *known);

#endif /* OWNER_OUTSIDE_H */
