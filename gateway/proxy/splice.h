/*
 * splice.h: large bodies, from socket to socket without a copy
 *
 * The kernel moves the pages of what one side sent through a pipe.  A pipe is
 * taken for each read and mostly empty again before the event is over; what the
 * other side does not take stays in it, and belongs to the exchange until then.
 */
#ifndef GATEWAY_PROXY_SPLICE_H
#define GATEWAY_PROXY_SPLICE_H

#include "http/head.h"
#include "net/channel.h"
#include "proxy/exchange.h"

typedef struct Pipe Pipe;

/* The head of the answer has gone on: is its body to go this way? */
extern bool splice_fits(const Exchange *exchange, const Head *head);

/*
 * Moves a piece of the body of the exchange's answer on; result as of channel_recv.
 * False: there is no pipe for it, and nothing was done.  The exchange may be over
 * afterwards.
 */
extern bool splice_receive(Exchange *exchange, ChannelResult *result);

/* Is what comes next of the request's body to go this way?  It may not have to be kept. */
extern bool splice_fits_request(const Exchange *exchange);

/* As splice_receive, from the client's socket; the exchange goes on. */
extern bool splice_request(Exchange *exchange, int client_fd, ChannelResult *result);

/* Sends what is in the pipe, as channel_send; an empty one is given back. */
extern ChannelResult splice_send(Pipe **pipe, int fd);

/* Gives it back, whatever is in it; NULL is allowed. */
extern void splice_drop(Pipe *pipe);

/* Closes a pipe that nobody uses; false if there is none. */
extern bool splice_spare(void);

/* At the end of the process. */
extern void splice_close(void);

#endif /* GATEWAY_PROXY_SPLICE_H */
