/*
 * splice.h: large bodies, from socket to socket without a copy
 *
 * The kernel moves the pages of what one side sent through a pipe.  A pipe is
 * taken for each read and mostly empty again before the event is over; what the
 * other side does not take stays in it, and waits in that side's connection until then.
 */
#ifndef GATEWAY_PROXY_SPLICE_H
#define GATEWAY_PROXY_SPLICE_H

#include "net/channel.h"

#define SPLICE_SMALLEST_BYTES 65536 /* below that a copy costs less */
#define SPLICE_SMALLEST_REST 16384	/* the same of a body that is on its way */

typedef struct Pipe Pipe;

/*
 * Takes a piece of no more than that off a descriptor; result as of channel_recv, and moved is its
 * length.  *filled: the pipe that it is in, owned by the caller; NULL: nothing came.  False: there is no
 * pipe for it, and nothing was done.
 */
extern bool splice_take(int fd, uint64_t most, Pipe **filled, size_t *moved, ChannelResult *result);

/* Sends what is in the pipe, as channel_send; an empty one is given back. */
extern ChannelResult splice_send(Pipe **pipe, int fd);

/* Gives it back, whatever is in it; NULL is allowed. */
extern void splice_drop(Pipe *pipe);

/* Closes a pipe that nobody uses; false if there is none. */
extern bool splice_spare(void);

/* At the end of the process. */
extern void splice_close(void);

#endif /* GATEWAY_PROXY_SPLICE_H */
