/*
 * gateway_lease.h: what gateways promise each other, so that no request reads what another one has moved
 *
 * A gateway sends requests of users on only while it has a lease, which it renews every moment, and
 * which says up to which snapshot it has read the release.  Who wants to move a user announces it
 * first, in a transaction of its own, and waits until each gateway with a lease has read so far as to
 * know, and holds the user's requests: or until its lease is over.
 */
#ifndef PG_GRAY_FUNCTIONS_GATEWAY_LEASE_H
#define PG_GRAY_FUNCTIONS_GATEWAY_LEASE_H

#include <stdint.h>

struct Release;

/* Forget the gateways of a release that is dropped.  The caller acts as the catalog owner. */
extern void gateway_forget(const struct Release *release);

/* Warn of those that are cut off from the database, or have ended without a word: before opening. */
extern void gateway_warn_of_lost(const struct Release *release);

#endif /* PG_GRAY_FUNCTIONS_GATEWAY_LEASE_H */
