/*
 * lease.h: tells until when requests may be routed by what is known of the release
 *
 * The functions are pure. A lease is renewed in the database, and changes are read in a later
 * statement. Then the lease runs for its length, from the moment when the renewal was sent.
 * Other gateways that want to move a user wait until this gateway knows of the move, or until
 * its lease can't run any more.
 */
#ifndef GATEWAY_ROSTER_LEASE_H
#define GATEWAY_ROSTER_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero at first: the lease does not run. */
typedef struct Lease
{
	uint64_t length_ms; /* 0: the lease has no end */
	uint64_t until_ms;
	bool	 endless;  /* the lease ends only by lease_end */
	uint64_t sent_ms;  /* when the last renewal was sent */
	bool	 renewed;  /* the renewal was answered, and no reading has begun since */
	uint64_t read_for; /* when the renewal was sent that the present reading is for; 0: none */
} Lease;

/* Does the lease run? */
extern bool lease_runs(const Lease *lease, uint64_t now_ms);

/* Return for how long the lease has not run. 0: it runs, or it never has. */
extern uint64_t lease_over_ms(const Lease *lease, uint64_t now_ms);

/* Return when the next renewal is due. There are four in the length of a lease. */
extern uint64_t lease_due_ms(const Lease *lease);

/* Return the length of the lease in the database. It is longer than here, since clocks differ. */
extern uint64_t lease_length_elsewhere_ms(const Lease *lease);

/*
 * Note that a renewal is sent; that it is answered; that a reading begins; that the reading is
 * whole.
 */
extern void lease_send(Lease *lease, uint64_t now_ms);
extern void lease_renew(Lease *lease);
extern void lease_begin_reading(Lease *lease);
extern void lease_end_reading(Lease *lease);

/* Let the lease run from now on, until it is ended. For a database that can't have leases. */
extern void lease_grant(Lease *lease, uint64_t now_ms);

/*
 * Note that the connection is gone, and with it the renewal and reading under way. The lease
 * runs on.
 */
extern void lease_lost(Lease *lease);

/* End the lease: it does not run from now on. */
extern void lease_end(Lease *lease, uint64_t now_ms);

#endif /* GATEWAY_ROSTER_LEASE_H */
