/*
 * client_own.h: the client's own structure, for the files of a client alone
 */
#ifndef GATEWAY_PROXY_CLIENT_OWN_H
#define GATEWAY_PROXY_CLIENT_OWN_H

#include "config/limit.h"
#include "proxy/client.h"
#include "proxy/relay.h"

typedef enum ClientPhase
{
	CLIENT_OPEN,	  /* between heads, or with an exchange */
	CLIENT_CLOSING,	  /* the last answer is being sent */
	CLIENT_LINGERING, /* our direction is shut; what comes is thrown away */
	CLIENT_CLOSED
} ClientPhase;

struct Client
{
	LIST_ENTRY(Client) entry;
	Connection	connection;
	Origin		origin;	  /* origin of the client's requests */
	Exchange   *exchange; /* owned; NULL between requests */
	ClientPhase phase;
	bool		named;		/* no header of the PROXY protocol is awaited */
	bool		unread;		/* the request is not read to its end: linger before closing */
	bool		reset;		/* close with a reset, so that it does not look like an orderly end */
	bool		spare_line; /* an empty line that belongs to no request may come */
	BodyWait	taking;		/* how fast the client takes what is sent since the present request */
	uint64_t	given;		/* the connection's given when that wait began */
	size_t		scanned;	/* bytes of the kept head's beginning that were scanned */
	size_t		lingered;	/* bytes thrown away while lingering */
	unsigned	requests;
	uint64_t	head_since_ms; /* 0: no head, nor an empty line before it, has begun */
	uint64_t	ask_ms;		   /* when to ask whether the client is still there; 0: not yet known */
	char		host[48];
	char		peer[56];
};

static inline Loop *
client_loop(const Client *client)
{
	return client->origin.proxy->loop;
}

/*
 * client_input.c: two handlers of the connection, a function that tells who the client is, the
 * handler for an exchange that can take more of its body, and the function that decides after
 * every event what is next.
 */
extern void	  client_readable(void *client);
extern size_t client_bytes(void *client, const char *bytes, size_t length);
extern void	  client_set_peer(Client *client, const struct sockaddr *peer);
extern void	  client_resume(Client *client);
extern void	  client_settle(Client *client);

/*
 * client_presence.c: find out whether the client has left. To be called when the client has
 * ended its direction, and now and then. May close the connection.
 */
extern void client_presence(Client *client, uint64_t now_ms);

/* A handler of the connection. */
extern void client_stirred(void *client, short events);

/* Close the connection of a client that is gone, and abort its exchange. */
extern void client_left(Client *client);

/* Does the end of the client's direction mean, by the settings, that the client is gone? */
extern bool client_leaves_by_end(const Client *client);

/*
 * client.c: refuse bytes that are no request, with a line in the access log, and close when the
 * answer is sent. A client that can't be told anything yet is closed at once.
 */
extern void client_refuse(Client *client, unsigned status, const char *text, unsigned retry_after);

#endif /* GATEWAY_PROXY_CLIENT_OWN_H */
