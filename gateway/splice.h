/*
 * splice.h: large bodies of answers, from socket to socket without a copy
 *
 * The kernel moves the pages of what the server sent through a pipe.  A pipe is
 * taken for each read and mostly empty again before the event is over; what the
 * client does not take stays in it, and belongs to the exchange until then.
 */
#ifndef SPLICE_H
#define SPLICE_H

#include "exchange.h"
#include "head.h"

typedef struct Pipe Pipe;

/* The head of the answer has gone on: is its body to go this way? */
extern bool splice_fits(const Exchange *exchange, const Head *head);

/*
 * Moves a piece of the body of the exchange's answer on.  As recv: bytes, 0 at
 * the end, -1 with errno; EMFILE when there is no pipe for it, nothing was read
 * then.  The exchange may be over afterwards.
 */
extern ssize_t splice_receive(Exchange *exchange);

/* Sends what is in the pipe; an empty one is given back.  False: the socket is broken. */
extern bool splice_send(Pipe **pipe, int fd);

/* Gives it back, whatever is in it; NULL is allowed. */
extern void splice_drop(Pipe *pipe);

/* At the end of the process. */
extern void splice_close(void);

#endif /* SPLICE_H */
