/*
 * splice.h: passes large bodies from socket to socket without a copy
 *
 * The kernel moves the pages that one side sent through a pipe. A pipe is taken for each read,
 * and mostly empty again before the event is over. Bytes that the other side does not take stay
 * in the pipe, which then waits in that side's connection.
 */
#ifndef GATEWAY_PROXY_SPLICE_H
#define GATEWAY_PROXY_SPLICE_H

#include "net/channel.h"

#define SPLICE_SMALLEST_BYTES 65536 /* below this size a copy costs less */
#define SPLICE_SMALLEST_REST 16384	/* the same for the rest of a body that is on its way */

typedef struct Pipe Pipe;

/*
 * Take a piece of at most so many bytes off a descriptor. result is as of channel_recv, and
 * moved is the length of the piece. *filled is the pipe with the piece, owned by the caller;
 * NULL: nothing came. Return false if there is no pipe for it; then nothing was done.
 */
extern bool splice_take(int fd, uint64_t most, Pipe **filled, size_t *moved, ChannelResult *result);

/* Send the bytes in the pipe, as channel_send does. An empty pipe is given back. */
extern ChannelResult splice_send(Pipe **pipe, int fd);

/* Give the pipe back, whatever is in it. NULL is allowed. */
extern void splice_drop(Pipe *pipe);

/* Close a pipe that nobody uses. Return false if there is none. */
extern bool splice_spare(void);

/* Close all pipes, at the end of the process. */
extern void splice_close(void);

#endif /* GATEWAY_PROXY_SPLICE_H */
