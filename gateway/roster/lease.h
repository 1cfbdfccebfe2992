/*
 * lease.h: until when what is known of the release is good for sending requests on
 *
 * Pure.  A lease is renewed in the database, and what is new is read in a later statement: then it
 * runs for its length from when the renewal was sent.  Others who want to move a user wait until
 * it has been told here, or until no lease can run any more.
 */
#ifndef GATEWAY_ROSTER_LEASE_H
#define GATEWAY_ROSTER_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero at first: it does not run. */
typedef struct Lease
{
	uint64_t length_ms; /* 0: it has no end */
	uint64_t until_ms;
	bool	 endless;  /* but by lease_end */
	uint64_t sent_ms;  /* the last renewal */
	bool	 renewed;  /* it was answered, and no reading has begun since */
	uint64_t read_for; /* the renewal that was sent then is read for now; 0: none */
} Lease;

/* Does it run? */
extern bool lease_runs(const Lease *lease, uint64_t now_ms);

/* For how long it has not run; 0: it does, or it never has. */
extern uint64_t lease_over_ms(const Lease *lease, uint64_t now_ms);

/* When the next renewal is due: four times in its length. */
extern uint64_t lease_due_ms(const Lease *lease);

/* So long it has to be in the database: longer than here, for clocks that differ. */
extern uint64_t lease_length_elsewhere_ms(const Lease *lease);

/* A renewal is sent; it is answered; a reading begins; the reading is whole. */
extern void lease_send(Lease *lease, uint64_t now_ms);
extern void lease_renew(Lease *lease);
extern void lease_begin_reading(Lease *lease);
extern void lease_end_reading(Lease *lease);

/* It runs from now on, as long as it is not ended: where there can't be any in the database. */
extern void lease_grant(Lease *lease, uint64_t now_ms);

/* The connection is gone, and with it what was under way; the lease runs on. */
extern void lease_lost(Lease *lease);

/* From now on it does not run. */
extern void lease_end(Lease *lease, uint64_t now_ms);

#endif /* GATEWAY_ROSTER_LEASE_H */
