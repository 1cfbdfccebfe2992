/*
 * ticket.h: the keys under which clients get tickets to resume sessions of TLS
 *
 * One row of keys for the process and those it forks: each makes the next one from
 * the last at the same time and forgets that, so that workers agree without a word,
 * and nobody who gets at the memory later can open what was recorded before.  No key
 * is ever written anywhere.
 */
#ifndef GATEWAY_NET_TICKET_H
#define GATEWAY_NET_TICKET_H

#include <openssl/ssl.h>
#include <stdint.h>

/*
 * From now on a key makes tickets for so many seconds, and takes them for as many
 * more.  The first call begins the row; it is to come before a fork.
 */
extern void ticket_set_period(unsigned seconds, uint64_t now_ms);

/* Has sessions with clients resumed by tickets alone, and for so long; 0: not at all. */
extern void ticket_use(SSL_CTX *context, unsigned seconds);

/* Goes to the key of this time; often enough that old ones are forgotten in time. */
extern void ticket_advance(uint64_t now_ms);

/* Forgets all. */
extern void ticket_close(void);

#endif /* GATEWAY_NET_TICKET_H */
