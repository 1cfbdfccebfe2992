/*
 * ring.h: many sends by one system call: io_uring, as little of it as that takes
 *
 * One ring of the process.  No send ever waits, so all are over when the call
 * returns: nothing is armed, cancelled, or still at work afterwards.
 */
#ifndef GATEWAY_NET_RING_H
#define GATEWAY_NET_RING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct RingSend
{
	int			fd;
	const char *bytes; /* borrowed until it is made */
	size_t		length;
	int			result; /* how many went, or a negative errno */
	bool		made;	/* result is there */
} RingSend;

/* False with errno: the kernel, or somebody before it, does not have that. */
extern bool ring_open(void);

/*
 * Makes those that are not made yet, in their order; with MSG_DONTWAIT and MSG_NOSIGNAL.
 * What the ring could not take is not made afterwards, and was not sent.  False with
 * errno: the ring is of no more use.
 */
extern bool ring_send(RingSend *sends, size_t count);

/* Without one open, nothing. */
extern void ring_close(void);

#endif /* GATEWAY_NET_RING_H */
