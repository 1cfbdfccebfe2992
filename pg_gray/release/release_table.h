/*
 * release_table.h: which relations are tables of a release
 */
#ifndef PG_GRAY_RELEASE_RELEASE_TABLE_H
#define PG_GRAY_RELEASE_RELEASE_TABLE_H

#include <stdbool.h>

#include "release/side_state.h"

struct List;
struct Release;

typedef struct ReleaseTable
{
	int			 position;	  /* in the registry; owners come before what they own */
	unsigned int relation[2]; /* Oids, by side; 0: it is gone */
} ReleaseTable;

/*
 * All of them (ReleaseTable), in order of position, in the current memory context.  The caller
 * has called SPI_connect, and acts as the catalog owner.
 */
extern struct List *release_table_list(const struct Release *release);

/*
 * gray.table_now: the table (Oid) that has the registered name, or else the one that had it and was
 * renamed; 0: there is none.  Oids count in the database that they are of (`in_place`).
 */
extern unsigned int release_table_now(const char *name, unsigned int registered, bool in_place);

/* The one that has this relation, or the root of this partition, on either side; or null. */
extern const ReleaseTable *release_table_find(const struct List *tables, unsigned int relation,
											  Side *side);

#endif /* PG_GRAY_RELEASE_RELEASE_TABLE_H */
