/*
 * listener.c: binds sockets and accepts clients
 */
#include "process/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/descriptors.h"
#include "process/door.h"
#include "proxy/client.h"
#include "proxy/pool.h"

#define BACKLOG 1024
#define ACCEPTS_PER_TURN 16

typedef struct Port
{
	Listener	*listener;
	struct event event;
	int			 fd;
	bool		 accepting;
} Port;

struct Listener
{
	Proxy *proxy;
	Door  *door;
	bool   paused; /* file descriptors ran out */
	size_t count;
	Port   ports[];
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

/* Make the name under which a socket is bound before it takes the path. */
static bool
new_name(const Address *address, struct sockaddr_un *name)
{
	const char *path = ((const struct sockaddr_un *) &address->socket)->sun_path;

	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((size_t) snprintf(name->sun_path, sizeof(name->sun_path), "%s.new", path) <
		sizeof(name->sun_path))
		return true;
	errno = ENAMETOOLONG;
	return false;
}

static int
bind_new(const Address *address, int fd)
{
	struct sockaddr_un name;

	if (!new_name(address, &name))
		return -1;
	unlink(name.sun_path);
	return bind(fd, (const struct sockaddr *) &name, sizeof(name));
}

/*
 * Check at once whether the path can be bound: bind another socket beside it, and remove that
 * socket. Only a socket may be replaced: any other file does not belong to the gateway.
 */
static int
socket_for_path(const Address *address)
{
	const char		  *path = ((const struct sockaddr_un *) &address->socket)->sun_path;
	struct sockaddr_un name;
	struct stat		   status;
	int				   fd;

	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
	{
		errno = EEXIST;
		return -1;
	}
	fd = new_socket(address);
	if (fd < 0)
		return -1;
	if (bind_new(address, fd) < 0)
		return close_failed(fd);
	close(fd);
	if (new_name(address, &name))
		unlink(name.sun_path);
	return new_socket(address);
}

int
listener_bind(const Address *address)
{
	return address->socket.ss_family == AF_UNIX ? socket_for_path(address) : bind_port(address);
}

bool
listener_open(int socket)
{
	if (listen(socket, BACKLOG) == 0)
		return true;
	log_error("listen: %s", strerror(errno));
	return false;
}

bool
listener_take_path(int socket, const Address *address)
{
	const char		  *path = ((const struct sockaddr_un *) &address->socket)->sun_path;
	struct sockaddr_un name;

	if (bind_new(address, socket) == 0 && listener_open(socket) && new_name(address, &name) &&
		rename(name.sun_path, path) == 0)
		return true;
	log_error("%s: %s", address->text, strerror(errno));
	return false;
}

/* A path is free if no process accepts clients there. */
static bool
path_is_free(const Address *address)
{
	int	 fd = new_socket(address);
	bool answered = fd >= 0 && (connect(fd, (const struct sockaddr *) &address->socket,
										address->socket_length) == 0 ||
								errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return !answered;
}

/* Without SO_REUSEPORT a port can be bound unless a process listens there. */
static bool
port_is_free(const Address *address)
{
	int	 fd = new_socket(address);
	int	 yes = 1;
	bool bound;

	if (fd < 0)
		return true;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	bound = bind(fd, (const struct sockaddr *) &address->socket, address->socket_length) == 0 ||
			errno != EADDRINUSE;
	close(fd);
	return bound;
}

bool
listener_is_free(const Address *address)
{
	return address->socket.ss_family == AF_UNIX ? path_is_free(address) : port_is_free(address);
}

Listener *
listener_new(Proxy *proxy, Door *door)
{
	size_t	  count = door_count(door);
	Listener *listener = memory_zeroed(sizeof(*listener) + count * sizeof(Port));

	listener->proxy = proxy;
	listener->door = door;
	listener->count = count;
	for (size_t i = 0; i < count; i++)
	{
		Port *port = &listener->ports[i];

		port->listener = listener;
		port->fd = door_socket(door, i);
		event_assign(&port->event, proxy->loop->base, port->fd, EV_READ | EV_PERSIST, on_acceptable,
					 port);
	}
	return listener;
}

static void
accept_from(Listener *listener, bool ports)
{
	for (size_t i = 0; i < listener->count; i++)
	{
		Port *port = &listener->ports[i];

		if (port->fd < 0 || port->accepting || door_is_port(listener->door, i) != ports)
			continue;
		port->accepting = true;
		if (!listener->paused)
			event_add(&port->event, NULL);
	}
}

void
listener_accept_ports(Listener *listener)
{
	accept_from(listener, true);
}

void
listener_accept_paths(Listener *listener)
{
	accept_from(listener, false);
}

static void
stop_port(Port *port)
{
	if (port->fd < 0)
		return;
	if (port->accepting)
		event_del(&port->event);
	/* Clients that are connected already would be reset. */
	while (port->accepting && accept_client(port))
		continue;
	door_close(port->listener->door, (size_t) (port - port->listener->ports));
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

/* False, with errno: there is no client, or it could not be accepted. */
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
	client_accept(port->listener->proxy, accepted, (const struct sockaddr *) &peer,
				  &port->listener->proxy->loop->settings->listen
					   .addresses[port - port->listener->ports]);
	return true;
}

static void
pause_accepting(Listener *listener)
{
	listener->paused = true;
	for (size_t i = 0; i < listener->count; i++)
	{
		if (listener->ports[i].accepting)
			event_del(&listener->ports[i].event);
	}
}

/* Is there a descriptor for one more client, and then one for its server? */
static bool
has_room(const Listener *listener, const Port *port)
{
	return listener->proxy->client_count < descriptors_clients() &&
		   (descriptors_left(port->fd) || pools_spare(listener->proxy->pools));
}

void
listener_resume(Listener *listener)
{
	if (!listener->paused || listener->proxy->loop->stopping)
		return;
	listener->paused = false;
	for (size_t i = 0; i < listener->count; i++)
	{
		if (listener->ports[i].accepting)
			event_add(&listener->ports[i].event, NULL);
	}
}

static void
on_acceptable(evutil_socket_t fd, short what, void *context)
{
	Port	 *port = context;
	Listener *listener = port->listener;

	(void) fd;
	(void) what;
	descriptors_look(listener->proxy->loop->settings);
	for (int accepted = 0; accepted < ACCEPTS_PER_TURN; accepted++)
	{
		bool room = has_room(listener, port);

		if (room && accept_client(port))
			continue;
		if (room && (errno == EAGAIN || !descriptors_short(errno)))
			return;
		/* If a client was accepted in this turn, waiting is no news. */
		if (accepted == 0)
			descriptors_complain("further clients wait", room ? errno : EMFILE);
		pause_accepting(listener);
		return;
	}
}
