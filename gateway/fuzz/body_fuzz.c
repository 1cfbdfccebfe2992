/*
 * body_fuzz.c: bodies, of a length or in chunks
 *
 * The first byte says how the body is framed.  A body means the same in one
 * piece, byte by byte, and in pieces of seven bytes: its bytes, its trailers, where it
 * ends, or that it is bad.
 */
#include "fuzz.h"

#include "http/message.h"

#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

static const char *const heads[] = {
	"POST / HTTP/1.1\r\nHost: h\r\n" CHUNKED,
	"HTTP/1.1 200 OK\r\n" CHUNKED,
	"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\r\n",
};

typedef struct Outcome
{
	BodyResult result;
	size_t	   used;
	Buffer	   body;
	Buffer	   trailers;
} Outcome;

static void
take_piece(void *owner, const char *bytes, size_t length)
{
	Outcome *outcome = owner;

	buffer_append(&outcome->body, bytes, length);
}

/* Each piece in memory of its own, so that a look beyond it is seen. */
static Outcome
feed(const char *text, const char *bytes, size_t length, size_t piece)
{
	static Head head;
	Message		message = {0};
	Outcome		outcome = {.result = BODY_MORE};
	const char *problem;
	HeadResult	result =
		 *text == 'P' ? message_request_head(&message, text, strlen(text), &head, &problem)
					  : message_response_head(&message, text, strlen(text), false, &head, &problem);

	PROMISE(result == HEAD_COMPLETE && head.body_follows);
	while (outcome.result == BODY_MORE && outcome.used < length)
	{
		size_t size = length - outcome.used < piece ? length - outcome.used : piece;
		char  *copy = malloc(size);
		size_t used = 0;

		memcpy(copy, bytes + outcome.used, size);
		outcome.result = message_body(&message, copy, size, &used, take_piece, &outcome);
		free(copy);
		PROMISE(used <= size);
		PROMISE(outcome.result != BODY_MORE || used > 0);
		outcome.used += used;
	}
	if (outcome.result == BODY_COMPLETE)
	{
		Span trailers = message_trailers(&message);

		PROMISE(message_end(&message));
		buffer_append(&outcome.trailers, trailers.bytes, trailers.length);
	}
	if (outcome.result == BODY_BAD)
		PROMISE(message_problem(&message) != NULL);
	message_free(&message);
	return outcome;
}

static bool
same(const Buffer *one, const Buffer *other)
{
	size_t length = buffer_length(one);

	return length == buffer_length(other) &&
		   (length == 0 || memcmp(buffer_first(one), buffer_first(other), length) == 0);
}

static void
release(Outcome *outcome)
{
	buffer_free(&outcome->body);
	buffer_free(&outcome->trailers);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = {1, 7};
	const char		   *bytes = (const char *) data;
	const char		   *head;
	Outcome				whole;

	if (size < 2)
		return 0;
	head = heads[data[0] % (sizeof(heads) / sizeof(heads[0]))];
	whole = feed(head, bytes + 1, size - 1, size);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
	{
		Outcome parts = feed(head, bytes + 1, size - 1, pieces[i]);

		PROMISE(parts.result == whole.result);
		if (whole.result != BODY_BAD)
		{
			PROMISE(parts.used == whole.used);
			PROMISE(same(&parts.body, &whole.body));
			PROMISE(same(&parts.trailers, &whole.trailers));
		}
		release(&parts);
	}
	release(&whole);
	return 0;
}
