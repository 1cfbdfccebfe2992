/*
 * listener.c: accepts clients
 */
#include "listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "memory.h"

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

/* A process that died leaves its socket behind; anything else is not ours to remove. */
static void
remove_old_socket(const char *path)
{
	struct stat status;

	if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode))
		unlink(path);
}

int
listener_bind(const Address *address, bool share_port)
{
	const struct sockaddr *name = (const struct sockaddr *) &address->socket;
	int fd = socket(name->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1;
	int bind_errno;

	if (fd < 0)
		return -1;
	if (name->sa_family == AF_UNIX)
		remove_old_socket(((const struct sockaddr_un *) name)->sun_path);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (share_port && name->sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	if (bind(fd, name, address->socket_length) == 0)
		return fd;
	bind_errno = errno;
	close(fd);
	errno = bind_errno;
	return -1;
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

void
listener_stop(Listener *listener)
{
	for (size_t i = 0; i < listener->count; i++)
	{
		if (listener->ports[i].fd < 0)
			continue;
		event_del(&listener->ports[i].event);
		close(listener->ports[i].fd);
		listener->ports[i].fd = -1;
	}
}

void
listener_free(Listener *listener)
{
	listener_stop(listener);
	free(listener);
}

static void
pause_accepting(Listener *listener)
{
	log_warning("accept: %s; %zu connections are open", strerror(errno),
				listener->worker->client_count);
	listener->paused = true;
	for (size_t i = 0; i < listener->count; i++)
		event_del(&listener->ports[i].event);
}

void
listener_sweep(Listener *listener)
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
	Port *port = context;
	int	  yes = 1;

	(void) what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++)
	{
		struct sockaddr_storage peer = {0};
		socklen_t				size = sizeof(peer);
		int accepted = accept4(fd, (struct sockaddr *) &peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (accepted < 0)
		{
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				pause_accepting(port->listener);
			return;
		}
		if (peer.ss_family != AF_UNIX)
			setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		client_accept(port->listener->worker, accepted, (const struct sockaddr *) &peer);
	}
}
