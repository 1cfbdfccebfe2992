/*
 * unique_index.h: describes a unique index of production, and the same keys in gray
 *
 * A key is the list of values that the index holds of a row: values of columns or of expressions.
 */
#ifndef PG_GRAY_UNIQUE_UNIQUE_INDEX_H
#define PG_GRAY_UNIQUE_UNIQUE_INDEX_H

#include <stdbool.h>

#include "release/twin.h"

struct Bitmapset;
struct IndexInfo;
struct RelationData;
struct Release;

/* As many columns as an index can have. */
#define UNIQUE_INDEX_MAX_KEYS 32

typedef struct UniqueIndex
{
	/* by Side: Oid; gray: an index by which the same keys are found, or 0 */
	unsigned int index[2];
	bool		 same_in_gray; /* the gray index is unique on just these keys */

	/* by Side: the way a row of the twin's table makes the keys; for gray maybe null */
	struct IndexInfo *info[2];
	int				  key_count;
	/* by Side: Oid of the type that the operators take */
	unsigned int type[2][UNIQUE_INDEX_MAX_KEYS];

	bool  wanted;	   /* the check is wanted, by default or by gray_set_unique */
	char *reason;	   /* reason why it is wanted or not */
	char *obstacle[2]; /* by Side: reason why writes there can't be checked, or null */
} UniqueIndex;

/*
 * Load the valid unique indexes of a twin's production table, in the current memory context.  The
 * caller has called SPI_connect and acts as the catalog owner.
 */
extern UniqueIndex *unique_index_load(const struct Release *release, const Twin *twin, int *count);

/* True when writes on this side are checked for rivals on the other. */
extern bool unique_index_checks(const UniqueIndex *unique, Side side);

/* Return the columns on which the keys, and the index's predicate, depend. */
extern struct Bitmapset *unique_index_columns(const struct IndexInfo *info);

#endif /* PG_GRAY_UNIQUE_UNIQUE_INDEX_H */
