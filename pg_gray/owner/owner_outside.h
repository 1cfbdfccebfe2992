/*
 * owner_outside.h: refuses owner columns that refer to a table outside the release, or with an
 * unfit collation
 *
 * A column that leads to the owner must not have a nondeterministic collation either, by which
 * 'Anna' and 'anna' may be equal.  A user is known, locked and remembered by the bytes of the uid,
 * and so are the rows on the owner path: to a query the two texts would be one user, and to the
 * fence two users.
 */
#ifndef PG_GRAY_OWNER_OWNER_OUTSIDE_H
#define PG_GRAY_OWNER_OWNER_OUTSIDE_H

#include "owner/owner_path.h"

/* The circumstances under which a column is named. */
typedef struct OwnerRule
{
	const char	*release;
	unsigned int uid_type; /* Oid; 0: any supported one */
	bool		 in_tree;  /* the column is a choice of gray_clone_tree */
	/* the caller says that the column holds the uid, wherever its foreign keys lead */
	bool holds_uid;
} OwnerRule;

/*
 * A column whose foreign key leads to an unknown table may hold that table's numbers, and no uid.
 * Raise in that case, with the calls that first clone the tables through which the column leads,
 * unless the rule says that the column holds the uid, or a uid column of a known table refers to
 * the same column.  The caller of this and the functions below has called SPI_connect.
 */
extern void owner_outside_refuse(unsigned int table, int16_t attnum, const struct List *known,
								 const OwnerRule *rule);

/*
 * Return the calls that clone a table after the tables between it and a known table, one call a
 * line; null: no foreign key leads there.
 */
extern char *owner_outside_calls(unsigned int table, const struct List *known, const char *release);

/* True when owner_outside_refuse would raise with an empty rule. */
extern bool owner_outside_refers(unsigned int table, int16_t attnum, const struct List *known);

/* Raise feature_not_supported for a column of the owner path with such a collation. */
extern void owner_collation_refuse(const struct OwnerPath *path);

#endif /* PG_GRAY_OWNER_OWNER_OUTSIDE_H */
