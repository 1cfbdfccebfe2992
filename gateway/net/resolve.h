/*
 * resolve.h: looks names up without blocking the loop
 *
 * By getaddrinfo in threads, and not by libevent's evdns: so a name means here what it means to
 * every other program of the machine (nsswitch.conf: files, DNS, mDNS, SSSD, systemd-resolved).
 * A thread touches nothing but its own look-up, and lives as long as that.
 */
#ifndef GATEWAY_NET_RESOLVE_H
#define GATEWAY_NET_RESOLVE_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define RESOLVE_ADDRESSES_MOST 16 /* of one name; further ones are left out */

struct event_base;

typedef struct Resolution
{
	const char			   *problem; /* static; NULL: there are addresses */
	size_t					count;	 /* none of them twice; without a port */
	struct sockaddr_storage addresses[RESOLVE_ADDRESSES_MOST];
} Resolution;

/* Looks a name up here and now, which blocks. */
extern void resolve_now(const char *name, Resolution *resolution);

typedef struct Resolver Resolver;

/* resolution is borrowed for the call. */
typedef void (*Resolved)(void *context, const Resolution *resolution);

extern Resolver *resolver_new(struct event_base *base);

/* Look-ups that are under way end without a word. */
extern void resolver_free(Resolver *resolver);

/*
 * Looks a name up; done is called once, from the loop.  So many are under way at once, as
 * RESOLVE_THREADS_MOST says; others wait.
 */
extern void resolver_ask(Resolver *resolver, const char *name, Resolved done, void *context);

#endif /* GATEWAY_NET_RESOLVE_H */
