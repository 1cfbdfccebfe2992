/*
 * release_table.h: tells which relations are tables of a release
 */
#ifndef PG_GRAY_RELEASE_RELEASE_TABLE_H
#define PG_GRAY_RELEASE_RELEASE_TABLE_H

#include <stdbool.h>

#include "release/side_state.h"

struct List;
struct Release;

typedef struct ReleaseTable
{
	/* position in the registry; referred tables come before referring ones */
	int			 position;
	unsigned int relation[2]; /* by Side: Oid; 0: the table is gone */
} ReleaseTable;

/*
 * Return all tables (ReleaseTable) in order of position, in the current memory context.  The
 * caller has called SPI_connect, and acts as the catalog owner.
 */
extern struct List *release_table_list(const struct Release *release);

/*
 * Return, as gray.table_now, the table (Oid) that has the registered name, or else the table that
 * had it and was renamed; 0: there is none.  When another registered table was given the name, that
 * does not count.  Registered Oids count only in their own database (`in_place`).
 */
extern unsigned int release_table_now(const char *name, unsigned int registered, bool in_place);

/*
 * Return the table with this relation, or with the root of this partition, on either side; or
 * null.
 */
extern const ReleaseTable *release_table_find(const struct List *tables, unsigned int relation,
											  Side *side);

#endif /* PG_GRAY_RELEASE_RELEASE_TABLE_H */
