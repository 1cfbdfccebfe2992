/*
 * message.h: one HTTP message being parsed: first its head, then its body
 *
 * Thin around llhttp.  The parser is started anew for each message.
 */
#ifndef GATEWAY_HTTP_MESSAGE_H
#define GATEWAY_HTTP_MESSAGE_H

#include <llhttp.h>

#include "base/buffer.h"
#include "http/head.h"

#define MESSAGE_TRAILER_BYTES_MAX 8192

/* All zeros is a good beginning; message_free when it is not needed any more. */
typedef struct Message
{
	llhttp_t	parser;
	bool		complete;	 /* no byte of it is missing */
	bool		until_close; /* its end is the end of the connection */
	bool		switched;	 /* no HTTP any more: all that comes is passed on */
	bool		in_trailers; /* the last chunk has come */
	size_t		scanned;	 /* of the trailers */
	Buffer		trailers;	 /* behind the end of a line; when complete: those to pass on */
	const char *problem;
} Message;

typedef enum BodyResult
{
	BODY_MORE,	   /* all bytes taken, the message goes on */
	BODY_COMPLETE, /* the message ended after *used bytes */
	BODY_BAD	   /* a framing error; problem says which */
} BodyResult;

typedef void (*MessageSink)(void *owner, const char *bytes, size_t length);

/*
 * Parses a complete head of length bytes, as head_scan found it.  head is
 * filled with spans borrowed from bytes.  for_head_request: a response to
 * HEAD, which has no body whatever its head says.
 */
extern HeadResult message_request_head(Message *message, const char *bytes, size_t length,
									   Head *head, const char **problem);
extern HeadResult message_response_head(Message *message, const char *bytes, size_t length,
										bool for_head_request, Head *head, const char **problem);

/*
 * Feeds bytes behind the head.  sink is called with each piece of the body
 * without its chunk framing; pieces are borrowed for the call.
 */
extern BodyResult message_body(Message *message, const char *bytes, size_t length, size_t *used,
							   MessageSink sink, void *owner);

/* How much of a body with a length has not come; of one until the close: without end. */
extern uint64_t message_left(const Message *message);

/* So many bytes of such a body, no more than were left, went another way. */
extern void message_passed(Message *message, size_t length);

/* The connection ended: was the message allowed to end here? */
extern bool message_end(Message *message);

/* Behind a 101: from here to the end of the connection everything is the body. */
extern void message_switch(Message *message);

/* The lines behind a complete chunked body that may be passed on; borrowed, mostly empty. */
extern Span message_trailers(const Message *message);

extern void message_free(Message *message);

/* What was wrong with the body. */
extern const char *message_problem(const Message *message);

#endif /* GATEWAY_HTTP_MESSAGE_H */
