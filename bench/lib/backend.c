/*
 * backend.c: an HTTP server that costs as little as possible, for bench/gateway
 *
 *   backend PORT PATH
 *
 * It listens at both, the port and the path of a Unix socket.
 * GET /small answers 200 bytes, GET /large 1 MiB, anything else takes the body
 * and answers 200 bytes.  Only what the proxies that are measured send is
 * understood: one request after the other, bodies with Content-Length or chunked.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LARGE_BYTES (1 << 20)
#define HEAD_BYTES 8192
#define EVENTS 256

typedef struct Connection
{
	int			fd;
	char		head[HEAD_BYTES];
	size_t		head_length;
	size_t		body_left; /* of the request */
	bool		chunked;   /* the body ends with the last chunk */
	bool		in_body;
	char		tail[5]; /* of a chunked body, to see its end */
	const char *answer;
	size_t		answer_left;
} Connection;

static char	  small[512];
static size_t small_length;
static char	 *large;
static size_t large_length;
static char	  scratch[256 << 10];
static int	  epoll_fd;

static Connection listeners[2]; /* only their descriptors are used */

static void
make_answers(void)
{
	char body[201];
	int	 head;

	memset(body, 's', 200);
	body[200] = '\0';
	small_length = (size_t)
		sprintf(small,
				"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 200\r\n\r\n%s",
				body);
	large = malloc(LARGE_BYTES + 256);
	head =
		sprintf(large, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n",
				LARGE_BYTES);
	memset(large + head, 'l', LARGE_BYTES);
	large_length = (size_t) head + LARGE_BYTES;
}

static void
end(Connection *connection)
{
	close(connection->fd);
	free(connection);
}

static void
watch(Connection *connection, bool for_writing)
{
	struct epoll_event event = {.events = for_writing ? EPOLLOUT : EPOLLIN, .data.ptr = connection};

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

/* False: the connection is gone. */
static bool
send_answer(Connection *connection)
{
	ssize_t sent = send(connection->fd, connection->answer, connection->answer_left, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN)
	{
		end(connection);
		return false;
	}
	sent = sent < 0 ? 0 : sent;
	connection->answer += sent;
	connection->answer_left -= (size_t) sent;
	watch(connection, connection->answer_left > 0);
	return true;
}

static bool
answer(Connection *connection)
{
	bool wants_large = strncmp(connection->head, "GET /large", 10) == 0;

	connection->in_body = false;
	connection->head_length = 0;
	connection->answer = wants_large ? large : small;
	connection->answer_left = wants_large ? large_length : small_length;
	return send_answer(connection);
}

/* Takes bytes of the body; true when it is complete. */
static bool
take_body(Connection *connection, const char *bytes, size_t length)
{
	if (!connection->chunked)
	{
		connection->body_left -= length < connection->body_left ? length : connection->body_left;
		return connection->body_left == 0;
	}
	for (size_t i = length > 5 ? length - 5 : 0; i < length; i++)
	{
		memmove(connection->tail, connection->tail + 1, 4);
		connection->tail[4] = bytes[i];
	}
	return memcmp(connection->tail, "0\r\n\r\n", 5) == 0;
}

static void
take_head(Connection *connection)
{
	char  *stop = memmem(connection->head, connection->head_length, "\r\n\r\n", 4);
	char  *field;
	size_t used;

	if (stop == NULL)
	{
		if (connection->head_length == HEAD_BYTES)
			end(connection);
		return;
	}
	used = (size_t) (stop + 4 - connection->head);
	stop[3] = '\0';
	field = strcasestr(connection->head, "\ncontent-length:");
	connection->body_left = field != NULL ? strtoul(field + 16, NULL, 10) : 0;
	connection->chunked = strcasestr(connection->head, "\ntransfer-encoding:") != NULL;
	memset(connection->tail, 0, sizeof(connection->tail));
	connection->in_body = true;
	if (take_body(connection, connection->head + used, connection->head_length - used) ||
		(!connection->chunked && connection->body_left == 0))
		answer(connection);
}

static void
read_some(Connection *connection)
{
	char   *into = connection->in_body ? scratch : connection->head + connection->head_length;
	size_t	room = connection->in_body ? sizeof(scratch) : HEAD_BYTES - connection->head_length;
	ssize_t got = recv(connection->fd, into, room, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		end(connection);
	else if (!connection->in_body)
	{
		connection->head_length += (size_t) got;
		take_head(connection);
	}
	else if (take_body(connection, scratch, (size_t) got))
		answer(connection);
}

static void
accept_one(int listener)
{
	int				   fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	int				   yes = 1;
	Connection		  *connection;
	struct epoll_event event;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	connection = calloc(1, sizeof(*connection));
	connection->fd = fd;
	event = (struct epoll_event){.events = EPOLLIN, .data.ptr = connection};
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
listen_on(Connection *listener, const struct sockaddr *address, socklen_t length)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
	int				   fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int				   yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, address, length) < 0 || listen(fd, 4096) < 0)
	{
		perror("backend");
		exit(1);
	}
	listener->fd = fd;
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
listen_at_both(const char *port, const char *path)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
								  .sin_port = htons((uint16_t) atoi(port)),
								  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un named = {.sun_family = AF_UNIX};

	strncpy(named.sun_path, path, sizeof(named.sun_path) - 1);
	listen_on(&listeners[0], (struct sockaddr *) &address, sizeof(address));
	listen_on(&listeners[1], (struct sockaddr *) &named, sizeof(named));
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];

	if (argc != 3)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	make_answers();
	epoll_fd = epoll_create1(0);
	listen_at_both(argv[1], argv[2]);
	for (;;)
	{
		int count = epoll_wait(epoll_fd, events, EVENTS, -1);

		for (int i = 0; i < count; i++)
		{
			Connection *connection = events[i].data.ptr;

			if (connection == &listeners[0] || connection == &listeners[1])
				accept_one(connection->fd);
			else if (connection->answer_left > 0)
				send_answer(connection);
			else
				read_some(connection);
		}
	}
}
