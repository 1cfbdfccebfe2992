/*
 * ownership.h: checks who may change a release
 *
 * EXECUTE on a function is the first check.  Functions that create, change or drop objects of
 * tables have a second check: PostgreSQL would let the caller do so itself, since the caller can
 * act as the owner of the tables, or as the owner of the catalog.
 */
#ifndef PG_GRAY_RELEASE_OWNERSHIP_H
#define PG_GRAY_RELEASE_OWNERSHIP_H

#include <stdbool.h>

struct Release;
struct RoleSwitch;

/*
 * Raise insufficient_privilege unless role `caller` can act as the owner of every table that the
 * release has on either side (without tables: of the gray schema), or of the catalog.  `what`
 * completes "must be owner of the tables of release ... to".  The catalog's owner must be able to
 * act as these owners, too.  The caller of this and the functions below acts as the catalog owner
 * and has called SPI_connect.
 */
extern void ownership_require(const struct Release *release, unsigned int caller, const char *what);

/* The same, but an operator (gray_grant) is accepted, too. */
extern void ownership_require_operator(const struct Release *release, unsigned int caller,
									   const char *what);

/* Raise the same error unless the role can act as the owner of the catalog. */
extern void ownership_require_catalog(unsigned int caller, const char *what);

/* True when the owner of the catalog can act as this role. */
extern bool ownership_is_member(unsigned int owner);

/*
 * Raise the same error unless the owner of the catalog can act as this role, which owns `what`: a
 * role that writes the catalog decides which code runs as that role.
 */
extern void ownership_require_member(unsigned int owner, const char *what);

/*
 * Act as the owner of a schema that gray tables are in, until role_return.  Raises the same unless
 * the catalog's owner can.
 */
extern void ownership_become_schema_owner(struct RoleSwitch *before, unsigned int schema);

#endif /* PG_GRAY_RELEASE_OWNERSHIP_H */
