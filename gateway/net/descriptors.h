/*
 * descriptors.h: limits how many files, sockets and pipes the process opens, and for which uses
 *
 * Half of the descriptors are for clients. Further clients wait until a client leaves. The rest is
 * for connections to servers and for bodies, except the last few: they are kept for the database,
 * the admin listener and the logs. The kernel always returns the lowest free number. So one of the
 * last numbers means that no other descriptor is left.
 */
#ifndef GATEWAY_NET_DESCRIPTORS_H
#define GATEWAY_NET_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

/* Read the limit, to be called now and then: other processes may change it. */
extern void descriptors_look(const Settings *settings);

/*
 * Return how many clients there may be with that many descriptors; and with the descriptors of
 * this process.
 */
extern size_t descriptors_clients_of(size_t limit);
extern size_t descriptors_clients(void);

/* Return how many descriptors that many clients need. */
extern size_t descriptors_needed(size_t clients);

/*
 * Is there a free descriptor besides the kept ones? any_open is any open descriptor; the check
 * needs it.
 */
extern bool descriptors_left(int any_open);

/*
 * Return fd, which was just opened for a server or a body (-1: that failed). If it is one of the
 * kept descriptors, close it and return -1 with EMFILE.
 */
extern int descriptors_take(int fd);

/*
 * Is the errno of a failed connection (open, pipe) about the resources of this process or machine,
 * and not about the other side? Then time may cure it.
 */
extern bool descriptors_short(int problem);

/* Is the errno about descriptors? Then closing another descriptor would help. */
extern bool descriptors_out(int problem);

/* Log which work has to wait, and the remedy, at most once a minute. */
extern void descriptors_complain(const char *what, int problem);

#endif /* GATEWAY_NET_DESCRIPTORS_H */
