/*
 * ticket.h: the keys of the tickets by which clients resume TLS sessions
 *
 * The process and its forked children share one sequence of keys. Each process makes the next key
 * from the last key at the same time, and forgets the last. So the workers agree without a
 * message, and an attacker who reads the memory later can't decrypt connections that were recorded
 * before. No key is ever written anywhere.
 */
#ifndef GATEWAY_NET_TICKET_H
#define GATEWAY_NET_TICKET_H

#include <openssl/ssl.h>
#include <stdint.h>

/*
 * Set the period. A key makes tickets for that many seconds, and accepts its tickets for as many
 * more. The first call begins the sequence. It has to come before a fork.
 */
extern void ticket_set_period(unsigned seconds, uint64_t now_ms);

/*
 * Resume sessions with clients by tickets alone, for that many seconds; 0: do not resume sessions.
 */
extern void ticket_use(SSL_CTX *context, unsigned seconds);

/* Go to the key of this time. Call this often enough that old keys are forgotten in time. */
extern void ticket_advance(uint64_t now_ms);

/* Forget all keys. */
extern void ticket_close(void);

#endif /* GATEWAY_NET_TICKET_H */
