/*
 * reference.h: the foreign keys of a release's tables, and the conditions that statements on them
 * are made of
 */
#ifndef PG_GRAY_MOVE_REFERENCE_H
#define PG_GRAY_MOVE_REFERENCE_H

#include <stdbool.h>

#include "release/twin.h"

struct ForeignKeyCacheInfo;
struct List;
struct StringInfoData;

/* A valid foreign key of a twin's table on one side, or of one of its partitions. */
typedef struct Reference
{
	Side						side;
	struct ForeignKeyCacheInfo *key;
	Twin					   *twin; /* whose table has it */
	Twin *parent;					  /* whose table it refers to; null: one outside the release */

	/* The row that it refers to is the user's own, since it leads to the owner. */
	bool to_owner;

	/* It refers to columns of the key by which parent's rows know their twins. */
	bool to_key;

	/* In gray: the rows that are copied from production satisfy it, since those did. */
	bool holds_by_copy;
} Reference;

/* Those of all twins of a set. */
typedef struct References
{
	const Twin	 *twins;	/* the set's */
	struct List **lists[2]; /* of Reference: by Side, by the twin's number in the set */
} References;

/* In the current memory context; the caller has called SPI_connect. */
extern References reference_load_all(const TwinSet *set);

/* References of a twin's table on a side. */
extern struct List *reference_list(const References *references, const Twin *twin, Side side);

/* Append a condition: row `from` refers to row `to` by this key. */
extern void reference_sql_refers(struct StringInfoData *sql, const struct ForeignKeyCacheInfo *key,
								 const char *from, const char *to);

/* Append the referring columns of row `alias`, each followed by `suffix`. */
extern void reference_sql_columns(struct StringInfoData *sql, const struct ForeignKeyCacheInfo *key,
								  const char *alias, const char *separator, const char *suffix);

/*
 * Append a condition: one of the user's gray rows will have at home what this key refers
 * to in p, a row of the production table.
 */
extern void reference_sql_comes_back(struct StringInfoData *sql, const Twin *twin,
									 const struct ForeignKeyCacheInfo *key);

/* "(a, b)=(1, 2)": the referring columns with the values of the last query's first row. */
extern char *reference_sql_key(const struct ForeignKeyCacheInfo *key);

/* For ereport: schema, table and constraint of the key. */
extern int reference_sql_error(const struct ForeignKeyCacheInfo *key);

#endif /* PG_GRAY_MOVE_REFERENCE_H */
