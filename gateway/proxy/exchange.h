/*
 * exchange.h: a request on its way to a server, and its answer on the way back
 *
 * This file has the parts of a request and the actions on it. relay.h has the events of a
 * request, and what the gateway does at each.
 */
#ifndef GATEWAY_PROXY_EXCHANGE_H
#define GATEWAY_PROXY_EXCHANGE_H

#include "config/limit.h"
#include "http/message.h"
#include "journey/traveller.h"
#include "lookup/lookup.h"
#include "proxy/access_log.h"
#include "proxy/origin.h"
#include "proxy/pool.h"
#include "proxy/replay.h"

/* The handlers for the events of an exchange. */
typedef struct ExchangeHandlers
{
	const AskerHandlers		*asker;
	const TravellerHandlers *traveller;
	const UpstreamHandlers	*upstream;
} ExchangeHandlers;

typedef struct Exchange
{
	const Origin *origin;	  /* borrowed; its client is the owner */
	Upstream	 *upstream;	  /* owned; NULL while the request is held */
	UpstreamTask  task;		  /* of the upstream */
	Search		  search;	  /* search for a server of its side */
	Buffer		  head;		  /* the request's head as it came, to be sent again */
	Replay		  kept;		  /* its body as it was sent on, to be sent again */
	Message		  request;	  /* parses the request's body */
	BodyWait	  body_wait;  /* how fast the request's body comes */
	const Head	 *fresh_head; /* the parsed head, only during relay_start */
	uint16_t	  failure;	  /* why it was sent again: the status if no server is left */
	uint8_t		  retries;	  /* how often it was sent to another server */
	uint8_t		  strayed;	  /* answers of 421 so far */
	uint8_t		  client_minor;
	uint8_t		  framing; /* of the answer, a Framing */
	bool		  over;
	bool		  replayable; /* kept has all of the body so far */
	bool		  idempotent;
	bool		  safe;		  /* sending it again on another side does no harm */
	bool		  endless;	  /* its answer has no end (stream.h) */
	bool		  keep_alive; /* the client wants to keep the connection */
	bool		  chunked;	  /* the request's body is chunked */
	bool		  request_done;
	bool		  answering;	/* the head of the answer is there */
	bool		  answer_sent;	/* some of the answer went to the client */
	bool		  server_keeps; /* the server keeps its connection */
	bool		  client_ended; /* the client of a tunnel sends no more */
	bool		  server_ended; /* the server of a tunnel sends no more */
	bool		  pass_421;
	bool		  anonymous;	  /* no user was known when the request came */
	bool		  named;		  /* a 421 named the user whose journey it has joined */
	bool		  gives_position; /* the answer's visitor cookie has the position */
	uint16_t	  position;
	uint64_t	  starved_until_ms; /* it waits for a connection until then; 0: it does not wait */
	uint8_t		  uid_place;		/* which place of uid the value that is asked about is from */
	AccessRecord  record;
	Asker		  asker;	 /* in a look-up of its user */
	Traveller	  traveller; /* in the journey of its user */
} Exchange;

/* Return a new exchange. head and raw are borrowed for the call; message is taken over. */
extern Exchange *exchange_new(const Origin *origin, const Head *head, Span raw,
							  const Message *message, const ExchangeHandlers *handlers);

/* End the exchange of a client that is gone. */
extern void exchange_abort(Exchange *exchange);

/* Has the exchange become a tunnel (tunnel.h)? */
static inline bool
exchange_is_tunnel(const Exchange *exchange)
{
	return exchange->traveller.tunnel;
}

static inline Loop *
exchange_loop(const Exchange *exchange)
{
	return exchange->origin->proxy->loop;
}

/* Set the user of the request, in canonical form. */
extern void exchange_of_user(Exchange *exchange, Span uid);

/* Return the uid type of the release. */
extern UidType exchange_uid_type(const Exchange *exchange);

/* Return the request's head, parsed again. It is valid until the next such call. */
extern const Head *exchange_request(const Exchange *exchange);

/* Return the request's first line, quoted for the log. */
extern const char *exchange_line(const Exchange *exchange);

/*
 * To a server
 */

/* Send the request to a server of the side. */
extern void exchange_go(Exchange *exchange, Side side);

/* Send the request once more. fresh: not on a connection that was kept alive. */
extern void exchange_send(Exchange *exchange, bool fresh);

/* Return a connection to a server that the request has not tried, or NULL. */
extern Upstream *exchange_take_upstream(Exchange *exchange, bool fresh);

/* Send the head and the kept body on a connection. */
extern void exchange_send_on(Exchange *exchange, Upstream *upstream);

/* Let a request that has no connection wait until there may be one. */
extern void exchange_wait(Exchange *exchange);

/* Take the request from its server. */
extern void exchange_drop_upstream(Exchange *exchange);

/* Go on when the request's server can take more. */
extern void exchange_drained(Exchange *exchange);

/* Can the exchange take more of its body? */
extern bool exchange_takes_body(const Exchange *exchange);

/* May the request be sent once more after it was sent? */
extern bool exchange_repeatable(const Exchange *exchange);

/*
 * To the client. Each function may end the exchange.
 */

/* End the exchange: the answer is complete. reusable: the server's connection is clean, too. */
extern void exchange_answered(Exchange *exchange, bool reusable);

/* End the exchange with an answer of our own, if that is still possible. */
extern void exchange_fail(Exchange *exchange, unsigned status, const char *text);

/*
 * End an exchange whose answer has begun and goes no further. The client sees that the answer
 * is not whole.
 */
extern void exchange_cut(Exchange *exchange, const char *why);

#endif /* GATEWAY_PROXY_EXCHANGE_H */
