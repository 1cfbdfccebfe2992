/*
 * proxy_protocol.c: reads the client's address from the header of a load balancer
 */
#include "net/proxy_protocol.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/span.h"

#define LINE_MAX_BYTES 107 /* of a version 1 header, with its CR LF */
#define FIXED_BYTES 16	   /* of a version 2 header */

static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
#define SIGNATURE_BYTES (sizeof(signature) - 1)

static ProxyResult
bad(const char **problem, const char *why)
{
	*problem = why;
	return PROXY_BAD;
}

/* Do the bytes that have come begin like the text? */
static bool
begins_like(const char *bytes, size_t length, const char *text, size_t text_length)
{
	return memcmp(bytes, text, length < text_length ? length : text_length) == 0;
}

/* Take the next word, up to a blank or to the end. */
static Span
next_word(Span *rest)
{
	const char *blank = memchr(rest->bytes, ' ', rest->length);
	Span		word = {rest->bytes, blank != NULL ? (size_t) (blank - rest->bytes) : rest->length};
	size_t		taken = word.length + (blank != NULL ? 1 : 0);

	*rest = (Span){rest->bytes + taken, rest->length - taken};
	return word;
}

/* Read a port, 0 to 65535, without leading zeros. */
static bool
read_port(Span word, in_port_t *port)
{
	unsigned number = 0;

	if (word.length == 0 || word.length > 5 || (word.length > 1 && word.bytes[0] == '0'))
		return false;
	for (size_t i = 0; i < word.length; i++)
	{
		if (word.bytes[i] < '0' || word.bytes[i] > '9')
			return false;
		number = number * 10 + (unsigned) (word.bytes[i] - '0');
	}
	*port = htons((uint16_t) number);
	return number <= UINT16_MAX;
}

static bool
read_ip(int family, Span word, void *address)
{
	char text[INET6_ADDRSTRLEN];

	if (word.length >= sizeof(text) || memchr(word.bytes, '\0', word.length) != NULL)
		return false;
	memcpy(text, word.bytes, word.length);
	text[word.length] = '\0';
	return inet_pton(family, text, address) == 1;
}

static void
set_client(struct sockaddr_storage *client, sa_family_t family, const void *address, in_port_t port)
{
	memset(client, 0, sizeof(*client));
	client->ss_family = family;
	if (family == AF_INET)
	{
		struct sockaddr_in *in = (struct sockaddr_in *) client;

		memcpy(&in->sin_addr, address, sizeof(in->sin_addr));
		in->sin_port = port;
	}
	else if (family == AF_INET6)
	{
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) client;

		memcpy(&in6->sin6_addr, address, sizeof(in6->sin6_addr));
		in6->sin6_port = port;
	}
}

/* Read SOURCE DESTINATION PORT PORT. */
static bool
read_addresses(sa_family_t family, Span rest, struct sockaddr_storage *client)
{
	struct in6_addr source, destination;
	in_port_t		source_port, destination_port;

	if (!read_ip(family, next_word(&rest), &source) ||
		!read_ip(family, next_word(&rest), &destination) ||
		!read_port(next_word(&rest), &source_port) || !read_port(rest, &destination_port))
		return false;
	set_client(client, family, &source, source_port);
	return true;
}

static ProxyResult
read_line(const char *bytes, size_t length, size_t *used, struct sockaddr_storage *client,
		  const char **problem)
{
	size_t		most = length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES;
	const char *end = memchr(bytes, '\n', most);
	Span		line, family;

	if (end == NULL)
		return most == LINE_MAX_BYTES ? bad(problem, "a PROXY line that is too long") : PROXY_MORE;
	*used = (size_t) (end + 1 - bytes);
	if (end[-1] != '\r' || memchr(bytes, '\r', *used) != end - 1)
		return bad(problem, "a PROXY line with a bad end");
	line = (Span){bytes + 6, *used - 8};
	family = next_word(&line);
	if (span_equals(family, "UNKNOWN"))
		return PROXY_COMPLETE;
	if ((span_equals(family, "TCP4") && read_addresses(AF_INET, line, client)) ||
		(span_equals(family, "TCP6") && read_addresses(AF_INET6, line, client)))
		return PROXY_COMPLETE;
	return bad(problem, "a PROXY line with bad addresses");
}

/* Take the addresses of a version 2 header: source, destination, ports. */
static ProxyResult
take_addresses(unsigned family, const char *bytes, size_t length, struct sockaddr_storage *client,
			   const char **problem)
{
	static const struct
	{
		unsigned	family; /* AF_INET, AF_INET6 or AF_UNIX over a stream */
		sa_family_t ours;
		size_t		size;
		size_t		port_at;
	} kinds[] = {{0x11, AF_INET, 12, 8}, {0x21, AF_INET6, 36, 32}, {0x31, AF_UNIX, 216, 0}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		in_port_t port = 0;

		if (kinds[i].family != family)
			continue;
		if (length < kinds[i].size)
			return bad(problem, "a PROXY header without its addresses");
		if (kinds[i].port_at > 0)
			memcpy(&port, bytes + kinds[i].port_at, sizeof(port));
		set_client(client, kinds[i].ours, bytes, port);
	}
	return PROXY_COMPLETE;
}

static ProxyResult
read_binary(const char *bytes, size_t length, size_t *used, struct sockaddr_storage *client,
			const char **problem)
{
	unsigned version, family;
	size_t	 rest;

	if (length < FIXED_BYTES)
		return PROXY_MORE;
	version = (unsigned char) bytes[12];
	family = (unsigned char) bytes[13];
	rest = (size_t) (unsigned char) bytes[14] << 8 | (unsigned char) bytes[15];
	if (version != 0x20 && version != 0x21)
		return bad(problem, "a PROXY header of another version or command");
	if ((family & 0x0f) > 2 || family >> 4 > 3)
		return bad(problem, "a PROXY header of another family");
	if (FIXED_BYTES + rest > PROXY_HEADER_MAX)
		return bad(problem, "a PROXY header that is too long");
	if (length < FIXED_BYTES + rest)
		return PROXY_MORE;
	*used = FIXED_BYTES + rest;
	/* LOCAL: the load balancer speaks for itself. */
	if (version == 0x20)
		return PROXY_COMPLETE;
	return take_addresses(family, bytes + FIXED_BYTES, rest, client, problem);
}

ProxyResult
proxy_header(const char *bytes, size_t length, size_t *used, struct sockaddr_storage *client,
			 const char **problem)
{
	if (length == 0)
		return PROXY_MORE;
	if (begins_like(bytes, length, signature, SIGNATURE_BYTES))
		return read_binary(bytes, length, used, client, problem);
	if (begins_like(bytes, length, "PROXY ", 6))
		return length < 8 ? PROXY_MORE : read_line(bytes, length, used, client, problem);
	return bad(problem, "no PROXY header");
}
