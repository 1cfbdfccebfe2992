/*
 * replay.c: the body of a request as it was sent on, kept to be sent again
 */
#include "proxy/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FILES_MOST 256 /* most files open at a time, since connections need descriptors first */
#define TELL_AGAIN_MS 60000

static char		piece_bytes[REPLAY_PIECE_BYTES];
static uint64_t spooled;
static unsigned files;
static uint64_t told_ms; /* when it was last logged that bodies are not kept; 0: never */

static void
tell(const char *directory, const char *problem)
{
	uint64_t now_ms = clock_now_ms();

	if (told_ms != 0 && now_ms < told_ms + TELL_AGAIN_MS)
		return;
	told_ms = now_ms;
	log_warning("bodies of requests are not kept in %s: %s; those above replay_bytes cannot be sent "
				"again",
				directory, problem);
}

static const char *
directory_of(const char *directory)
{
	const char *of_process = getenv("TMPDIR");

	if (*directory != '\0')
		return directory;
	return of_process != NULL && *of_process != '\0' ? of_process : "/tmp";
}

/* Make a file that nobody else can find. Return -1 with errno if that fails. */
static int
open_nameless(const char *directory)
{
	char path[4096];
	int	 fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has files without a name (O_TMPFILE). */
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if ((size_t) snprintf(path, sizeof(path), "%s/gray-gateway.XXXXXX", directory) >= sizeof(path))
	{
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

bool
replay_directory_works(const char *directory)
{
	int fd = open_nameless(directory_of(directory));

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

uint64_t
replay_spooled(void)
{
	return spooled;
}

bool
replay_overflows(const Replay *replay, size_t more, size_t memory_bytes)
{
	return replay->open || buffer_length(&replay->tail) + more > memory_bytes;
}

static uint64_t
kept(const Replay *replay)
{
	return replay->filed + buffer_length(&replay->tail);
}

static bool
open_file(Replay *replay, const char *directory)
{
	if (replay->open)
		return true;
	if (files == FILES_MOST)
	{
		tell(directory, "there are too many");
		return false;
	}
	replay->file = open_nameless(directory);
	if (replay->file < 0)
	{
		tell(directory, strerror(errno));
		return false;
	}
	replay->open = true;
	files++;
	return true;
}

static bool
write_tail(Replay *replay, const char *directory)
{
	while (buffer_length(&replay->tail) > 0)
	{
		ssize_t put = pwrite(replay->file, buffer_first(&replay->tail),
							 buffer_length(&replay->tail), (off_t) replay->filed);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
		{
			tell(directory, put < 0 ? strerror(errno) : "nothing is written");
			return false;
		}
		buffer_consume(&replay->tail, (size_t) put);
		replay->filed += (uint64_t) put;
		spooled += (uint64_t) put;
	}
	buffer_clear(&replay->tail);
	return true;
}

/*
 * Add bytes to the part that goes to the file, and write the file a piece at a time. Return
 * false if that can't be done.
 */
static bool
spool(Replay *replay, const ReplayLimits *limits, const char *bytes, size_t length)
{
	const char *directory = directory_of(limits->directory);
	uint64_t	most = kept(replay) + length;

	if (most > limits->spool_bytes || replay->expected > limits->spool_bytes)
		return false;
	if (spooled + buffer_length(&replay->tail) + length > limits->total_bytes)
	{
		tell(directory, "replay_spool_total_bytes are there");
		return false;
	}
	if (!open_file(replay, directory))
		return false;
	buffer_append(&replay->tail, bytes, length);
	return buffer_length(&replay->tail) < REPLAY_PIECE_BYTES || write_tail(replay, directory);
}

bool
replay_add(Replay *replay, const ReplayLimits *limits, const char *bytes, size_t length)
{
	if (!replay_overflows(replay, length, limits->memory_bytes))
	{
		buffer_append(&replay->tail, bytes, length);
		return true;
	}
	if (spool(replay, limits, bytes, length))
		return true;
	replay_free(replay);
	return false;
}

void
replay_rewind(Replay *replay)
{
	replay->taken = 0;
	replay->behind = kept(replay) > 0;
}

/* Note that all bytes are taken. */
static ReplayStep
caught_up(Replay *replay)
{
	replay->behind = false;
	if (replay->ended)
		replay_free(replay);
	return REPLAY_DONE;
}

ReplayStep
replay_take(Replay *replay, Span *piece)
{
	uint64_t left = replay->filed - replay->taken;
	ssize_t	 got;

	if (!replay->behind || replay->taken == kept(replay))
		return caught_up(replay);
	if (replay->taken >= replay->filed)
	{
		size_t at = (size_t) (replay->taken - replay->filed);

		*piece = (Span){buffer_first(&replay->tail) + at, buffer_length(&replay->tail) - at};
		replay->taken += piece->length;
		return REPLAY_PIECE;
	}
	do
		got = pread(replay->file, piece_bytes,
					left < sizeof(piece_bytes) ? (size_t) left : sizeof(piece_bytes),
					(off_t) replay->taken);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return REPLAY_BROKEN;
	*piece = (Span){piece_bytes, (size_t) got};
	replay->taken += (uint64_t) got;
	return REPLAY_PIECE;
}

void
replay_end(Replay *replay)
{
	replay->ended = true;
	if (!replay->behind)
		replay_free(replay);
}

void
replay_free(Replay *replay)
{
	if (replay->open)
	{
		close(replay->file);
		files--;
		spooled -= replay->filed;
	}
	buffer_free(&replay->tail);
	*replay = (Replay){.expected = replay->expected};
}
