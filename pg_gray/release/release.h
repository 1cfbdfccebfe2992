/*
 * release.h: a gray release as the registry has it
 */
#ifndef PG_GRAY_RELEASE_RELEASE_H
#define PG_GRAY_RELEASE_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres/role.h"
#include "release/side_state.h"

struct List;

typedef struct Release
{
	int			 id;
	char		*name;
	char		*gray_schema;
	unsigned int uid_type; /* Oid; 0 until the first table is cloned */
	bool		 is_open;
	unsigned	 percent_buckets; /* percent, in buckets of bucket.h */
	Side		 stuck_side;
	bool		 schema_created;
	RoleFormats	 formats;	 /* by which values are cast on both ways */
	bool		 in_cluster; /* transaction ids that were recorded are of this cluster */
	bool		 in_place;	 /* the registry's attribute numbers are of this database */

	/* per-release tables, qualified, by the users of this release */
	char *state_table;	 /* uid, state, since, changed */
	char *cohort_table;	 /* uid, listed, changed */
	char *stay_table;	 /* one row per user in gray; see stay.h */
	char *attempt_table; /* one row per attempt to move a user */
	char *kept_table;	 /* values of gray that wait for the user's next stay; see kept_values.h */
} Release;

/*
 * Load a release in the current memory context.  A null name means the only
 * release there is.  Raises undefined_object for an unknown name, and
 * ambiguous_parameter, listing them, when a name is needed.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern Release *release_load(const char *name);

/* As release_load, and raises unless a table has been cloned. */
extern Release *release_load_with_tables(const char *name);

/*
 * Raise above READ COMMITTED: an older snapshot would not show who was moved meanwhile.
 */
extern void release_refuse_old_snapshot(void);

/*
 * Keep others from changing the release, its switch and its set of tables until
 * the end of the transaction, and read again what they may have changed before.
 * Moves go on.  Raises as release_refuse_old_snapshot does.
 */
extern void release_lock(Release *release);

/*
 * The tables of the release that there are on a side (Oids, owners before what they own): those
 * that have the registered names, and those that had them.
 */
extern struct List *release_relations(const Release *release, Side side);

/* The cluster and database we are in, as gray.release.place has it; palloc'd. */
extern char *release_place(void);

/* True while any user's data is in gray (on or stuck). */
extern bool release_holds_users(const Release *release);

#endif /* PG_GRAY_RELEASE_RELEASE_H */
