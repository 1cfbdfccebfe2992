/*
 * admit.h: grants roles the rights on schema gray that they need, and only while they need them
 *
 * The owner of a release's tables, as whom moves run, needs the rows of the release's kept and
 * state tables, the functions of the fence and of moves, and USAGE of the gray schema.  The owner
 * of a table outside with a trigger of a release needs that trigger's function.  The owner of the
 * catalog, when it does not own the functions, needs all of schema gray.
 */
#ifndef PG_GRAY_RELEASE_ADMIT_H
#define PG_GRAY_RELEASE_ADMIT_H

struct List;
struct Release;

/* The caller of each function acts as the catalog owner and has called SPI_connect. */

/*
 * Grant this role, the owner of the release's tables, the rights that moves need, and revoke them
 * from all other roles.  Raises lock_not_available when that would have to wait for a move.
 */
extern void admit_owner(const struct Release *release, unsigned int owner);

/*
 * Return the roles (Oid) that may use the release's kept or state table, besides the catalog's
 * owner and `owner`; with InvalidOid for `owner`, those that own no table of the release.
 */
extern struct List *admit_outdated(const struct Release *release, unsigned int owner);

/* Revoke these rights from roles that own none of the release's tables any more. */
extern void admit_dismiss(const struct Release *release);

/* Grant the owner of a table outside the function of a release's trigger. */
extern void admit_shared(unsigned int owner);

/* Grant the owner of the catalog the functions of schema gray. */
extern void admit_catalog(void);

/*
 * Gateways read the release beside the roster: grant that right also to roles that were granted
 * gray_roster by hand, and not by gray_grant.
 */
extern void admit_gateways(void);

/*
 * Revoke the functions from roles that own no table of any release, and no table with such a
 * trigger.  The caller has locked gray.release_table, as release_lock does.
 */
extern void admit_clean_up(void);

#endif /* PG_GRAY_RELEASE_ADMIT_H */
