/*
 * head_fuzz.c: heads of requests, and of responses where they begin with HTTP/
 *
 * A head means the same in one piece and byte by byte.  What is passed on is
 * a good head again, says the same, and has no field that is for one hop only.
 */
#include "fuzz.h"

#include "http/message.h"
#include "proxy/forward.h"

static HeadResult
scan_bytewise(const char *bytes, size_t length, size_t *scanned)
{
	HeadResult	result = HEAD_MORE;
	const char *problem;

	*scanned = 0;
	for (size_t i = 1; i <= length && result == HEAD_MORE; i++)
		result = head_scan(bytes, i, scanned, &problem);
	return result;
}

/* Only what the forwarder itself says of this hop. */
static void
check_request_field(const Head *head, const Field *field)
{
	switch (field->kind)
	{
		case FIELD_CONNECTION:
			PROMISE(span_equals(field->value, "TE") || span_equals(field->value, "upgrade"));
			break;
		case FIELD_TE:
			PROMISE(span_equals(field->value, "trailers"));
			break;
		case FIELD_TRANSFER_ENCODING:
			PROMISE(span_equals(field->value, "chunked"));
			break;
		case FIELD_UPGRADE:
			PROMISE(head->upgrades == 1 && !head->body_follows);
			break;
		case FIELD_TRAILER:
			PROMISE(head->chunked);
			break;
		case FIELD_GRAY:
			PROMISE(span_equals(field->value, "gray") || span_equals(field->value, "v2"));
			break;
		default:
			PROMISE(field->kind != FIELD_HOP && field->kind != FIELD_MISSPELT);
			break;
	}
}

static void
check_request(const Head *before, const char *bytes, size_t length)
{
	static Head after;
	Message		message = {0};
	const char *problem;
	size_t		scanned = 0;

	PROMISE(head_scan(bytes, length, &scanned, &problem) == HEAD_COMPLETE && scanned == length);
	PROMISE(message_request_head(&message, bytes, length, &after, &problem) == HEAD_COMPLETE);
	PROMISE(after.minor == 1 && after.method == before->method && after.keep_alive);
	PROMISE(after.target.length == before->target.length &&
			memcmp(after.target.bytes, before->target.bytes, after.target.length) == 0);
	PROMISE(after.chunked == before->chunked && after.has_length == before->has_length);
	PROMISE(!after.has_length || after.content_length == before->content_length);
	PROMISE(after.body_follows == before->body_follows);
	for (size_t i = 0; i < after.field_count; i++)
		check_request_field(&after, &after.fields[i]);
}

static void
check_response(const Head *before, Framing framing, const char *bytes, size_t length)
{
	static Head after;
	Message		message = {0};
	const char *problem;
	size_t		scanned = 0;

	PROMISE(head_scan(bytes, length, &scanned, &problem) == HEAD_COMPLETE && scanned == length);
	PROMISE(message_response_head(&message, bytes, length, framing == FRAMING_NONE, &after,
								  &problem) == HEAD_COMPLETE);
	PROMISE(after.status == before->status);
	if (framing == FRAMING_CHUNKED || framing == FRAMING_CLOSE)
		PROMISE(after.chunked == (framing == FRAMING_CHUNKED) && !after.has_length);
	/* RFC 9110, 8.6: 1xx and 204 must not say a length, not even 0. */
	if (before->status < 200 || before->status == 204)
		PROMISE(!after.has_length);
	else if (framing == FRAMING_LENGTH)
		PROMISE(after.has_length && after.content_length == before->content_length);
	for (size_t i = 0; i < after.field_count; i++)
	{
		Field *field = &after.fields[i];

		PROMISE(field->kind != FIELD_MISSPELT);
		PROMISE(field->kind != FIELD_HOP || span_equals_nocase(field->name, "proxy-authenticate"));
		PROMISE(field->kind != FIELD_CONNECTION || span_equals(field->value, "close") ||
				span_equals(field->value, "keep-alive") || span_equals(field->value, "upgrade"));
	}
}

static void
pass_on(const char *bytes, size_t length, bool is_request, unsigned client_minor)
{
	static Head	   head;
	ForwardRequest facts = {.peer = "192.0.2.1", .side = "gray", .release = "v2"};
	Message		   message = {0};
	Buffer		   out = {0};
	const char	  *problem;
	HeadResult	   result =
		is_request ? message_request_head(&message, bytes, length, &head, &problem)
					   : message_response_head(&message, bytes, length, false, &head, &problem);

	/* A few fields more may be too many for us, not for a server. */
	if (result != HEAD_COMPLETE || head.field_count > HEAD_FIELDS_MAX - 16)
		return;
	if (is_request)
	{
		forward_request(&out, &head, &facts);
		check_request(&head, buffer_first(&out), buffer_length(&out));
	}
	else
	{
		Framing framing = forward_framing(&head, client_minor);

		ForwardResponse to_client = {.framing = framing,
									 .client_minor = client_minor,
									 .keep_alive = head.keep_alive};

		forward_response(&out, &head, &to_client);
		check_response(&head, framing, buffer_first(&out), buffer_length(&out));
	}
	buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *) data;
	bool		is_request = size < 5 || memcmp(bytes, "HTTP/", 5) != 0;
	size_t		skip = is_request ? head_blank(bytes, size) : 0;
	size_t		scanned = 0;
	size_t		scanned_bytewise;
	const char *problem;
	HeadResult	result = head_scan(bytes + skip, size - skip, &scanned, &problem);

	PROMISE(scan_bytewise(bytes + skip, size - skip, &scanned_bytewise) == result);
	if (result != HEAD_COMPLETE)
		return 0;
	PROMISE(scanned_bytewise == scanned);
	pass_on(bytes + skip, scanned, is_request, 1);
	if (!is_request)
		pass_on(bytes + skip, scanned, is_request, 0);
	return 0;
}
