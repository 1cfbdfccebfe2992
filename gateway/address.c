/*
 * address.c: where to listen and where servers are
 */
#include "address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static bool
parse_unix(Span path, Address *address, const char **problem)
{
	struct sockaddr_un *socket = (struct sockaddr_un *) &address->socket;

	if (path.length == 0 || path.bytes[0] != '/')
	{
		*problem = "the path of a Unix socket must be absolute";
		return false;
	}
	if (path.length >= sizeof(socket->sun_path))
	{
		*problem = "the path of the Unix socket is too long";
		return false;
	}
	socket->sun_family = AF_UNIX;
	memcpy(socket->sun_path, path.bytes, path.length);
	address->socket_length = sizeof(*socket);
	return true;
}

/* Splits at the last colon; brackets round an IPv6 host are taken off. */
static bool
split_port(Span text, Span *host, Span *port)
{
	size_t colon = text.length;

	while (colon > 0 && text.bytes[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return false;
	*host = (Span){text.bytes, colon - 1};
	*port = (Span){text.bytes + colon, text.length - colon};
	if (host->length >= 2 && host->bytes[0] == '[' && host->bytes[host->length - 1] == ']')
		*host = (Span){host->bytes + 1, host->length - 2};
	else if (memchr(host->bytes, ':', host->length) != NULL)
		return false;
	return host->length > 0;
}

static bool
port_valid(Span port)
{
	unsigned number = 0;

	if (port.length == 0 || port.length > 5)
		return false;
	for (size_t i = 0; i < port.length; i++)
	{
		if (port.bytes[i] < '0' || port.bytes[i] > '9')
			return false;
		number = number * 10 + (unsigned) (port.bytes[i] - '0');
	}
	return number <= 65535;
}

static bool
look_up(Span host, Span port, Address *address, const char **problem)
{
	struct addrinfo	 hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char			 name[ADDRESS_TEXT_MAX];
	char			 service[8];
	int				 result;

	snprintf(name, sizeof(name), "%.*s", (int) host.length, host.bytes);
	snprintf(service, sizeof(service), "%.*s", (int) port.length, port.bytes);
	result = getaddrinfo(name, service, &hints, &found);
	if (result != 0)
	{
		*problem = gai_strerror(result);
		return false;
	}
	memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
	address->socket_length = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static bool
take_prefix(Span *text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (text->length < length || memcmp(text->bytes, prefix, length) != 0)
		return false;
	*text = (Span){text->bytes + length, text->length - length};
	return true;
}

bool
address_parse(Span text, unsigned allowed, Address *address, const char **problem)
{
	Span host;
	Span port;

	memset(address, 0, sizeof(*address));
	if (text.length >= sizeof(address->text))
	{
		*problem = "it is too long";
		return false;
	}
	memcpy(address->text, text.bytes, text.length);

	address->proxy = (allowed & ADDRESS_PROXY) != 0 && take_prefix(&text, "proxy:");
	address->tls = (allowed & ADDRESS_TLS) != 0 && take_prefix(&text, "tls:");
	if (text.length > 5 && memcmp(text.bytes, "unix:", 5) == 0)
		return parse_unix((Span){text.bytes + 5, text.length - 5}, address, problem);
	if (!split_port(text, &host, &port))
	{
		*problem = "expected host:port, [ipv6]:port or unix:/path";
		return false;
	}
	if (!port_valid(port))
	{
		*problem = "the port must be a number from 0 to 65535";
		return false;
	}
	memcpy(address->host, host.bytes, host.length);
	return look_up(host, port, address, problem);
}

void
address_host(const struct sockaddr *socket, char *text, size_t size)
{
	text[0] = '\0';
	if (socket->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *) socket)->sin_addr, text, (socklen_t) size);
	else if (socket->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *) socket)->sin6_addr, text,
				  (socklen_t) size);
	else
		snprintf(text, size, "unix");
}

void
address_format(const struct sockaddr *socket, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN];

	address_host(socket, host, sizeof(host));
	if (socket->sa_family == AF_INET)
		snprintf(text, size, "%s:%u", host, ntohs(((const struct sockaddr_in *) socket)->sin_port));
	else if (socket->sa_family == AF_INET6)
		snprintf(text, size, "[%s]:%u", host,
				 ntohs(((const struct sockaddr_in6 *) socket)->sin6_port));
	else
		snprintf(text, size, "unix");
}
