/*
 * batch.h: small sends that are made together, at the end of the loop's turn
 *
 * Each send wakes its peer; on a crowded machine that takes the processor from
 * us, once a send.  Made by one system call they cost that once a turn, and the peers find several
 * things to do.  A piece is posted, and its owner is told later what a
 * send would have said at once: that is never later than the end of the turn.
 */
#ifndef GATEWAY_NET_BATCH_H
#define GATEWAY_NET_BATCH_H

#include "net/channel.h"

/* In the order of the words in settings_table.c. */
typedef enum BatchSends
{
	BATCH_OFF,
	BATCH_AUTO /* where the kernel lets us */
} BatchSends;

/* What came of it, as of channel_send; bytes are those posted, good for the call. */
typedef void (*BatchDone)(void *owner, const char *bytes, size_t length, ChannelResult result,
						  size_t sent);

/*
 * From now on.  With BATCH_AUTO, where io_uring is refused, the log says so and nothing is posted.
 */
extern void batch_use(BatchSends wanted);

/*
 * Posts a copy of the bytes, to be sent before anything else is on that channel.  owner is
 * borrowed until done was called.  False: nothing was done, send it yourself.
 */
extern bool batch_post(Channel *channel, const char *bytes, size_t length, BatchDone done,
					   void *owner);

/* For batch_settle. */
extern void batch_send_alone(Channel *channel);

/* What is posted on the channel is sent now, and its owner told. */
static inline void
batch_settle(Channel *channel)
{
	if (channel->posted != 0)
		batch_send_alone(channel);
}

/* What is posted on the channel is never sent, and nobody told. */
extern void batch_drop(Channel *channel);

/* At the end of each turn: makes all sends.  Returns how many were made by one call. */
extern size_t batch_flush(void);

/* At the end of the process. */
extern void batch_close(void);

#endif /* GATEWAY_NET_BATCH_H */
