/*
 * own_register.h: registers the tables that only version 2 has
 */
#ifndef PG_GRAY_OWN_OWN_REGISTER_H
#define PG_GRAY_OWN_OWN_REGISTER_H

#include "owner/owner_path.h"
#include "release/twin.h"

struct Release;

/*
 * Register a table (an Oid) of the gray schema: with an owner path, the rows belong to users, and
 * the table of their parked rows is created; with null, the rows belong to nobody.  While the
 * release is open, the fence is put up, unless another transaction is writing the table.  The
 * caller of this and the function below holds SHARE ROW EXCLUSIVE on gray.release_table, has called
 * SPI_connect and acts as the catalog owner.
 */
extern void own_register(const struct Release *release, const TwinSet *set, unsigned int table,
						 const OwnerPath *path);

/* Remove a table (an Oid) from the registry, with its parked table and its fence. */
extern void own_unregister(const struct Release *release, int position, unsigned int table);

/*
 * Register the tables that were created since, and the columns of registered tables as they are
 * now.  Returns true when the registry was changed: then the set is outdated.  Raises
 * lock_not_available when another session is changing the registry; does not wait.
 */
extern bool own_refresh(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_OWN_OWN_REGISTER_H */
