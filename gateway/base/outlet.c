/*
 * outlet.c: writes lines to a descriptor, and never waits for the reader
 *
 * Standard error may be shared. Whether a write waits is a property of the pipe or terminal as all
 * its processes have it. So the gateway must not change it.
 */
#include "base/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define EMPTY_BYTES_MOST 65536 /* an empty buffer keeps no more memory than this */

/* One pipe for the whole process. It is empty between calls. -1: not opened yet. */
static int stage[2] = {-1, -1};

/* Open the same file again, with an open file description of our own. -1 if that is refused. */
static int
open_again(int fd)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Return the kind of fd. fd may be replaced. */
static OutletKind
find_kind(int *fd)
{
	struct stat status;
	int			own;

	if (fstat(*fd, &status) < 0)
		return OUTLET_FILE;
	if (S_ISFIFO(status.st_mode))
		return OUTLET_PIPE;
	if (S_ISSOCK(status.st_mode))
		return OUTLET_SOCKET;
	if (!S_ISCHR(status.st_mode))
		return OUTLET_FILE;
	own = open_again(*fd);
	if (own < 0)
		return OUTLET_POLLED;
	close(*fd);
	*fd = own;
	return OUTLET_OPENED;
}

static uint64_t
count_lines(const Buffer *lines)
{
	const char *at = lines->bytes + lines->start;
	const char *end = lines->bytes + lines->end;
	uint64_t	count = 0;

	while (at < end && (at = memchr(at, '\n', (size_t) (end - at))) != NULL)
	{
		at++;
		count++;
	}
	return count;
}

static void
lose(Outlet *outlet, uint64_t lines)
{
	outlet->lost += lines;
	outlet->lost_ever += lines;
}

/*
 * Lose the rest of a line that was written in part: the new descriptor does not have its first
 * part.
 */
static void
lose_begun(Outlet *outlet)
{
	size_t		length = buffer_length(&outlet->kept);
	const char *end;

	if (!outlet->begun)
		return;
	end = memchr(buffer_first(&outlet->kept), '\n', length);
	buffer_consume(&outlet->kept,
				   end != NULL ? (size_t) (end + 1 - buffer_first(&outlet->kept)) : length);
	outlet->begun = false;
	lose(outlet, 1);
}

void
outlet_open(Outlet *outlet, int fd)
{
	lose_begun(outlet);
	if (outlet->fd >= 0)
		close(outlet->fd);
	outlet->fd = fd;
	outlet->problem = 0;
	if (fd >= 0)
		outlet->kind = find_kind(&outlet->fd);
}

bool
outlet_put(Outlet *outlet, const char *line, size_t length)
{
	size_t before = buffer_length(&outlet->kept);

	if (outlet->fd < 0)
		return true;
	if (outlet->lost > 0 || (before > 0 && before + length > OUTLET_KEPT_MOST))
	{
		lose(outlet, 1);
		return false;
	}
	buffer_append(&outlet->kept, line, length);
	return true;
}

/*
 * Write through a pipe of our own, which always has room for this. From there splice goes on
 * without waiting, whatever the processes of the other pipe want. Up to PIPE_BUF bytes are one
 * piece of memory, and pass as a whole or not at all.
 */
static ssize_t
write_to_pipe(int fd, const char *bytes, size_t length)
{
	char	left[PIPE_BUF];
	ssize_t moved;
	int		problem;

	if (stage[0] < 0 && pipe2(stage, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	if (write(stage[1], bytes, length) < 0)
		return -1;
	moved = splice(stage[0], NULL, fd, NULL, length, SPLICE_F_NONBLOCK);
	problem = errno;
	if (moved < (ssize_t) length && read(stage[0], left, sizeof(left)) < 0)
		return -1;
	errno = problem;
	return moved;
}

static ssize_t
write_if_ready(int fd, const char *bytes, size_t length)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	if (poll(&ready, 1, 0) == 1)
		return write(fd, bytes, length);
	errno = EAGAIN;
	return -1;
}

static ssize_t
write_piece(const Outlet *outlet, const char *bytes, size_t length)
{
	switch (outlet->kind)
	{
		case OUTLET_PIPE:
			return write_to_pipe(outlet->fd, bytes, length);
		case OUTLET_SOCKET:
			return send(outlet->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		case OUTLET_POLLED:
			return write_if_ready(outlet->fd, bytes, length);
		case OUTLET_FILE:
		case OUTLET_OPENED:
			break;
	}
	return write(outlet->fd, bytes, length);
}

/*
 * Return how many bytes to write at once. For a file, these are all bytes. Else they are whole
 * lines that pass in one piece; a longer line passes in several pieces.
 */
static size_t
piece_length(const Outlet *outlet)
{
	size_t		length = buffer_length(&outlet->kept);
	const char *end;

	if (outlet->kind == OUTLET_FILE || length <= PIPE_BUF)
		return length;
	end = memrchr(buffer_first(&outlet->kept), '\n', PIPE_BUF);
	return end != NULL ? (size_t) (end + 1 - buffer_first(&outlet->kept)) : PIPE_BUF;
}

bool
outlet_flush(Outlet *outlet)
{
	while (buffer_length(&outlet->kept) > 0)
	{
		const char *first = buffer_first(&outlet->kept);
		ssize_t		written = write_piece(outlet, first, piece_length(outlet));

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
		{
			outlet->problem = written < 0 ? errno : EAGAIN;
			return false;
		}
		outlet->begun = first[written - 1] != '\n';
		buffer_consume(&outlet->kept, (size_t) written);
	}
	if (outlet->kept.capacity > EMPTY_BYTES_MOST)
		buffer_free(&outlet->kept);
	return true;
}

uint64_t
outlet_tell(Outlet *outlet)
{
	uint64_t lost = outlet->lost;

	if (buffer_length(&outlet->kept) > 0)
		return 0;
	outlet->lost = 0;
	return lost;
}

void
outlet_close(Outlet *outlet, unsigned patience_ms)
{
	struct pollfd ready = {.fd = outlet->fd, .events = POLLOUT};
	uint64_t	  now_ms = clock_now_ms();
	uint64_t	  deadline_ms = now_ms + patience_ms;

	while (!outlet_flush(outlet) && outlet->problem == EAGAIN && now_ms < deadline_ms)
	{
		poll(&ready, 1, (int) (deadline_ms - now_ms));
		now_ms = clock_now_ms();
	}
	lose(outlet, count_lines(&outlet->kept));
	buffer_free(&outlet->kept);
	outlet->begun = false;
	if (outlet->fd >= 0)
		close(outlet->fd);
	outlet->fd = -1;
}

void
outlet_forked(Outlet *outlet)
{
	buffer_free(&outlet->kept);
	outlet->begun = false;
	outlet->lost = 0;
	outlet->lost_ever = 0;
	if (stage[0] < 0)
		return;
	close(stage[0]);
	close(stage[1]);
	stage[0] = stage[1] = -1;
}

const char *
outlet_problem(const Outlet *outlet)
{
	return outlet->problem == EAGAIN ? "nobody reads them" : strerror(outlet->problem);
}
