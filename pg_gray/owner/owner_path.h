/*
 * owner_path.h: describes how the rows of a production table lead to their uid
 */
#ifndef PG_GRAY_OWNER_OWNER_PATH_H
#define PG_GRAY_OWNER_OWNER_PATH_H

#include <stdint.h>

#include "release/twin.h"

struct List;
struct StringInfoData;

/* As many columns as an index can have. */
#define OWNER_PATH_MAX_COLUMNS 32

typedef struct OwnerPath
{
	unsigned int table;		 /* Oid, of production */
	int16_t		 uid_attnum; /* column that holds the uid; 0: the foreign key below leads to it */

	/* a foreign key to another production table; count 0: there is none */
	unsigned int parent;
	int			 count;
	int16_t		 attnums[OWNER_PATH_MAX_COLUMNS];
	int16_t		 parent_attnums[OWNER_PATH_MAX_COLUMNS];

	bool of_partitions; /* the foreign key belongs to the partitions, and not to the table */
} OwnerPath;

/* Each list of owner paths `known` has the paths of the tables to which others may lead. */

/* Return the owner paths of the tables of a release, by its production tables. */
extern struct List *owner_path_registered(const TwinSet *set);

/* The same by its gray tables, with the own tables (own_load.h). */
extern struct List *owner_path_registered_gray(const TwinSet *set);

/* Return the owner path of this table, or null. */
extern OwnerPath *owner_path_find(const struct List *known, unsigned int table);

/*
 * Return all owner paths that a table has by foreign keys to known tables other than itself.  A
 * column that refers to a uid column, and whose type can hold uids too, holds the uid itself.
 */
extern struct List *owner_path_candidates(unsigned int table, const struct List *known);

/* All that only some partitions of it have. */
extern struct List *owner_path_partial(unsigned int table, const struct List *known);

/*
 * Return the owner paths whose foreign key has this column, without duplicates: more than one is
 * ambiguous.  If there is none, foreign keys that only some partitions have count, too.
 */
extern struct List *owner_path_with_column(unsigned int table, int16_t attnum,
										   const struct List *known);

/* Return "user_id", or "order_id -> public.orders". */
extern char *owner_path_text(const OwnerPath *path);

/* Return the candidates in words: "from_user or to_user". */
extern char *owner_path_choices(const struct List *candidates);

/*
 * Return a column by which owner_path_by_column tells this candidate from the others, or null when
 * there is none.
 */
extern char *owner_path_column(const OwnerPath *path, const struct List *candidates);

/* Return "SELECT gray_clone('public.orders', 'user_id', 'v2');" */
extern char *owner_path_call(const OwnerPath *path, const struct List *candidates,
							 const char *release);

/* True for paths over the same columns to the same table, or by the same column. */
extern bool owner_path_same(const OwnerPath *a, const OwnerPath *b);

/*
 * Return the likeliest candidate: a path that holds for every row goes before others, and then a
 * column that holds the uid.
 */
extern OwnerPath *owner_path_likeliest(const struct List *candidates);

/* True when every row has an owner by this path: no column of the path may be null. */
extern bool owner_path_is_complete(const OwnerPath *path);

/* Return the base type of the column that holds the uid. */
extern unsigned int owner_path_uid_type(const OwnerPath *path);

#endif /* PG_GRAY_OWNER_OWNER_PATH_H */
