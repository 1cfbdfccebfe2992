/*
 * owner_nobody.h: whom to lock for rows that lead to a row which belongs to nobody
 *
 * A row by owner path may lead to a row without a uid: a guest's cart.  When that
 * row is given to a user, the rows that lead to it become the user's, too.  So
 * their writers lock it in place of a user: as the row that is referred to from this
 * table by these values.
 */
#ifndef PG_GRAY_OWNER_OWNER_NOBODY_H
#define PG_GRAY_OWNER_OWNER_NOBODY_H

#include <stdint.h>

#include "user/owner_set.h"

struct OwnerStep;

typedef enum FenceEnd
{
	END_CHILD, /* values are of the path columns */
	END_PARENT /* values are of the columns that these refer to */
} FenceEnd;

/* The way from a table to its parent, as one of its ends sees it. */
typedef struct OwnerNobody
{
	int				 position; /* of the table that refers */
	int				 count;
	int16_t			*attnums;	 /* of this end */
	struct FmgrInfo *hashes;	 /* by column; no function where the ends have none in common */
	unsigned int	*collations; /* Oids */
} OwnerNobody;

/* Of a step that is not the last one, in the current memory context. */
extern OwnerNobody owner_nobody_load(const struct OwnerStep *step, FenceEnd end);

/* In place of a user: the row of the parent with these values, as seen from the table. */
extern Owner owner_nobody_owner(const OwnerNobody *way, int release_id, const uintptr_t *values);

#endif /* PG_GRAY_OWNER_OWNER_NOBODY_H */
