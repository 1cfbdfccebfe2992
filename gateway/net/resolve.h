/*
 * resolve.h: looks names up without blocking the loop
 *
 * Names are looked up by getaddrinfo in threads, not by libevent's evdns. So a name means the same
 * here as in every other program of the machine (nsswitch.conf: files, DNS, mDNS, SSSD,
 * systemd-resolved). A thread uses nothing but its own look-up, and ends with it.
 */
#ifndef GATEWAY_NET_RESOLVE_H
#define GATEWAY_NET_RESOLVE_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define RESOLVE_ADDRESSES_MOST 16 /* of one name; further addresses are left out */

struct event_base;

typedef struct Resolution
{
	const char			   *problem; /* static; NULL: there are addresses */
	size_t					count;	 /* each address comes once, and without a port */
	struct sockaddr_storage addresses[RESOLVE_ADDRESSES_MOST];
} Resolution;

/* Look a name up at once, which blocks. */
extern void resolve_now(const char *name, Resolution *resolution);

typedef struct Resolver Resolver;

/* resolution is borrowed for the call. */
typedef void (*Resolved)(void *context, const Resolution *resolution);

extern Resolver *resolver_new(struct event_base *base);

/* Free the resolver. The look-ups that are under way end, and done is not called for them. */
extern void resolver_free(Resolver *resolver);

/*
 * Look a name up. done is called once, from the loop. At most RESOLVE_THREADS_MOST look-ups are
 * under way at once; others wait.
 */
extern void resolver_ask(Resolver *resolver, const char *name, Resolved done, void *context);

#endif /* GATEWAY_NET_RESOLVE_H */
