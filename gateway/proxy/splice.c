/*
 * splice.c: large bodies, from socket to socket without a copy
 */
#include "proxy/splice.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/descriptors.h"
#include "proxy/forward.h"
#include "proxy/upstream.h"

#define SMALLEST_BYTES 65536 /* below that a copy costs less */
#define SMALLEST_REST 16384	 /* the same of one that is on its way */
#define PIPE_BYTES 262144	 /* what a pipe is asked to hold */
#define PIPES_MOST 256		 /* descriptors are for connections first */
#define SPARE_MOST 8

struct Pipe
{
	int	   out;
	int	   in;
	size_t bytes;
};

static Pipe	   *spare[SPARE_MOST]; /* empty ones */
static unsigned spare_count;
static unsigned pipe_count;

static Pipe *
open_pipe(void)
{
	Pipe *pipe;
	int	  ends[2];

	if (pipe_count == PIPES_MOST || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return NULL;
	if (descriptors_take(ends[1]) < 0)
	{
		close(ends[0]);
		return NULL;
	}
	/* Where that is refused it holds less, and takes more calls. */
	(void) fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	pipe = memory_zeroed(sizeof(*pipe));
	pipe->out = ends[0];
	pipe->in = ends[1];
	pipe_count++;
	return pipe;
}

static void
close_pipe(Pipe *pipe)
{
	close(pipe->out);
	close(pipe->in);
	free(pipe);
	pipe_count--;
}

static Pipe *
take_pipe(void)
{
	return spare_count > 0 ? spare[--spare_count] : open_pipe();
}

void
splice_drop(Pipe *pipe)
{
	if (pipe == NULL)
		return;
	if (pipe->bytes == 0 && spare_count < SPARE_MOST)
		spare[spare_count++] = pipe;
	else
		close_pipe(pipe);
}

bool
splice_spare(void)
{
	if (spare_count == 0)
		return false;
	close_pipe(spare[--spare_count]);
	return true;
}

void
splice_close(void)
{
	while (spare_count > 0)
		close_pipe(spare[--spare_count]);
}

bool
splice_fits(const Exchange *exchange, const Head *head)
{
	if (exchange->upstream->channel.ssl != NULL || !client_plain(exchange->client))
		return false;
	if (exchange->framing == FRAMING_LENGTH)
		return head->content_length >= SMALLEST_BYTES;
	return exchange->framing == FRAMING_CLOSE && !head->chunked;
}

ChannelResult
splice_send(Pipe **pipe, int fd)
{
	Pipe		 *full = *pipe;
	size_t		  sent;
	ChannelResult result = channel_outcome(splice(full->out, NULL, fd, NULL, full->bytes,
												  SPLICE_F_MOVE | SPLICE_F_NONBLOCK),
										   CHANNEL_TO_WRITE, &sent);

	full->bytes -= sent;
	if (full->bytes > 0)
		return result;
	*pipe = NULL;
	splice_drop(full);
	return result;
}

/* Takes a piece of a body off a socket; filled: the pipe that it is in, or NULL: nothing came. */
static bool
fill_pipe(int fd, Message *message, Pipe **filled, ChannelResult *result)
{
	uint64_t left = message_left(message);
	Pipe	*pipe = take_pipe();

	*filled = NULL;
	if (pipe == NULL)
		return false;
	*result =
		channel_outcome(splice(fd, NULL, pipe->in, NULL, left < PIPE_BYTES ? left : PIPE_BYTES,
							   SPLICE_F_MOVE | SPLICE_F_NONBLOCK),
						CHANNEL_TO_READ, &pipe->bytes);
	if (*result != CHANNEL_DONE)
	{
		splice_drop(pipe);
		return true;
	}
	message_passed(message, pipe->bytes);
	*filled = pipe;
	return true;
}

bool
splice_receive(Exchange *exchange, ChannelResult *result)
{
	Upstream *upstream = exchange->upstream;
	size_t	  got;

	if (!fill_pipe(upstream->channel.fd, &upstream->answer, &exchange->pipe, result))
		return false;
	if (exchange->pipe == NULL)
		return true;
	got = exchange->pipe->bytes;
	exchange->record.answer_bytes += got;
	exchange->answer_sent = true;
	client_send_pipe(exchange->client, got);
	return true;
}

bool
splice_fits_request(const Exchange *exchange)
{
	return exchange_takes_body(exchange) && !exchange_keeps_body(exchange) && !exchange->chunked &&
		   exchange->tunnel == NULL && message_left(&exchange->request) >= SMALLEST_REST &&
		   exchange->upstream->channel.ssl == NULL && !exchange->upstream->deaf &&
		   client_plain(exchange->client);
}

bool
splice_request(Exchange *exchange, int client_fd, ChannelResult *result)
{
	if (!fill_pipe(client_fd, &exchange->request, &exchange->upload, result))
		return false;
	if (exchange->upload == NULL)
		return true;
	exchange->body_wait.bytes += exchange->upload->bytes;
	exchange->request_done = exchange->request.complete;
	upstream_send_pipe(exchange->upstream);
	return true;
}
