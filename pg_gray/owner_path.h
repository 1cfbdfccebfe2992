/*
 * owner_path.h: how the rows of a production table lead to their uid
 */
#ifndef OWNER_PATH_H
#define OWNER_PATH_H

#include <stdint.h>

#include "twin.h"

struct List;
struct StringInfoData;

/* As many columns as an index can have. */
#define OWNER_PATH_MAX_COLUMNS 32

typedef struct OwnerPath
{
	unsigned int table;		 /* Oid, of production */
	int16_t		 uid_attnum; /* holds the uid; 0: by the foreign key below */

	/* a foreign key to another production table; no columns: there is none */
	unsigned int parent;
	int			 count;
	int16_t		 attnums[OWNER_PATH_MAX_COLUMNS];
	int16_t		 parent_attnums[OWNER_PATH_MAX_COLUMNS];
} OwnerPath;

/* In each list of owner paths `known`, the tables that others may lead to. */

/* Owner paths of the tables of a release. */
extern struct List *owner_path_registered(const TwinSet *set);

/* The one of this table, or null. */
extern OwnerPath *owner_path_find(const struct List *known, unsigned int table);

/*
 * All that a table has by foreign keys to known tables, itself left out.  A
 * column that refers to a uid column of the same type holds the uid itself.
 */
extern struct List *owner_path_candidates(unsigned int table, const struct List *known);

/*
 * The owner path that a column stands for: its foreign key to a known table,
 * or else the column itself.  Raises for an unknown column, for more than one
 * such foreign key, and when it would hold a uid but not of uid_type (0: of
 * any supported type).
 */
extern OwnerPath *owner_path_by_column(unsigned int table, const char *column,
									   const struct List *known, const char *release,
									   unsigned int uid_type);

/* The only candidate; raises when there is none, or more than one. */
extern OwnerPath *owner_path_only(unsigned int table, const struct List *known, const char *release);

/* "user_id", or "order_id -> public.orders". */
extern char *owner_path_text(const OwnerPath *path);

/* The candidates in words: "from_user or to_user". */
extern char *owner_path_choices(const struct List *candidates);

/*
 * A column by which owner_path_by_column tells this candidate from the others,
 * or null when there is none.
 */
extern char *owner_path_column(const OwnerPath *path, const struct List *candidates);

/* "SELECT gray_clone('public.orders', 'user_id', 'v2');" */
extern char *owner_path_call(const OwnerPath *path, const struct List *candidates,
							 const char *release);

/* The base type of the column that holds the uid. */
extern unsigned int owner_path_uid_type(const OwnerPath *path);

#endif /* OWNER_PATH_H */
