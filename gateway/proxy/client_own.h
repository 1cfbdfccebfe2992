/*
 * client_own.h: what the files of a client share, and nobody else may know
 */
#ifndef GATEWAY_PROXY_CLIENT_OWN_H
#define GATEWAY_PROXY_CLIENT_OWN_H

#include "base/buffer.h"
#include "config/limit.h"
#include "net/channel.h"
#include "proxy/client.h"
#include "proxy/exchange.h"

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
	Proxy		 *proxy;
	Exchange	 *exchange; /* owned; NULL between requests */
	struct event  read_event;
	struct event *write_event; /* owned; NULL: nothing waits to be sent */
	Channel		  channel;
	ClientPhase	  phase;
	bool		  named;   /* a header of the PROXY protocol is not awaited */
	bool		  reading; /* read_event is added */
	bool		  watched; /* it is, and only tells that something has come */
	bool		  at_end;  /* the client sends no more */
	bool		  feeding; /* feed is on the stack */
	bool		  unread;  /* linger before closing */
	bool		  shut;	   /* when all is sent, say that no more comes */
	bool		  reset;   /* closing must not look like an end in order */
	bool		  tls;
	bool		  spare_line; /* an empty line may come that belongs to no request */
	Buffer		  in;		  /* read, not used yet */
	Buffer		  out;		  /* to be sent */
	BodyWait	  taking;	  /* of what is sent since the present request */
	size_t		  scanned;	  /* of the head at the beginning of in */
	size_t		  lingered;	  /* bytes thrown away */
	unsigned	  requests;
	uint64_t	  active_ms;
	uint64_t	  head_since_ms; /* 0: no head has begun, nor an empty line before it come */
	uint64_t	  ask_ms;		 /* when to find out whether it is there; 0: not yet known */
	char		  host[48];
	char		  peer[56];
};

/*
 * client_input.c: the read event; who it is; whether to read; TLS no longer has to send before
 * that; and after every event what is next.
 */
extern void client_readable(evutil_socket_t fd, short what, void *client);
extern void client_set_peer(Client *client, const struct sockaddr *peer);
extern void client_want_reading(Client *client, bool want);
extern void client_reads_again(Client *client);
extern void client_settle(Client *client);

/*
 * client_presence.c: has it left?  To be called when it has ended its direction, and now and then;
 * may close it.
 */
extern void client_presence(Client *client, uint64_t now_ms);
extern void client_unwatch(Client *client);

/* It is gone, and all it wanted with it. */
extern void client_left(Client *client);

/* Does its end, by the settings, mean that it is gone? */
extern bool client_leaves_by_end(const Client *client);

/* client.c: calls when the socket can be written. */
extern void client_want_writing(Client *client);

#endif /* GATEWAY_PROXY_CLIENT_OWN_H */
