/*
 * descriptors.c: limits how many files, sockets and pipes the process opens, and for which uses
 */
#include "net/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define KEPT 8	/* further descriptors are kept for the movers, one for each */
#define FEW 256 /* below this limit the process's own descriptors matter */
#define COMPLAIN_EVERY_MS 60000

static size_t most = SIZE_MAX;
static size_t kept;

void
descriptors_look(const Settings *settings)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	most = limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : (size_t) limit.rlim_cur;
	kept = KEPT + settings->movers < most / 4 ? KEPT + settings->movers : most / 4;
}

/* Each client may need one more descriptor for its server, and some clients need two for a pipe. */
size_t
descriptors_clients_of(size_t limit)
{
	return limit < FEW ? limit / 4 : limit / 2;
}

size_t
descriptors_clients(void)
{
	return descriptors_clients_of(most);
}

size_t
descriptors_needed(size_t clients)
{
	return 2 * clients < FEW ? FEW : 2 * clients;
}

static bool
is_kept(int fd)
{
	return (size_t) fd >= most - kept;
}

bool
descriptors_left(int any_open)
{
	int	 fd = fcntl(any_open, F_DUPFD_CLOEXEC, 0);
	bool left = fd >= 0 && !is_kept(fd);

	if (fd >= 0)
		close(fd);
	return left;
}

int
descriptors_take(int fd)
{
	if (fd < 0 || !is_kept(fd))
		return fd;
	close(fd);
	errno = EMFILE;
	return -1;
}

bool
descriptors_out(int problem)
{
	return problem == EMFILE || problem == ENFILE;
}

bool
descriptors_short(int problem)
{
	/* EAGAIN: the queue of a unix socket is full. The other errors are about memory and ports. */
	return descriptors_out(problem) || problem == ENOBUFS || problem == ENOMEM ||
		   problem == EADDRNOTAVAIL || problem == EAGAIN;
}

void
descriptors_complain(const char *what, int problem)
{
	static uint64_t said_ms; /* 0: never */
	uint64_t		now_ms = clock_now_ms();

	if (said_ms != 0 && now_ms < said_ms + COMPLAIN_EVERY_MS)
		return;
	said_ms = now_ms;
	if (descriptors_out(problem))
		log_warning("%s: out of file descriptors (the limit is %zu): raise LimitNOFILE=", what,
					most);
	else
		log_warning("%s: %s", what, strerror(problem));
}
