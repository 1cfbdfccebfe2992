/*
 * batch.h: makes small sends together, at the end of the loop's turn
 *
 * Each send wakes its peer. On a crowded machine the peer takes the processor from the gateway,
 * once for each send. When one system call makes all sends, this happens once a turn, and the
 * peers find several things to do. A piece is posted. At the latest at the end of the turn, its
 * owner is told the result that a send would have returned at once.
 */
#ifndef GATEWAY_NET_BATCH_H
#define GATEWAY_NET_BATCH_H

#include "net/channel.h"

/* The order is that of the words in settings_table.c. */
typedef enum BatchSends
{
	BATCH_OFF,
	BATCH_AUTO /* where the kernel allows io_uring */
} BatchSends;

/*
 * Tells the result of a piece, as channel_send returns it. bytes are the posted bytes, good for
 * the call.
 */
typedef void (*BatchDone)(void *owner, const char *bytes, size_t length, ChannelResult result,
						  size_t sent);

/*
 * Use this way of sending from now on. With BATCH_AUTO, if io_uring is refused, the log says so
 * and nothing is posted.
 */
extern void batch_use(BatchSends wanted);

/*
 * Post a copy of the bytes. They are sent before anything else on that channel. owner is borrowed
 * until done was called. False: nothing was done, and the caller has to send the bytes.
 */
extern bool batch_post(Channel *channel, const char *bytes, size_t length, BatchDone done,
					   void *owner);

/* Used by batch_settle alone. */
extern void batch_send_alone(Channel *channel);

/* Send the bytes that are posted on the channel now, and tell their owner. */
static inline void
batch_settle(Channel *channel)
{
	if (channel->posted != 0)
		batch_send_alone(channel);
}

/* Drop the bytes that are posted on the channel: they are never sent, and nobody is told. */
extern void batch_drop(Channel *channel);

/* Make all sends, at the end of each turn. Return how many were made by one call. */
extern size_t batch_flush(void);

/* Close the batch at the end of the process. */
extern void batch_close(void);

#endif /* GATEWAY_NET_BATCH_H */
