/*
 * ownership.h: whose a release is
 *
 * EXECUTE on a function is one lock.  The second, of functions that make, change or drop what hangs on
 * tables, is that PostgreSQL would let the caller do so: it can act as the owner of the tables, or as
 * that of the catalog.
 */
#ifndef PG_GRAY_RELEASE_OWNERSHIP_H
#define PG_GRAY_RELEASE_OWNERSHIP_H

#include <stdbool.h>

struct Release;
struct RoleSwitch;

/*
 * Raise insufficient_privilege unless role `caller` can act as the owner of every table that the release
 * has on either side (of none: of the gray schema), or of the catalog.  `what` completes "must be owner
 * of the tables of release ... to".  The catalog's owner has to be able to, too.  The caller of these acts as the catalog owner and has called
 * SPI_connect.
 */
extern void ownership_require(const struct Release *release, unsigned int caller, const char *what);

/* The same, but an operator (gray_grant) will do. */
extern void ownership_require_operator(const struct Release *release, unsigned int caller,
									   const char *what);

/* Raise the same unless the role can act as the owner of the catalog. */
extern void ownership_require_catalog(unsigned int caller, const char *what);

/* Can the owner of the catalog act as this role? */
extern bool ownership_is_member(unsigned int owner);

/*
 * Raise the same unless the owner of the catalog can act as this role, which owns `what`: who writes the
 * catalog says what is run as that role.
 */
extern void ownership_require_member(unsigned int owner, const char *what);

/*
 * Act as the owner of a schema that gray tables are in, until role_return.  Raises the same unless
 * the catalog's owner can.
 */
extern void ownership_become_schema_owner(struct RoleSwitch *before, unsigned int schema);

#endif /* PG_GRAY_RELEASE_OWNERSHIP_H */
