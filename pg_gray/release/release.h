/*
 * release.h: loads a gray release from the registry
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
	unsigned int uid_type; /* Oid; 0 before the first table is cloned */
	bool		 is_open;
	unsigned	 percent_buckets; /* percent, in buckets of bucket.h */
	Side		 stuck_side;
	bool		 schema_created;
	RoleFormats	 formats;	 /* formats by which values are cast on both ways */
	bool		 in_cluster; /* the recorded transaction ids belong to this cluster */
	bool		 in_place;	 /* the registry's attribute numbers belong to this database */

	/* per-release tables of the release's users, qualified */
	char *state_table;	 /* uid, state, since, changed */
	char *cohort_table;	 /* uid, listed, changed */
	char *stay_table;	 /* one row per user in gray; see stay.h */
	char *attempt_table; /* one row for each attempt to move a user */
	char *kept_table;	 /* gray values kept for the user's next stay; see kept_values.h */
} Release;

/*
 * Load a release in the current memory context.  A null name stands for the only release.  Raises
 * undefined_object for an unknown name, and ambiguous_parameter, with a list of the releases, when
 * a name is needed.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern Release *release_load(const char *name);

/* As release_load; raise also unless a table has been cloned. */
extern Release *release_load_with_tables(const char *name);

/* Raise above READ COMMITTED: an older snapshot would not show later moves. */
extern void release_refuse_old_snapshot(void);

/*
 * Keep other sessions from changing the release, its switch and its set of tables until the end of
 * the transaction, and reload the fields that they may have changed before.  Moves go on.  Raises
 * as release_refuse_old_snapshot does.
 */
extern void release_lock(Release *release);

/*
 * Return the existing tables of the release on a side (Oids, referred tables before referring
 * ones): those with the registered names, and those that had them and were renamed.
 */
extern struct List *release_relations(const Release *release, Side side);

/* Return the identity of this cluster and database, as in gray.release.place; palloc'd. */
extern char *release_place(void);

/* True while any user's data is in gray (on or stuck). */
extern bool release_holds_users(const Release *release);

#endif /* PG_GRAY_RELEASE_RELEASE_H */
