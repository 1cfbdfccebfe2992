/*
 * message.c: parses one HTTP message: first its head, then its body
 */
#include "http/message.h"

#include <string.h>

#include "http/trailer.h"

/* The context of the callbacks during one llhttp_execute call; parser.data points here. */
typedef struct Parse
{
	Message	   *message;
	Head	   *head; /* NULL in the body */
	bool		too_many_fields;
	bool		no_body; /* the message is a response to HEAD */
	MessageSink sink;
	void	   *owner;
} Parse;

static Parse *
parse_of(llhttp_t *parser)
{
	return parser->data;
}

static int
on_method(llhttp_t *parser, const char *at, size_t length)
{
	parse_of(parser)->head->method_text = (Span){at, length};
	return 0;
}

static int
on_url(llhttp_t *parser, const char *at, size_t length)
{
	parse_of(parser)->head->target = (Span){at, length};
	return 0;
}

static int
on_status(llhttp_t *parser, const char *at, size_t length)
{
	parse_of(parser)->head->reason = (Span){at, length};
	return 0;
}

static int
on_header_field(llhttp_t *parser, const char *at, size_t length)
{
	Parse *parse = parse_of(parser);
	Field *field;

	if (parse->head->field_count == HEAD_FIELDS_MAX)
	{
		parse->too_many_fields = true;
		return HPE_USER;
	}
	field = &parse->head->fields[parse->head->field_count++];
	field->name = (Span){at, length};
	field->value = (Span){at + length, 0};
	field->kind = field_kind(field->name);
	return 0;
}

static int
on_header_value(llhttp_t *parser, const char *at, size_t length)
{
	Head *head = parse_of(parser)->head;

	head->fields[head->field_count - 1].value = span_trim((Span){at, length});
	return 0;
}

static bool
status_without_body(unsigned status)
{
	return status < 200 || status == 204 || status == 304;
}

static int
on_headers_complete(llhttp_t *parser)
{
	Parse *parse = parse_of(parser);
	Head  *head = parse->head;

	head->minor = parser->http_minor;
	head->method = parser->method;
	head->status = parser->status_code;
	head->content_length = parser->content_length;
	head->chunked = (parser->flags & F_CHUNKED) != 0;

	/* Upgrade is hop-by-hop, and the gateway does not offer it to the other side. */
	parser->upgrade = 0;
	return parse->no_body || (!head->is_request && status_without_body(head->status)) ? 1 : 0;
}

static int
on_body(llhttp_t *parser, const char *at, size_t length)
{
	Parse *parse = parse_of(parser);

	parse->sink(parse->owner, at, length);
	return 0;
}

/* Behind the last chunk the trailers begin. The gateway checks them before llhttp reads them. */
static int
on_chunk_header(llhttp_t *parser)
{
	if (parser->content_length > 0)
		return 0;
	parse_of(parser)->message->in_trailers = true;
	return HPE_PAUSED;
}

static int
on_message_complete(llhttp_t *parser)
{
	parse_of(parser)->message->complete = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t request_callbacks = {
	.on_method = on_method,
	.on_url = on_url,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_chunk_header = on_chunk_header,
	.on_message_complete = on_message_complete,
};

static const llhttp_settings_t response_callbacks = {
	.on_status = on_status,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_chunk_header = on_chunk_header,
	.on_message_complete = on_message_complete,
};

/* Set the line of each field. A line reaches to the beginning of the next line. */
static void
find_lines(Head *head, const char *end)
{
	const char *next = end - 2;

	for (size_t i = head->field_count; i-- > 0;)
	{
		Field *field = &head->fields[i];

		field->line = (Span){field->name.bytes, (size_t) (next - field->name.bytes)};
		next = field->name.bytes;
	}
}

static HeadResult
parse_head(Parse *parse, const char *bytes, size_t length, const char **problem)
{
	Message		  *message = parse->message;
	llhttp_errno_t error;
	HeadResult	   result;

	message->complete = false;
	message->switched = false;
	message->in_trailers = false;
	message->problem = NULL;
	message_free(message);
	message->parser.data = parse;
	parse->head->field_count = 0;
	error = llhttp_execute(&message->parser, bytes, length);
	if (parse->too_many_fields)
	{
		*problem = "too many header fields";
		return HEAD_LARGE;
	}
	if (error != HPE_OK && !(error == HPE_PAUSED && message->complete &&
							 llhttp_get_error_pos(&message->parser) == bytes + length))
	{
		*problem = llhttp_get_error_reason(&message->parser);
		if (*problem == NULL || **problem == '\0')
			*problem = llhttp_errno_name(error);
		return HEAD_BAD;
	}
	if (message->parser.http_major != 1 || message->parser.http_minor > 1)
	{
		*problem = "not HTTP/1.0 or HTTP/1.1";
		return HEAD_BAD;
	}
	parse->head->line.bytes = bytes;
	parse->head->line.length = (size_t) ((const char *) memchr(bytes, '\r', length) - bytes);
	find_lines(parse->head, bytes + length);
	result = head_check(parse->head, problem);
	parse->head->body_follows = !message->complete;
	return result;
}

/*
 * Decide by the fields themselves (RFC 9112 9.3): llhttp forgets its flags when a message without
 * a body is complete.
 */
static bool
keep_alive(const Head *head)
{
	bool keep = head->minor >= 1;

	for (size_t i = 0; i < head->field_count; i++)
	{
		Span list = head->fields[i].value;
		Span option;

		if (head->fields[i].kind != FIELD_CONNECTION)
			continue;
		while (span_next(&list, ',', &option))
		{
			if (span_equals_nocase(option, "close"))
				return false;
			if (span_equals_nocase(option, "keep-alive"))
				keep = true;
		}
	}
	return keep;
}

HeadResult
message_request_head(Message *message, const char *bytes, size_t length, Head *head,
					 const char **problem)
{
	Parse	   parse = {.message = message, .head = head};
	HeadResult result;

	head->is_request = true;
	message->until_close = false;
	llhttp_init(&message->parser, HTTP_REQUEST, &request_callbacks);
	result = parse_head(&parse, bytes, length, problem);
	if (result == HEAD_COMPLETE)
		head->keep_alive = keep_alive(head);
	return result;
}

/* Does a 204 announce a body? Then the bytes behind it may only look like the next answer. */
static bool
body_where_none_may_be(const Head *head)
{
	return head->status == 204 && (head->chunked || head->content_length > 0);
}

HeadResult
message_response_head(Message *message, const char *bytes, size_t length, bool for_head_request,
					  Head *head, const char **problem)
{
	Parse	   parse = {.message = message, .head = head, .no_body = for_head_request};
	HeadResult result;

	head->is_request = false;
	head->reason = (Span){bytes, 0};
	llhttp_init(&message->parser, HTTP_RESPONSE, &response_callbacks);
	result = parse_head(&parse, bytes, length, problem);
	if (result == HEAD_COMPLETE)
	{
		message->until_close = head->body_follows && !head->chunked && !head->has_length;
		head->keep_alive =
			keep_alive(head) && !message->until_close && !body_where_none_may_be(head);
	}
	return result;
}

static BodyResult
bad_body(Message *message, const char *problem)
{
	message->problem = problem;
	return BODY_BAD;
}

/* Refuse trailers that would contradict the head about the message. */
static const char *
trailers_problem(const Head *trailers)
{
	for (size_t i = 0; i < trailers->field_count; i++)
	{
		FieldKind kind = trailers->fields[i].kind;

		if (trailers->fields[i].name.length == 0)
			return "a trailer without a name";
		if (kind == FIELD_HOST || kind == FIELD_CONTENT_LENGTH || kind == FIELD_TRANSFER_ENCODING)
			return "a trailer that belongs in the head";
	}
	return NULL;
}

/* Keep only the lines of the trailers that are passed on. */
static void
keep_trailers(Message *message, Head *trailers)
{
	Buffer kept = {0};

	find_lines(trailers, buffer_first(&message->trailers) + message->scanned);
	trailer_copy(&kept, trailers);
	buffer_free(&message->trailers);
	message->trailers = kept;
}

/* Parse the trailers, which are all there, as fields. */
static BodyResult
parse_trailers(Message *message)
{
	static Head	   trailers;
	Parse		   parse = {.message = message, .head = &trailers};
	llhttp_errno_t error;

	trailers.field_count = 0;
	message->parser.data = &parse;
	error = llhttp_execute(&message->parser, buffer_first(&message->trailers) + 2,
						   message->scanned - 2);
	if (parse.too_many_fields)
		return bad_body(message, "too many trailers");
	if (error != HPE_PAUSED || !message->complete)
		return BODY_BAD;
	message->problem = trailers_problem(&trailers);
	if (message->problem != NULL)
		return BODY_BAD;
	keep_trailers(message, &trailers);
	return BODY_COMPLETE;
}

/*
 * Collect the trailers and scan them like a head, because llhttp accepts a bare line feed and
 * folded lines here. Mostly there are no trailers.
 */
static BodyResult
take_trailers(Message *message, const char *bytes, size_t length, size_t *used)
{
	Buffer	  *trailers = &message->trailers;
	size_t	   before = buffer_length(trailers);
	HeadResult result;

	*used = length;
	if (before == 0 && length >= 2 && bytes[0] == '\r' && bytes[1] == '\n')
	{
		message->complete = true;
		*used = 2;
		return BODY_COMPLETE;
	}
	if (before == 0)
	{
		message->scanned = 0;
		buffer_text(trailers, "\r\n");
		before = 2;
	}
	buffer_append(trailers, bytes, length);
	result = head_scan(buffer_first(trailers), buffer_length(trailers), &message->scanned,
					   &message->problem);
	if (result == HEAD_BAD)
		return BODY_BAD;
	if (message->scanned > MESSAGE_TRAILER_BYTES_MAX)
		return bad_body(message, "trailers too large");
	if (result == HEAD_MORE)
		return BODY_MORE;
	*used = message->scanned - before;
	return parse_trailers(message);
}

BodyResult
message_body(Message *message, const char *bytes, size_t length, size_t *used, MessageSink sink,
			 void *owner)
{
	Parse		   parse = {.message = message, .sink = sink, .owner = owner};
	llhttp_errno_t error;
	BodyResult	   result;
	size_t		   taken;

	if (message->switched)
	{
		sink(owner, bytes, length);
		*used = length;
		return BODY_MORE;
	}
	if (message->in_trailers)
		return take_trailers(message, bytes, length, used);
	message->parser.data = &parse;
	error = llhttp_execute(&message->parser, bytes, length);
	*used = length;
	if (!message->complete && !message->in_trailers)
		return error == HPE_OK ? BODY_MORE : BODY_BAD;
	taken = (size_t) (llhttp_get_error_pos(&message->parser) - bytes);
	*used = taken;
	if (message->complete)
		return BODY_COMPLETE;
	llhttp_resume(&message->parser);
	if (taken == length)
		return BODY_MORE;
	result = take_trailers(message, bytes + taken, length - taken, used);
	*used += taken;
	return result;
}

uint64_t
message_left(const Message *message)
{
	return message->until_close ? UINT64_MAX : message->parser.content_length;
}

void
message_passed(Message *message, size_t length)
{
	if (message->until_close)
		return;
	message->parser.content_length -= length;
	message->complete = message->parser.content_length == 0;
}

bool
message_end(Message *message)
{
	return message->complete || message->until_close;
}

void
message_switch(Message *message)
{
	message->switched = true;
	message->complete = false;
	message->until_close = true;
}

Span
message_trailers(const Message *message)
{
	if (!message->complete || !message->in_trailers || buffer_length(&message->trailers) == 0)
		return (Span){"", 0};
	return (Span){buffer_first(&message->trailers), buffer_length(&message->trailers)};
}

void
message_free(Message *message)
{
	buffer_free(&message->trailers);
}

const char *
message_problem(const Message *message)
{
	const char *reason = llhttp_get_error_reason(&message->parser);

	if (message->problem != NULL)
		return message->problem;
	return reason != NULL && *reason != '\0' ? reason : "malformed body";
}
