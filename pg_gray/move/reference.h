/*
 * reference.h: loads the foreign keys of a release's tables, and makes the conditions of
 * statements about them
 */
#ifndef PG_GRAY_MOVE_REFERENCE_H
#define PG_GRAY_MOVE_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "release/twin.h"

struct ForeignKeyCacheInfo;
struct List;
struct StringInfoData;

/* A valid foreign key of a twin's table on one side, or of one of its partitions. */
typedef struct Reference
{
	Side						side;
	struct ForeignKeyCacheInfo *key;
	Twin					   *twin; /* the twin whose table has the foreign key */
	/* the twin, or own table, to whose table it refers; null: a table outside the release */
	Twin *parent;

	/* The referred row is the user's own, since the foreign key leads to the owner. */
	bool to_owner;

	/* It refers to columns of the key by which the parent's rows know their twins. */
	bool to_key;

	/*
	 * In gray: the rows copied from production satisfy the foreign key, since the rows in
	 * production do.
	 */
	bool holds_by_copy;
} Reference;

/* The foreign keys of all twins of a set. */
typedef struct References
{
	const Twin	 *twins;	 /* the twins of the set */
	struct List **lists[2];	 /* of Reference: by Side, by the twin's number in the set */
	const Twin	 *own;		 /* the own tables of the set */
	struct List **own_lists; /* of Reference, on the gray side: by number of the own table */
} References;

/*
 * Load the references of a set in the current memory context.  The caller has called SPI_connect.
 */
extern References reference_load_all(const TwinSet *set);

/* Return the references of a twin's table on a side. */
extern struct List *reference_list(const References *references, const Twin *twin, Side side);

/* Return the references of an own table. */
extern struct List *reference_list_own(const References *references, const Twin *own);

/* Append a condition: row `from` refers to row `to` by this key. */
extern void reference_sql_refers(struct StringInfoData *sql, const struct ForeignKeyCacheInfo *key,
								 const char *from, const char *to);

/*
 * A row in a condition: of the table itself, or, with `own`, of the parked table of this own table,
 * whose columns have names of their own.
 */
typedef struct ReferenceRow
{
	const char *alias;
	const Twin *own;
} ReferenceRow;

/* The same condition for rows that may be parked. */
extern void reference_sql_refers_parked(struct StringInfoData			 *sql,
										const struct ForeignKeyCacheInfo *key, ReferenceRow from,
										ReferenceRow to);

/* Return a column of such a row, by its number in `relation`, the table or a partition of it. */
extern char *reference_sql_parked_column(ReferenceRow row, unsigned int relation, int16_t attnum);

/* Append the referring columns of row `alias`, each followed by `suffix`. */
extern void reference_sql_columns(struct StringInfoData *sql, const struct ForeignKeyCacheInfo *key,
								  const char *alias, const char *separator, const char *suffix);

/*
 * Append a condition: one of the user's gray rows will have at home the values to which this key
 * refers in p, a row of the production table.
 */
extern void reference_sql_comes_back(struct StringInfoData *sql, const Twin *twin,
									 const struct ForeignKeyCacheInfo *key);

/* Return "(a, b)=(1, 2)": the referring columns with the values of the last query's first row. */
extern char *reference_sql_key(const struct ForeignKeyCacheInfo *key);

/* For ereport: schema, table and constraint of the key. */
extern int reference_sql_error(const struct ForeignKeyCacheInfo *key);

#endif /* PG_GRAY_MOVE_REFERENCE_H */
