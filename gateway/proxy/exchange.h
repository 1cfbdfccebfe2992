/*
 * exchange.h: one request on its way to a server, and its answer on the way back
 *
 * Life: started (head read) -> held by its user's journey, or not -> gone to
 * a side -> answering (head of the answer sent on) -> over.  On the way it may
 * go again: to another server when one cannot be reached or, if that does no
 * harm, does not answer; on a fresh connection when a kept-alive one was
 * stale; to the other side after a 421.
 */
#ifndef GATEWAY_PROXY_EXCHANGE_H
#define GATEWAY_PROXY_EXCHANGE_H

#include <sys/queue.h>

#include "base/buffer.h"
#include "config/limit.h"
#include "http/message.h"
#include "journey/traveller.h"
#include "lookup/lookup.h"
#include "proxy/client.h"
#include "proxy/replay.h"
#include "user/uid.h"

struct Pipe;
struct Pool;
struct Tunnel;
struct Upstream;

/* A part of Exchange.head. */
typedef struct HeadPart
{
	uint32_t offset;
	uint32_t length;
} HeadPart;

/* What the access log wants to know.  Only kept when there is one. */
typedef struct ExchangeRecord
{
	HeadPart	line;
	HeadPart	referer;
	HeadPart	agent;
	uint64_t	began_us;
	uint64_t	first_byte_us; /* of the answer from the server */
	uint64_t	answer_bytes;
	uint64_t	uid_hash;
	const char *server; /* borrowed from its pool; NULL: it went to none */
	uint16_t	status; /* 0: no answer was begun */
	bool		has_uid;
	bool		complete;
} ExchangeRecord;

typedef struct Exchange
{
	Client			*client;	 /* its owner */
	struct Upstream *upstream;	 /* owned; NULL while held */
	struct Tunnel	*tunnel;	 /* owned; NULL: none */
	struct Pipe		*pipe;		 /* owned; NULL: nothing of the answer waits in one */
	struct Pipe		*upload;	 /* the same of the request's body */
	Buffer			 head;		 /* the request's head as it came, to go again */
	Replay			 kept;		 /* its body as it was sent on, to go again */
	Message			 request;	 /* parses the request's body */
	BodyWait		 body_wait;	 /* for that body */
	const Head		*fresh_head; /* head parsed, only during exchange_start */
	uint64_t		 tried;		 /* servers of its side that failed, by bit */
	uint32_t		 bits;		 /* the pool's, when these were set */
	uint16_t		 failure;	 /* why it was sent again: the status if no server is left */
	uint8_t			 retries;	 /* how often it was sent to another server */
	uint8_t			 strayed;	 /* answers of 421 so far */
	uint8_t			 client_minor;
	uint8_t			 framing; /* Framing of the answer */
	bool			 over;
	bool			 replayable; /* kept has all of the body so far */
	bool			 is_head;	 /* method HEAD */
	bool			 idempotent;
	bool			 safe;		 /* sent again on another side it does no harm */
	bool			 endless;	 /* its answer has no end (stream.h) */
	bool			 upgrade;	 /* the server was asked to switch protocols */
	bool			 keep_alive; /* the client's wish */
	bool			 chunked;	 /* the request's body */
	bool			 request_done;
	bool			 answering;	   /* the head of the answer is there */
	bool			 answer_sent;  /* some of it went to the client */
	bool			 server_keeps; /* the server keeps its connection */
	bool			 splices;	   /* the body of the answer goes through a pipe */
	bool			 pass_421;
	bool			 anonymous;		 /* no user was known when it came */
	bool			 named;			 /* a 421 said whose it is: its journey's */
	bool			 gives_position; /* with the answer, in the visitor's cookie */
	uint16_t		 position;
	bool			 starved;		   /* no connection, for what this machine lacks */
	uint64_t		 starved_until_ms; /* it waits for one; 0: it does not */

	ExchangeRecord record;

	Asker	  asker;	 /* for its user */
	uint8_t	  uid_place; /* where the value is from by which it asks */
	Traveller traveller; /* with others of its user */
} Exchange;

typedef enum ExchangeHead
{
	EXCHANGE_PASSED, /* go on with the body */
	EXCHANGE_WAIT	 /* keep the answer unread until upstream_resume */
} ExchangeHead;

/* From the client. head and message are borrowed for the call. */
extern Exchange	 *exchange_new(Client *client, const Head *head, Span raw, const Message *message);
extern void		  exchange_start(Exchange *exchange, const Head *head);
extern bool		  exchange_takes_body(const Exchange *exchange);
extern BodyResult exchange_take_body(Exchange *exchange, const char *bytes, size_t length,
									 size_t *used);
extern void		  exchange_client_drained(Exchange *exchange);
extern void		  exchange_abort(Exchange *exchange);
extern void		  exchange_sweep(Exchange *exchange, uint64_t now_ms);

/*
 * Have the bytes of its body to be kept as they are sent on?  If not, they may go on unseen.
 * Once not, never again.
 */
extern bool exchange_keeps_body(const Exchange *exchange);

/* Ends the exchange with an answer of our own, if that is still possible. */
extern void exchange_fail(Exchange *exchange, unsigned status, const char *text);

/* Sends it to a server of the side. */
extern void exchange_go(Exchange *exchange, Side side);

/* Whose request it is, in canonical form. */
extern void exchange_of_user(Exchange *exchange, Span uid);

/* From the retry: sends head and kept body on a connection; or on one to the best server. */
extern void exchange_send_on(Exchange *exchange, struct Upstream *upstream);
extern void exchange_send(Exchange *exchange, bool fresh);

/* It has no connection, and waits until there may be one. */
extern void exchange_wait(Exchange *exchange);
/* The request's head, parsed again; good until the next such call. */
extern const Head *exchange_request(const Exchange *exchange);

/* The request's first line, quoted for the log. */
extern const char *exchange_line(const Exchange *exchange);

/* From the upstream. */
extern ExchangeHead exchange_head(Exchange *exchange, const Head *head);
extern void			exchange_body(void *exchange, const char *bytes, size_t length);
extern void			exchange_answered(Exchange *exchange, bool reusable);
extern void			exchange_drained(Exchange *exchange);

#endif /* GATEWAY_PROXY_EXCHANGE_H */
