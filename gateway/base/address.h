/*
 * address.h: where to listen and where servers are
 */
#ifndef GATEWAY_BASE_ADDRESS_H
#define GATEWAY_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/span.h"

#define ADDRESS_TEXT_MAX 208
#define ADDRESS_GIVEN_MAX 128 /* as it was written; where a name led to makes it longer */

typedef struct Address
{
	struct sockaddr_storage socket;
	socklen_t				socket_length; /* 0: a name, not looked up */
	uint16_t				port;
	bool					tls;
	bool					proxy; /* clients come with a header of the PROXY protocol */
	char					text[ADDRESS_TEXT_MAX];	 /* as it was written, for logs */
	char					host[ADDRESS_GIVEN_MAX]; /* of these the host; "": a path */
} Address;

/* What may stand before an address. */
#define ADDRESS_PLAIN 0
#define ADDRESS_TLS 1	/* tls: */
#define ADDRESS_PROXY 2 /* proxy: */

/*
 * Reads host:port, [ipv6]:port or unix:/path, behind the prefixes that are
 * allowed.  Names are not looked up here.  On false, problem (borrowed,
 * static) says why.
 */
extern bool address_parse(Span text, unsigned allowed, Address *address, const char **problem);

/* Is a host the number of an address, and not a name? */
extern bool address_is_number(const char *host);

/* A name was found at an address, of either family; its port does not count. */
extern void address_find(Address *address, const struct sockaddr_storage *found);

/* The same, and the text says where. */
extern Address address_found(const Address *name, const struct sockaddr_storage *found);

/* The text form of what a socket is bound or connected to: 1.2.3.4:80, [::1]:80, unix. */
extern void address_format(const struct sockaddr *socket, char *text, size_t size);

/* The host alone, without port or brackets: for X-Forwarded-For. */
extern void address_host(const struct sockaddr *socket, char *text, size_t size);

#endif /* GATEWAY_BASE_ADDRESS_H */
