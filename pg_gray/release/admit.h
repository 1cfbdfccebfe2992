/*
 * admit.h: what roles need of schema gray, and only while they need it
 *
 * The owner of a release's tables, as whom moves run: rows of its kept and state tables, the functions
 * of the fence and of moves, and USAGE of the gray schema.  Owners of tables outside with a trigger of
 * a release: that trigger's function.  The owner of the catalog, when it does not own the
 * functions: all of schema gray.
 */
#ifndef PG_GRAY_RELEASE_ADMIT_H
#define PG_GRAY_RELEASE_ADMIT_H

struct List;
struct Release;

/* All callers act as the catalog owner and have called SPI_connect. */

/*
 * Let this role, the owner of the release's tables, use what moves need, and nobody else any more.  Raises
 * lock_not_available when that would have to wait for a move.
 */
extern void admit_owner(const struct Release *release, unsigned int owner);

/*
 * Roles (Oid) that may use the release's kept or state table, besides the catalog's owner and
 * `owner`; with InvalidOid, those that own no table of the release.
 */
extern struct List *admit_outdated(const struct Release *release, unsigned int owner);

/* Take it from roles that own none of the release's tables any more. */
extern void admit_dismiss(const struct Release *release);

/* Let the owner of a table outside have the trigger of a release. */
extern void admit_shared(unsigned int owner);

/* Let the owner of the catalog call what is in schema gray. */
extern void admit_catalog(void);

/*
 * Gateways read the release beside the roster: let those do so who were granted gray_roster by
 * hand, and not by gray_grant.
 */
extern void admit_gateways(void);

/*
 * Take the functions from roles that own no table of any release, and none with such a trigger.  The
 * caller has locked gray.release_table, as release_lock does.
 */
extern void admit_clean_up(void);

#endif /* PG_GRAY_RELEASE_ADMIT_H */
