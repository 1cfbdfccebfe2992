/*
 * listener.c: accepts clients
 */
#include "listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "descriptors.h"
#include "log.h"
#include "memory.h"
#include "pool.h"

#define BACKLOG 1024
#define ACCEPTS_PER_TURN 16

typedef struct Port
{
	Listener	*listener;
	struct event event;
	int			 fd;
} Port;

struct Listener
{
	Worker *worker;
	bool	paused; /* file descriptors ran out */
	size_t	count;
	Port	ports[];
};

static void on_acceptable(evutil_socket_t fd, short what, void *context);
static bool accept_client(Port *port);

static int
new_socket(const Address *address)
{
	return socket(address->socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int
close_failed(int fd)
{
	int problem = errno;

	close(fd);
	errno = problem;
	return -1;
}

static int
bind_port(const Address *address)
{
	int fd = new_socket(address);
	int yes = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *) &address->socket, address->socket_length) < 0)
		return close_failed(fd);
	return fd;
}

/*
 * Under another name first: clients find either the old socket or the new one,
 * listening.  Only sockets are replaced; anything else is not ours to remove.
 */
static int
bind_path(const Address *address)
{
	const char		  *path = ((const struct sockaddr_un *) &address->socket)->sun_path;
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct stat		   status;
	int				   fd;

	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
	{
		errno = EEXIST;
		return -1;
	}
	if ((size_t) snprintf(name.sun_path, sizeof(name.sun_path), "%s.new", path) >=
		sizeof(name.sun_path))
	{
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = new_socket(address);
	if (fd < 0)
		return -1;
	unlink(name.sun_path);
	if (bind(fd, (const struct sockaddr *) &name, sizeof(name)) < 0 || !listener_open(fd) ||
		rename(name.sun_path, path) < 0)
		return close_failed(fd);
	return fd;
}

int
listener_bind(const Address *address)
{
	return address->socket.ss_family == AF_UNIX ? bind_path(address) : bind_port(address);
}

bool
listener_open(int socket)
{
	if (listen(socket, BACKLOG) == 0)
		return true;
	log_error("listen: %s", strerror(errno));
	return false;
}

Listener *
listener_new(Worker *worker, const int *sockets)
{
	size_t	  count = worker->settings->listen.count;
	Listener *listener = memory_zeroed(sizeof(*listener) + count * sizeof(Port));

	listener->worker = worker;
	listener->count = count;
	for (size_t i = 0; i < count; i++)
	{
		Port *port = &listener->ports[i];

		port->listener = listener;
		port->fd = sockets[i];
		event_assign(&port->event, worker->base, port->fd, EV_READ | EV_PERSIST, on_acceptable,
					 port);
		event_add(&port->event, NULL);
	}
	return listener;
}

static void
stop_port(Port *port)
{
	if (port->fd < 0)
		return;
	event_del(&port->event);
	/* Those that are connected already would be reset. */
	while (accept_client(port))
		continue;
	close(port->fd);
	port->fd = -1;
}

void
listener_stop(Listener *listener)
{
	for (size_t i = 0; i < listener->count; i++)
		stop_port(&listener->ports[i]);
}

void
listener_free(Listener *listener)
{
	listener_stop(listener);
	free(listener);
}

/* False, with errno: there is none, or it could not be taken. */
static bool
accept_client(Port *port)
{
	struct sockaddr_storage peer = {0};
	socklen_t				size = sizeof(peer);
	int						yes = 1;
	int						accepted =
		accept4(port->fd, (struct sockaddr *) &peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (accepted < 0)
		return false;
	if (peer.ss_family != AF_UNIX)
		setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	client_accept(port->listener->worker, accepted, (const struct sockaddr *) &peer,
				  &port->listener->worker->settings->listen.addresses[port - port->listener->ports]);
	return true;
}

static void
pause_accepting(Listener *listener)
{
	listener->paused = true;
	for (size_t i = 0; i < listener->count; i++)
		event_del(&listener->ports[i].event);
}

/* A descriptor for one more client, and what is left for its server? */
static bool
has_room(const Listener *listener, const Port *port)
{
	return listener->worker->client_count < descriptors_clients() &&
		   (descriptors_left(port->fd) || pools_spare(listener->worker));
}

void
listener_resume(Listener *listener)
{
	if (!listener->paused || listener->worker->stopping)
		return;
	listener->paused = false;
	for (size_t i = 0; i < listener->count; i++)
		event_add(&listener->ports[i].event, NULL);
}

static void
on_acceptable(evutil_socket_t fd, short what, void *context)
{
	Port	 *port = context;
	Listener *listener = port->listener;

	(void) fd;
	(void) what;
	descriptors_look(listener->worker->settings);
	for (int accepted = 0; accepted < ACCEPTS_PER_TURN; accepted++)
	{
		bool room = has_room(listener, port);

		if (room && accept_client(port))
			continue;
		if (room && (errno == EAGAIN || !descriptors_short(errno)))
			return;
		/* After another one nobody may wait. */
		if (accepted == 0)
			descriptors_complain("further clients wait", room ? errno : EMFILE);
		pause_accepting(listener);
		return;
	}
}
