/*
 * address.c: reads the addresses on which the gateway listens, and the addresses of servers
 */
#include "base/address.h"

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

/* Split at the last colon, and remove brackets around an IPv6 host. */
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
read_port(Span text, uint16_t *port)
{
	unsigned number = 0;

	if (text.length == 0 || text.length > 5)
		return false;
	for (size_t i = 0; i < text.length; i++)
	{
		if (text.bytes[i] < '0' || text.bytes[i] > '9')
			return false;
		number = number * 10 + (unsigned) (text.bytes[i] - '0');
	}
	*port = (uint16_t) number;
	return number <= 65535;
}

/* Read a numeric address. getaddrinfo reads scopes of IPv6 (fe80::1%eth0). */
static bool
read_number(const char *host, Address *address)
{
	struct addrinfo	 hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *found;

	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return false;
	memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

bool
address_is_number(const char *host)
{
	Address address;

	return read_number(host, &address);
}

/*
 * Is host valid as a name? A host whose last part is a number is no name; here it is no valid
 * address either.
 */
static bool
name_valid(const char *host)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	const char		 *last = strrchr(host, '.');

	last = last != NULL ? last + 1 : host;
	return strspn(host, good) == strlen(host) && strspn(last, "0123456789") < strlen(last);
}

void
address_find(Address *address, const struct sockaddr_storage *found)
{
	address->socket = *found;
	if (found->ss_family == AF_INET6)
	{
		((struct sockaddr_in6 *) &address->socket)->sin6_port = htons(address->port);
		address->socket_length = sizeof(struct sockaddr_in6);
	}
	else
	{
		((struct sockaddr_in *) &address->socket)->sin_port = htons(address->port);
		address->socket_length = sizeof(struct sockaddr_in);
	}
}

Address
address_found(const Address *name, const struct sockaddr_storage *found)
{
	Address address = *name;
	char	where[INET6_ADDRSTRLEN + 8];

	address_find(&address, found);
	address_format((const struct sockaddr *) &address.socket, where, sizeof(where));
	snprintf(address.text, sizeof(address.text), "%s%s/%s", name->tls ? "tls:" : "", name->host,
			 where);
	return address;
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
	if (text.length >= ADDRESS_GIVEN_MAX)
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
	if (!read_port(port, &address->port))
	{
		*problem = "the port must be a number from 0 to 65535";
		return false;
	}
	memcpy(address->host, host.bytes, host.length);
	if (read_number(address->host, address))
		address_find(address, &address->socket);
	else if (!name_valid(address->host))
	{
		*problem = "the host is neither an address nor a name";
		return false;
	}
	return true;
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
