/*
 * client_own.h: what the files of a client share, and nobody else may know
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
	CLIENT_LINGERING, /* our side is shut; reading to throw away */
	CLIENT_CLOSED
} ClientPhase;

struct Client
{
	LIST_ENTRY(Client) entry;
	Connection	connection;
	Origin		origin;	  /* of its requests */
	Exchange   *exchange; /* owned; NULL between requests */
	ClientPhase phase;
	bool		named;		/* a header of the PROXY protocol is not awaited */
	bool		unread;		/* linger before closing */
	bool		reset;		/* closing must not look like an end in order */
	bool		spare_line; /* an empty line may come that belongs to no request */
	BodyWait	taking;		/* of what is sent since the present request */
	uint64_t	given;		/* the connection's, when that began */
	size_t		scanned;	/* of the head at the beginning of what is kept */
	size_t		lingered;	/* bytes thrown away */
	unsigned	requests;
	uint64_t	head_since_ms; /* 0: no head has begun, nor an empty line before it come */
	uint64_t	ask_ms;		   /* when to find out whether it is there; 0: not yet known */
	char		host[48];
	char		peer[56];
};

static inline Loop *
client_loop(const Client *client)
{
	return client->origin.proxy->loop;
}

/*
 * client_input.c: two handlers of the connection; who it is; its exchange can take more; and after
 * every event what is next.
 */
extern void	  client_readable(void *client);
extern size_t client_bytes(void *client, const char *bytes, size_t length);
extern void	  client_set_peer(Client *client, const struct sockaddr *peer);
extern void	  client_resume(Client *client);
extern void	  client_settle(Client *client);

/*
 * client_presence.c: has it left?  To be called when it has ended its direction, and now and then;
 * may close it.
 */
extern void client_presence(Client *client, uint64_t now_ms);

/* A handler of the connection. */
extern void client_stirred(void *client, short events);

/* It is gone, and all it wanted with it. */
extern void client_left(Client *client);

/* Does its end, by the settings, mean that it is gone? */
extern bool client_leaves_by_end(const Client *client);

/*
 * client.c: refuses what is no request, with a line for the access log, and closes when that is sent.
 * Who did not get so far as to be told anything is closed at once.
 */
extern void client_refuse(Client *client, unsigned status, const char *text, unsigned retry_after);

#endif /* GATEWAY_PROXY_CLIENT_OWN_H */
