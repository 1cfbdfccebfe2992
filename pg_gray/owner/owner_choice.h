/*
 * owner_choice.h: chooses the owner path of a table that is to be cloned
 */
#ifndef PG_GRAY_OWNER_OWNER_CHOICE_H
#define PG_GRAY_OWNER_OWNER_CHOICE_H

#include "owner/owner_outside.h"
#include "owner/owner_path.h"

struct List;

/*
 * Return the owner path that a column stands for: its foreign key to a known table or, without such
 * a foreign key, the column itself as uid column.  Raises for an unknown column, for more than one
 * such foreign key, when the uid column's type does not fit, and when a foreign key leads to an
 * unknown table (owner_outside.h).
 */
extern OwnerPath *owner_choice_by_column(unsigned int table, const char *column,
										 const struct List *known, const OwnerRule *rule);

/* Return the path by which a column holds the uid itself; raise when its type does not fit. */
extern OwnerPath *owner_choice_uid_column(unsigned int table, int16_t attnum, const OwnerRule *rule);

/* Return the only possible owner path of a table; raise when there is none, or more than one. */
extern OwnerPath *owner_choice_only(unsigned int table, const struct List *known,
									const char *release);

#endif /* PG_GRAY_OWNER_OWNER_CHOICE_H */
