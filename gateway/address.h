/*
 * address.h: where to listen and where servers are
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "span.h"

#define ADDRESS_TEXT_MAX 128

typedef struct Address
{
	struct sockaddr_storage socket;
	socklen_t				socket_length;
	bool					tls;
	bool					proxy; /* clients come with a header of the PROXY protocol */
	char					text[ADDRESS_TEXT_MAX]; /* as it was written, for logs */
	char					host[ADDRESS_TEXT_MAX]; /* of these the host; "": a path */
} Address;

/* What may stand before an address. */
#define ADDRESS_PLAIN 0
#define ADDRESS_TLS 1	/* tls: */
#define ADDRESS_PROXY 2 /* proxy: */

/*
 * Reads host:port, [ipv6]:port or unix:/path, behind the prefixes that are
 * allowed.  Names are looked up, which blocks: for the start only.  On false,
 * problem (borrowed, static) says why.
 */
extern bool address_parse(Span text, unsigned allowed, Address *address, const char **problem);

/* The text form of what a socket is bound or connected to: 1.2.3.4:80, [::1]:80, unix. */
extern void address_format(const struct sockaddr *socket, char *text, size_t size);

/* The host alone, without port or brackets: for X-Forwarded-For. */
extern void address_host(const struct sockaddr *socket, char *text, size_t size);

#endif /* ADDRESS_H */
