/*
 * proxy_protocol.h: reads the client's address from the header of a load balancer
 *
 * The PROXY protocol, versions 1 and 2, is described in HAProxy's proxy-protocol.txt. Its header
 * comes before the first byte of the client. Pure code.
 */
#ifndef GATEWAY_NET_PROXY_PROTOCOL_H
#define GATEWAY_NET_PROXY_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The greatest length of a version 2 header with its extensions that the gateway accepts. */
#define PROXY_HEADER_MAX 4096

typedef enum ProxyResult
{
	PROXY_COMPLETE, /* *used is the header's length */
	PROXY_MORE,
	PROXY_BAD /* problem says why */
} ProxyResult;

/*
 * Take a header off the front. client is set if the header names a client. It is left alone if not
 * (UNKNOWN, LOCAL, and connections other than TCP or Unix streams).
 */
extern ProxyResult proxy_header(const char *bytes, size_t length, size_t *used,
								struct sockaddr_storage *client, const char **problem);

#endif /* GATEWAY_NET_PROXY_PROTOCOL_H */
