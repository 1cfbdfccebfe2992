/*
 * batch.c: makes small sends together, at the end of the loop's turn
 *
 * A piece is posted -> made -> told, or settled alone, or dropped. Bytes that an owner sends while
 * it is told are sent at once: there is no second round in a turn.
 */
#include "net/batch.h"

#include <string.h>

#include "base/log.h"
#include "net/ring.h"

#define PIECES_MOST 1024
#define PIECE_BYTES 4096 /* for a larger piece, copying is no gain */
#define BYTES_MOST (1 << 20)

typedef struct Piece
{
	Channel	 *channel; /* borrowed; NULL: there is no owner to tell */
	BatchDone done;
	void	 *owner; /* borrowed */
} Piece;

/* sends[i] belongs to pieces[i]. Pages that were never used cost nothing. */
static Piece	  pieces[PIECES_MOST];
static RingSend	  sends[PIECES_MOST];
static char		  bytes_posted[BYTES_MOST];
static size_t	  count;
static size_t	  filled;
static BatchSends in_use;
static bool		  usable;
static bool		  telling;

void
batch_use(BatchSends wanted)
{
	if (wanted == in_use)
		return;
	in_use = wanted;
	ring_close();
	usable = wanted == BATCH_AUTO && ring_open();
	if (wanted == BATCH_AUTO && !usable)
		log_info("batch_sends: io_uring can't be used: %s: sends are made one by one",
				 strerror(errno));
}

bool
batch_post(Channel *channel, const char *bytes, size_t length, BatchDone done, void *owner)
{
	char *copy = bytes_posted + filled;

	if (!usable || telling || channel->ssl != NULL || channel->posted != 0 || length == 0 ||
		length > PIECE_BYTES || count == PIECES_MOST || length > BYTES_MOST - filled)
		return false;
	memcpy(copy, bytes, length);
	filled += length;
	pieces[count] = (Piece){channel, done, owner};
	sends[count] = (RingSend){.fd = channel->fd, .bytes = copy, .length = length};
	channel->posted = (uint16_t) ++count;
	return true;
}

static void
make_alone(RingSend *piece)
{
	ssize_t sent = send(piece->fd, piece->bytes, piece->length, MSG_DONTWAIT | MSG_NOSIGNAL);

	piece->result = sent < 0 ? -errno : (int) sent;
	piece->made = true;
}

static void
tell(size_t at)
{
	Channel		 *channel = pieces[at].channel;
	ssize_t		  moved = sends[at].result;
	ChannelResult result;
	size_t		  sent;

	if (channel == NULL)
		return;
	pieces[at].channel = NULL;
	channel->posted = 0;
	if (moved < 0)
		errno = (int) -moved;
	result = channel_outcome(moved < 0 ? -1 : moved, CHANNEL_TO_WRITE, &sent);
	pieces[at].done(pieces[at].owner, sends[at].bytes, sends[at].length, result, sent);
}

void
batch_send_alone(Channel *channel)
{
	size_t at = channel->posted - 1U;

	if (!sends[at].made)
		make_alone(&sends[at]);
	tell(at);
}

void
batch_drop(Channel *channel)
{
	if (channel->posted == 0)
		return;
	pieces[channel->posted - 1].channel = NULL;
	sends[channel->posted - 1].made = true;
	channel->posted = 0;
}

static size_t
not_made(void)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += sends[i].made ? 0 : 1;
	return left;
}

/* A single piece is sent in the usual way: a batch would save nothing. */
static size_t
make_together(void)
{
	size_t before = usable ? not_made() : 0;

	if (before < 2)
		return 0;
	if (!ring_send(sends, count))
	{
		log_warning("batch_sends: io_uring fails: %s: sends are made one by one", strerror(errno));
		ring_close();
		usable = false;
	}
	return before - not_made();
}

size_t
batch_flush(void)
{
	size_t made = make_together();

	for (size_t i = 0; i < count; i++)
	{
		if (!sends[i].made)
			make_alone(&sends[i]);
	}
	telling = true;
	for (size_t i = 0; i < count; i++)
		tell(i);
	telling = false;
	count = 0;
	filled = 0;
	return made;
}

void
batch_close(void)
{
	batch_use(BATCH_OFF);
}
