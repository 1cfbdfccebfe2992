/*
 * forward.h: builds the head that goes on to the other side
 *
 * The functions are pure. They leave out hop-by-hop fields, also those named in Connection, and
 * put in the fields that a proxy has to add.
 */
#ifndef GATEWAY_PROXY_FORWARD_H
#define GATEWAY_PROXY_FORWARD_H

#include "base/buffer.h"
#include "http/head.h"

typedef struct ForwardRequest
{
	const char *peer; /* the client's address, without port */
	const char *side; /* production or gray */
	const char *release;
	bool		secure; /* the request came by TLS */
	Span		user;	/* the user whom a server named for the client; empty: nobody */

	const char *const *own_cookies; /* FORWARD_COOKIES names, not passed on; any may be NULL */
} ForwardRequest;

#define FORWARD_COOKIES 2

/* How a response's body is framed towards the client. */
typedef enum Framing
{
	FRAMING_NONE,	/* no body: HEAD, 1xx, 204, 304; length fields pass */
	FRAMING_LENGTH, /* Content-Length passes */
	FRAMING_CHUNKED,
	FRAMING_CLOSE /* the end of the connection is the end of the body */
} Framing;

typedef struct ForwardResponse
{
	Framing		framing;
	unsigned	client_minor; /* decides how keep_alive is written */
	bool		keep_alive;
	const char *side;	/* side that answers; NULL: the client is not told */
	Span		fields; /* fields of our own, with their line ends */
} ForwardResponse;

/*
 * Does the request ask for another protocol, and may it? HTTP of another version is not
 * allowed, since its requests would go past everything that is decided here.
 */
extern bool forward_upgrade(const Head *head, Span *protocols);

/* Which framing a response to a client of HTTP/1.client_minor gets. */
extern Framing forward_framing(const Head *head, unsigned client_minor);

/* Appends the head for a server to out. */
extern void forward_request(Buffer *out, const Head *head, const ForwardRequest *facts);

/* Appends the head for a client to out. */
extern void forward_response(Buffer *out, const Head *head, const ForwardResponse *facts);

#endif /* GATEWAY_PROXY_FORWARD_H */
