/*
 * owner_nobody.h: makes the lock for rows that lead to a row without an owner
 *
 * An owner path may lead to a row without a uid, such as a guest's cart.  When that row is given
 * to a user, the rows that lead to it become the user's, too.  So the writers of these rows lock
 * that row in place of a user.  The lock stands for the referring table and the values by which it
 * refers to the row.
 */
#ifndef PG_GRAY_OWNER_OWNER_NOBODY_H
#define PG_GRAY_OWNER_OWNER_NOBODY_H

#include <stdint.h>

#include "user/owner_set.h"

struct OwnerStep;

typedef enum FenceEnd
{
	END_CHILD, /* values are those of the path columns */
	END_PARENT /* values are those of the columns to which the path columns refer */
} FenceEnd;

/* The foreign key from a table to its parent on the owner path, as seen from one end. */
typedef struct OwnerNobody
{
	int		 position; /* position of the referring table */
	int		 count;
	int16_t *attnums; /* columns of this end */
	/* by column; no function where the two ends have no hash in common */
	struct FmgrInfo *hashes;
	unsigned int	*collations; /* Oids */
} OwnerNobody;

/* Load the step, which is not the last one, in the current memory context. */
extern OwnerNobody owner_nobody_load(const struct OwnerStep *step, FenceEnd end);

/*
 * Return the owner that stands for the parent's row with these values, as referred to from the
 * table.
 */
extern Owner owner_nobody_owner(const OwnerNobody *way, int release_id, const uintptr_t *values);

#endif /* PG_GRAY_OWNER_OWNER_NOBODY_H */
