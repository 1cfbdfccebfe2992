/*
 * systemd.c: talks to the service manager: receives the sockets that it hands over, and tells it
 * the state of the process
 */
#include "process/systemd.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FIRST_SOCKET 3
#define SOCKETS_MAX 64

static int	count; /* sockets that were handed over, from FIRST_SOCKET on */
static bool taken[SOCKETS_MAX];

void
systemd_receive(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *sockets = getenv("LISTEN_FDS");

	/* Ignore an environment that was inherited, and meant for another process. */
	if (pid != NULL && sockets != NULL && strtol(pid, NULL, 10) == (long) getpid())
	{
		long number = strtol(sockets, NULL, 10);

		count = number < 0 ? 0 : number > SOCKETS_MAX ? SOCKETS_MAX : (int) number;
	}
	for (int i = 0; i < count; i++)
		fcntl(FIRST_SOCKET + i, F_SETFD, FD_CLOEXEC);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

static bool
listens_on(int socket, const Address *address)
{
	struct sockaddr_storage bound = {0};
	socklen_t				length = sizeof(bound);
	int						listens = 0;
	socklen_t				listens_length = sizeof(listens);
	char					one[ADDRESS_TEXT_MAX], other[ADDRESS_TEXT_MAX];

	if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_length) < 0 || !listens ||
		getsockname(socket, (struct sockaddr *) &bound, &length) < 0 ||
		bound.ss_family != address->socket.ss_family)
		return false;
	if (bound.ss_family == AF_UNIX)
		return strcmp(((const struct sockaddr_un *) &bound)->sun_path,
					  ((const struct sockaddr_un *) &address->socket)->sun_path) == 0;
	address_format((const struct sockaddr *) &bound, one, sizeof(one));
	address_format((const struct sockaddr *) &address->socket, other, sizeof(other));
	return strcmp(one, other) == 0;
}

int
systemd_socket(const Address *address)
{
	for (int i = 0; i < count; i++)
	{
		int socket = FIRST_SOCKET + i;

		if (taken[i] || !listens_on(socket, address))
			continue;
		taken[i] = true;
		fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
		return socket;
	}
	return -1;
}

void
systemd_close_rest(void)
{
	for (int i = 0; i < count; i++)
	{
		if (taken[i])
			continue;
		log_warning("a socket was handed over that no setting names: descriptor %d",
					FIRST_SOCKET + i);
		close(FIRST_SOCKET + i);
	}
}

void
systemd_notify(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char		  *path = getenv("NOTIFY_SOCKET");
	size_t			   length = path != NULL ? strlen(path) : 0;
	int				   fd;

	if (length == 0 || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = '\0'; /* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* A manager that does not listen is no reason to stop the gateway. */
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *) &address,
			   (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		systemd_silence();
	close(fd);
}

void
systemd_notify_reloading(void)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%llu",
			 (unsigned long long) clock_now_us());
	systemd_notify(state);
}

void
systemd_silence(void)
{
	unsetenv("NOTIFY_SOCKET");
}
