/*
 * made_load.h: loads the queries by which the migration makes rows of own tables
 */
#ifndef PG_GRAY_OWN_MADE_LOAD_H
#define PG_GRAY_OWN_MADE_LOAD_H

#include <stdbool.h>

#include "release/twin.h"

struct List;
struct Release;

typedef struct MadeColumn
{
	char		 *name;	  /* quoted */
	const Column *column; /* null: it is gone */
	bool		  is_key;
} MadeColumn;

/* What gray_rows was told of a table. */
typedef struct MadeRows
{
	const Twin	*own;
	char		*query;
	struct List *columns; /* MadeColumn, in the order of the query */
} MadeRows;

/*
 * Return the queries of a release (MadeRows), in order of position; the set is borrowed.  The caller
 * has called SPI_connect and acts as the catalog owner.
 */
extern struct List *made_load(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_OWN_MADE_LOAD_H */
