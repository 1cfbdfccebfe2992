/*
 * unique_index.h: a unique index of production, and the same keys in gray
 *
 * A key is what the index holds of a row: values of columns or of expressions.
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
	/* by Side, Oid; gray: an index by which the same keys are found, or 0 */
	unsigned int index[2];
	bool		 same_in_gray; /* the gray one is unique on just these keys */

	/* by Side: how a row of the twin's table makes the keys; gray: or null */
	struct IndexInfo *info[2];
	int				  key_count;
	unsigned int	  type[2][UNIQUE_INDEX_MAX_KEYS]; /* by Side: Oid that operators take */

	bool  wanted;	   /* by default, or by gray_set_unique */
	char *reason;	   /* why so */
	char *obstacle[2]; /* by Side: why writes there can't be checked, or null */
} UniqueIndex;

/*
 * The valid unique indexes of a twin's production table, in the current memory
 * context.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern UniqueIndex *unique_index_load(const struct Release *release, const Twin *twin, int *count);

/* True when writes on this side are checked for rivals on the other. */
extern bool unique_index_checks(const UniqueIndex *unique, Side side);

/* Columns that the keys, and the index's predicate, depend on. */
extern struct Bitmapset *unique_index_columns(const struct IndexInfo *info);

#endif /* PG_GRAY_UNIQUE_UNIQUE_INDEX_H */
