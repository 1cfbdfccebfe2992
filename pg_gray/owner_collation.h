/*
 * owner_collation.h: columns that lead to the owner, and take different texts for equal
 *
 * By a nondeterministic collation 'Anna' and 'anna' may be equal.  But a user is known, locked and
 * remembered by the bytes of the uid, and so are rows on the way there: to a query they would be
 * one, and to the fence two.
 */
#ifndef OWNER_COLLATION_H
#define OWNER_COLLATION_H

#include "finding.h"
#include "twin.h"

struct OwnerPath;

/* Raise feature_not_supported for such a column of a production table's owner path. */
extern void owner_collation_refuse(const struct OwnerPath *path);

/* Add an error for each such column, on either side, that leads from the twin to the owner. */
extern void owner_collation_check(const Twin *twin, Findings *findings);

#endif /* OWNER_COLLATION_H */
