/*
 * splice.c: passes large bodies from socket to socket without a copy
 */
#include "proxy/splice.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/descriptors.h"

#define PIPE_BYTES 262144 /* asked-for size of a pipe */
#define PIPES_MOST 256	  /* most pipes, since connections need descriptors first */
#define SPARE_MOST 8

struct Pipe
{
	int	   out;
	int	   in;
	size_t bytes;
};

static Pipe	   *spare[SPARE_MOST]; /* empty pipes */
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
	/* If the size is refused, the pipe holds less and takes more calls. */
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

bool
splice_take(int fd, uint64_t most, Pipe **filled, size_t *moved, ChannelResult *result)
{
	Pipe *pipe = take_pipe();

	*filled = NULL;
	*moved = 0;
	if (pipe == NULL)
		return false;
	*result =
		channel_outcome(splice(fd, NULL, pipe->in, NULL, most < PIPE_BYTES ? most : PIPE_BYTES,
							   SPLICE_F_MOVE | SPLICE_F_NONBLOCK),
						CHANNEL_TO_READ, &pipe->bytes);
	if (*result != CHANNEL_DONE)
	{
		splice_drop(pipe);
		return true;
	}
	*moved = pipe->bytes;
	*filled = pipe;
	return true;
}
