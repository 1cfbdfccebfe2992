/*
 * exchange.h: one request on its way to a server, and its answer on the way back
 *
 * Here is what a request has, and what can be done with it.  What happens to it, and what follows
 * of that, is in relay.h.
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

/* Who is told what happens to it. */
typedef struct ExchangeHandlers
{
	const AskerHandlers		*asker;
	const TravellerHandlers *traveller;
	const UpstreamHandlers	*upstream;
} ExchangeHandlers;

typedef struct Exchange
{
	const Origin *origin;	  /* borrowed; its client is the owner */
	Upstream	 *upstream;	  /* owned; NULL while held */
	UpstreamTask  task;		  /* for that */
	Search		  search;	  /* for a server of its side */
	Buffer		  head;		  /* the request's head as it came, to go again */
	Replay		  kept;		  /* its body as it was sent on, to go again */
	Message		  request;	  /* parses the request's body */
	BodyWait	  body_wait;  /* for that body */
	const Head	 *fresh_head; /* head parsed, only during relay_start */
	uint16_t	  failure;	  /* why it was sent again: the status if no server is left */
	uint8_t		  retries;	  /* how often it was sent to another server */
	uint8_t		  strayed;	  /* answers of 421 so far */
	uint8_t		  client_minor;
	uint8_t		  framing; /* Framing of the answer */
	bool		  over;
	bool		  replayable; /* kept has all of the body so far */
	bool		  idempotent;
	bool		  safe;		  /* sent again on another side it does no harm */
	bool		  endless;	  /* its answer has no end (stream.h) */
	bool		  keep_alive; /* the client's wish */
	bool		  chunked;	  /* the request's body */
	bool		  request_done;
	bool		  answering;	/* the head of the answer is there */
	bool		  answer_sent;	/* some of it went to the client */
	bool		  server_keeps; /* the server keeps its connection */
	bool		  client_ended; /* of a tunnel: that side sends no more */
	bool		  server_ended; /* likewise */
	bool		  pass_421;
	bool		  anonymous;	  /* no user was known when it came */
	bool		  named;		  /* a 421 said whose it is: its journey's */
	bool		  gives_position; /* with the answer, in the visitor's cookie */
	uint16_t	  position;
	uint64_t	  starved_until_ms; /* it waits for a connection; 0: it does not */
	uint8_t		  uid_place;		/* where the value is from by which it asks */
	AccessRecord  record;
	Asker		  asker;	 /* for its user */
	Traveller	  traveller; /* with others of its user */
} Exchange;

/* head and raw are borrowed for the call; message is taken over. */
extern Exchange *exchange_new(const Origin *origin, const Head *head, Span raw,
							  const Message *message, const ExchangeHandlers *handlers);

/* The client is gone. */
extern void exchange_abort(Exchange *exchange);

/* Has it become a tunnel (tunnel.h)? */
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

/* Whose request it is, in canonical form. */
extern void exchange_of_user(Exchange *exchange, Span uid);

/* Of the release's users. */
extern UidType exchange_uid_type(const Exchange *exchange);

/* The request's head, parsed again; good until the next such call. */
extern const Head *exchange_request(const Exchange *exchange);

/* The request's first line, quoted for the log. */
extern const char *exchange_line(const Exchange *exchange);

/*
 * To a server
 */

/* Sends it to a server of the side. */
extern void exchange_go(Exchange *exchange, Side side);

/* The same once more; fresh: on no connection that was kept alive. */
extern void exchange_send(Exchange *exchange, bool fresh);

/* A connection to a server that it has not tried, or NULL. */
extern Upstream *exchange_take_upstream(Exchange *exchange, bool fresh);

/* Sends head and kept body on a connection. */
extern void exchange_send_on(Exchange *exchange, Upstream *upstream);

/* It has no connection, and waits until there may be one. */
extern void exchange_wait(Exchange *exchange);

/* Takes it from its server. */
extern void exchange_drop_upstream(Exchange *exchange);

/* Its server can take more. */
extern void exchange_drained(Exchange *exchange);

/* Can it take more of its body? */
extern bool exchange_takes_body(const Exchange *exchange);

/* May the request be sent once more after it was sent? */
extern bool exchange_repeatable(const Exchange *exchange);

/*
 * To the client.  Each may end it.
 */

/* The answer is complete; reusable: so is its connection clean. */
extern void exchange_answered(Exchange *exchange, bool reusable);

/* Ends it with an answer of our own, if that is still possible. */
extern void exchange_fail(Exchange *exchange, unsigned status, const char *text);

/* The answer has begun and goes no further: the client sees that it is not whole. */
extern void exchange_cut(Exchange *exchange, const char *why);

#endif /* GATEWAY_PROXY_EXCHANGE_H */
