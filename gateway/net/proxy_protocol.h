/*
 * proxy_protocol.h: who a client is, said by a load balancer in front
 *
 * The PROXY protocol, versions 1 and 2, as HAProxy's proxy-protocol.txt has
 * it: a header before the first byte of the client.  Pure code.
 */
#ifndef GATEWAY_NET_PROXY_PROTOCOL_H
#define GATEWAY_NET_PROXY_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* A header of version 2 with its extensions may be that long here. */
#define PROXY_HEADER_MAX 4096

typedef enum ProxyResult
{
	PROXY_COMPLETE, /* used says how long it is */
	PROXY_MORE,
	PROXY_BAD /* problem says why */
} ProxyResult;

/*
 * Takes a header off the front.  client is set if the header names one, and
 * left alone if not (UNKNOWN, LOCAL, and what is not a TCP or Unix stream).
 */
extern ProxyResult proxy_header(const char *bytes, size_t length, size_t *used,
								struct sockaddr_storage *client, const char **problem);

#endif /* GATEWAY_NET_PROXY_PROTOCOL_H */
