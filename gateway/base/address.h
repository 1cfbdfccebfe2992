/*
 * address.h: reads the addresses on which the gateway listens, and the addresses of servers
 */
#ifndef GATEWAY_BASE_ADDRESS_H
#define GATEWAY_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/span.h"

#define ADDRESS_TEXT_MAX 208
#define ADDRESS_GIVEN_MAX 128 /* as in the settings; address_found makes the text longer */

typedef struct Address
{
	struct sockaddr_storage socket;
	socklen_t				socket_length; /* 0: a name that was not looked up */
	uint16_t				port;
	bool					tls;
	bool					proxy; /* clients send a header of the PROXY protocol */
	char					text[ADDRESS_TEXT_MAX];	 /* the address as in the settings, for logs */
	char					host[ADDRESS_GIVEN_MAX]; /* the host within text; "": a path */
} Address;

/* The prefixes that an address may have. */
#define ADDRESS_PLAIN 0
#define ADDRESS_TLS 1	/* tls: */
#define ADDRESS_PROXY 2 /* proxy: */

/*
 * Read host:port, [ipv6]:port or unix:/path, behind the allowed prefixes. Names are not looked up
 * here. On false, problem (borrowed, static) says why.
 */
extern bool address_parse(Span text, unsigned allowed, Address *address, const char **problem);

/* Is host a numeric address, and not a name? */
extern bool address_is_number(const char *host);

/*
 * Put the address that was found for a name, of either family, into address. The port of found
 * does not count.
 */
extern void address_find(Address *address, const struct sockaddr_storage *found);

/* Return name with the address that was found. The text has the address, too. */
extern Address address_found(const Address *name, const struct sockaddr_storage *found);

/*
 * Write the text form of the address that a socket is bound or connected to: 1.2.3.4:80, [::1]:80,
 * unix.
 */
extern void address_format(const struct sockaddr *socket, char *text, size_t size);

/* Write the host alone, without port or brackets, for X-Forwarded-For. */
extern void address_host(const struct sockaddr *socket, char *text, size_t size);

#endif /* GATEWAY_BASE_ADDRESS_H */
