/*
 * descriptors.h: how many files, sockets and pipes the process may have open, and what for
 *
 * Half of them are for clients; further clients wait until one leaves.  The rest is for connections
 * to servers and for bodies, but for the last ones: these are kept for the database, the admin
 * listener and the logs.  The kernel always hands out the lowest number that is free; so one of
 * the last numbers means that no other is left.
 */
#ifndef GATEWAY_NET_DESCRIPTORS_H
#define GATEWAY_NET_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

/* Reads the limit, which may be changed from outside; to be called now and then. */
extern void descriptors_look(const Settings *settings);

/* How many clients there may be with so many descriptors; and with those of this process. */
extern size_t descriptors_clients_of(size_t limit);
extern size_t descriptors_clients(void);

/* For so many clients. */
extern size_t descriptors_needed(size_t clients);

/* Is there one that is not kept?  Any open one is needed to find out. */
extern bool descriptors_left(int any_open);

/*
 * fd was opened just now, for a server or a body (-1: that failed).  If it is one of those that are kept,
 * it is closed, and the answer is -1 with EMFILE.
 */
extern int descriptors_take(int fd);

/*
 * Is the errno of a failed connection (open, pipe) about what this process or machine has, and not
 * about the other side?  Time may cure it.
 */
extern bool descriptors_short(int problem);

/* The same, and about descriptors: closing another one would help. */
extern bool descriptors_out(int problem);

/* Logs what has to wait, and what helps; not more than once a minute. */
extern void descriptors_complain(const char *what, int problem);

#endif /* GATEWAY_NET_DESCRIPTORS_H */
