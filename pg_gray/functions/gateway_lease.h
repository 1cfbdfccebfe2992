/*
 * gateway_lease.h: the leases of gateways, which ensure that no request reads rows that another
 * gateway has moved
 *
 * A gateway sends requests of users on only while it has a lease.  It renews the lease all the
 * time, and each time says up to which snapshot it has read the release.  A gateway that wants to
 * move a user first announces the user, in a transaction of its own.  Then it waits for each other
 * gateway with a lease: until that gateway has read the announcement, and so holds the user's
 * requests, or until its lease is over.
 */
#ifndef PG_GRAY_FUNCTIONS_GATEWAY_LEASE_H
#define PG_GRAY_FUNCTIONS_GATEWAY_LEASE_H

#include <stdint.h>

struct Release;

/* Forget the gateways of a release that is being dropped.  The caller acts as the catalog owner. */
extern void gateway_forget(const struct Release *release);

/*
 * Warn of each gateway that is cut off from the database, or has ended without a word.  Called
 * before a release opens.
 */
extern void gateway_warn_of_lost(const struct Release *release);

#endif /* PG_GRAY_FUNCTIONS_GATEWAY_LEASE_H */
