/*
 * owner_outside.h: columns that refer to a table which is not of the release
 *
 * Also columns that lead to the owner and take different texts for equal: by a nondeterministic collation 'Anna' and 'anna' may be equal.  But a user is known, locked and
 * remembered by the bytes of the uid, and so are rows on the way there: to a query they would be
 * one, and to the fence two.
 */
#ifndef PG_GRAY_OWNER_OWNER_OUTSIDE_H
#define PG_GRAY_OWNER_OWNER_OUTSIDE_H

#include "owner/owner_path.h"

/* What is known when a column is named. */
typedef struct OwnerRule
{
	const char	*release;
	unsigned int uid_type;	/* Oid; 0: any supported one */
	bool		 in_tree;	/* it is a choice of gray_clone_tree */
	bool		 holds_uid; /* said of the column, whatever its foreign keys lead to */
} OwnerRule;

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

/* Raise feature_not_supported for such a column of a production table's owner path. */
extern void owner_collation_refuse(const struct OwnerPath *path);

#endif /* PG_GRAY_OWNER_OWNER_OUTSIDE_H */
