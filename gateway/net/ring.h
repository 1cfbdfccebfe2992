/*
 * ring.h: makes many sends by one system call, with a minimal use of io_uring
 *
 * There is one ring for the whole process. No send ever waits, so all sends are over when the call
 * returns. Nothing is armed or cancelled, and nothing runs afterwards.
 */
#ifndef GATEWAY_NET_RING_H
#define GATEWAY_NET_RING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct RingSend
{
	int			fd;
	const char *bytes; /* borrowed until the send is made */
	size_t		length;
	int			result; /* how many bytes were sent, or a negative errno */
	bool		made;	/* result is set */
} RingSend;

/*
 * Open the ring. False, with errno: the kernel has no io_uring, or something like seccomp forbids
 * it.
 */
extern bool ring_open(void);

/*
 * Make the sends that are not made yet, in their order, with MSG_DONTWAIT and MSG_NOSIGNAL. A send
 * that the ring could not take is not made afterwards, and was not sent. False, with errno: the
 * ring can't be used any more.
 */
extern bool ring_send(RingSend *sends, size_t count);

/* Close the ring. Does nothing if it is not open. */
extern void ring_close(void);

#endif /* GATEWAY_NET_RING_H */
