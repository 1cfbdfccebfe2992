/*
 * owner_collation.h: columns that lead to the owner, and take different texts for equal
 *
 * By a nondeterministic collation 'Anna' and 'anna' may be equal.  But a user is known, locked and
 * remembered by the bytes of the uid, and so are rows on the way there: to a query they would be
 * one, and to the fence two.
 */
#ifndef OWNER_COLLATION_H
#define OWNER_COLLATION_H

struct OwnerPath;

/* Raise feature_not_supported for such a column of a production table's owner path. */
extern void owner_collation_refuse(const struct OwnerPath *path);

#endif /* OWNER_COLLATION_H */
