/*
 * message.h: parses one HTTP message: first its head, then its body
 *
 * A thin layer around llhttp. The parser begins afresh for each message.
 */
#ifndef GATEWAY_HTTP_MESSAGE_H
#define GATEWAY_HTTP_MESSAGE_H

#include <llhttp.h>

#include "base/buffer.h"
#include "http/head.h"

#define MESSAGE_TRAILER_BYTES_MAX 8192

/*
 * A message of all zeros is ready for use. Call message_free when the message is not needed any
 * more.
 */
typedef struct Message
{
	llhttp_t	parser;
	bool		complete;	 /* all bytes of the message have come */
	bool		until_close; /* the message ends with the connection */
	bool		switched;	 /* no HTTP any more: all further bytes are passed on */
	bool		in_trailers; /* the last chunk has come */
	size_t		scanned;	 /* bytes of the trailers that were scanned */
	Buffer		trailers;	 /* behind a line's end; when complete: the lines to pass on */
	const char *problem;
} Message;

typedef enum BodyResult
{
	BODY_MORE,	   /* all bytes were taken, and the message goes on */
	BODY_COMPLETE, /* the message ended after *used bytes */
	BODY_BAD	   /* a framing error, which problem names */
} BodyResult;

typedef void (*MessageSink)(void *owner, const char *bytes, size_t length);

/*
 * Parse a complete head of length bytes, as head_scan found it. head is filled with spans borrowed
 * from bytes. With for_head_request, the message is a response to HEAD, which has no body whatever
 * its head says.
 */
extern HeadResult message_request_head(Message *message, const char *bytes, size_t length,
									   Head *head, const char **problem);
extern HeadResult message_response_head(Message *message, const char *bytes, size_t length,
										bool for_head_request, Head *head, const char **problem);

/*
 * Feed bytes that come behind the head. sink is called with each piece of the body, without its
 * chunk framing. The pieces are borrowed for the call.
 */
extern BodyResult message_body(Message *message, const char *bytes, size_t length, size_t *used,
							   MessageSink sink, void *owner);

/*
 * Return how many bytes of a body with a length have not come. A body that ends with the
 * connection has no end.
 */
extern uint64_t message_left(const Message *message);

/*
 * Count length bytes of such a body that did not go through message_body. length is no more than
 * message_left.
 */
extern void message_passed(Message *message, size_t length);

/* The connection ended. Return whether the message was allowed to end here. */
extern bool message_end(Message *message);

/* Switch protocols after a 101: from here to the end of the connection everything is the body. */
extern void message_switch(Message *message);

/*
 * Return the trailer lines that may be passed on; the body was chunked and is complete. The span
 * is borrowed, and mostly empty.
 */
extern Span message_trailers(const Message *message);

extern void message_free(Message *message);

/* Return the error in the body. */
extern const char *message_problem(const Message *message);

#endif /* GATEWAY_HTTP_MESSAGE_H */
