/*
 * forward.c: builds the head that goes on to the other side
 */
#include "proxy/forward.h"

#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "http/cookie.h"
#include "http/option.h"
#include "user/answer_user.h"

#define VIA "gray-gateway"

static bool
has_options(const Head *head)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		Span value = head->fields[i].value;

		if (head->fields[i].kind == FIELD_CONNECTION && !span_equals_nocase(value, "keep-alive") &&
			!span_equals_nocase(value, "close"))
			return true;
	}
	return false;
}

static void
find_named(const Head *head, bool *named)
{
	if (has_options(head))
		option_find(head, named);
	else
		memset(named, 0, head->field_count * sizeof(*named));
}

/* Copy the lines that are marked in keep. Neighbours are copied in one piece. */
static void
copy_lines(Buffer *out, const Head *head, const bool *keep)
{
	size_t i = 0;

	while (i < head->field_count)
	{
		Span run = head->fields[i].line;

		if (!keep[i++])
			continue;
		while (i < head->field_count && keep[i])
			run.length += head->fields[i++].line.length;
		buffer_append(out, run.bytes, run.length);
	}
}

/*
 * Append one X-Forwarded-For line with the values of earlier proxies and this peer. Many
 * servers read only one line.
 */
static void
append_forwarded_for(Buffer *out, const Head *head, const char *peer)
{
	buffer_text(out, "X-Forwarded-For: ");
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (head->fields[i].kind == FIELD_FORWARDED_FOR && head->fields[i].value.length > 0)
		{
			buffer_append(out, head->fields[i].value.bytes, head->fields[i].value.length);
			buffer_text(out, ", ");
		}
	}
	buffer_text(out, peer);
	buffer_text(out, "\r\n");
}

static void
append_field(Buffer *out, const char *name, const char *value, size_t length)
{
	buffer_text(out, name);
	buffer_text(out, ": ");
	buffer_append(out, value, length);
	buffer_text(out, "\r\n");
}

static bool
has_kind(const Head *head, FieldKind kind)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (head->fields[i].kind == kind)
			return true;
	}
	return false;
}

/*
 * Is the length without leading zeros? Not every server reads 010 as ten, so such a length
 * is written anew.
 */
static bool
length_plain(const Field *field)
{
	return field->value.length == 1 || field->value.bytes[0] != '0';
}

static void
append_length(Buffer *out, const Head *head)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (head->fields[i].kind != FIELD_CONTENT_LENGTH || length_plain(&head->fields[i]))
			continue;
		buffer_text(out, "Content-Length: ");
		buffer_number(out, head->content_length, 10, 1);
		buffer_text(out, "\r\n");
	}
}

/* Is the field passed on? Fields about this hop, and fields that we write ourselves, are not. */
static bool
keep_request_field(const Head *head, const Field *field, bool named)
{
	switch (field->kind)
	{
		case FIELD_CONTENT_LENGTH:
			return length_plain(field);
		case FIELD_HOST:
		case FIELD_FORWARDED_PROTO:
		case FIELD_FORWARDED_HOST:
		case FIELD_UID:
			return true; /* even if Connection names them */
		case FIELD_TRANSFER_ENCODING:
		case FIELD_CONNECTION:
		case FIELD_HOP:
		case FIELD_UPGRADE:
		case FIELD_TE:
		case FIELD_GRAY:
		case FIELD_MISSPELT:
		case FIELD_FORWARDED_FOR:
			return false;
		case FIELD_TRAILER:
			return head->chunked;
		case FIELD_EXPECT:
			return head->minor >= 1;
		case FIELD_PLAIN:
			break;
	}
	return !named;
}

/* Does TE have "trailers"? Only this word is about the whole way; codings are about this hop. */
static bool
takes_trailers(const Head *head)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		Span list = head->fields[i].value;
		Span coding;

		if (head->fields[i].kind != FIELD_TE || head->minor == 0)
			continue;
		while (span_next(&list, ',', &coding))
		{
			if (span_equals_nocase(coding, "trailers"))
				return true;
		}
	}
	return false;
}

static bool
is_http(Span protocol)
{
	Span name = {protocol.bytes, protocol.length < 4 ? protocol.length : 4};

	return span_equals_nocase(name, "http") || span_equals_nocase(protocol, "h2c") ||
		   span_equals_nocase(protocol, "h2") || span_equals_nocase(name, "tls/");
}

bool
forward_upgrade(const Head *head, Span *protocols)
{
	Span list;
	Span protocol;

	if (head->upgrades != 1 || head->minor == 0 || head->body_follows ||
		!option_given(head, "upgrade") || !head_find(head, "upgrade", protocols))
		return false;
	list = *protocols;
	while (span_next(&list, ',', &protocol))
	{
		if (protocol.length == 0 || is_http(protocol))
			return false;
	}
	return true;
}

static void
append_upgrade(Buffer *out, Span protocols)
{
	buffer_text(out, "Connection: upgrade\r\n");
	append_field(out, "Upgrade", protocols.bytes, protocols.length);
}

/* Take out of keep the Cookie fields that have cookies of ours. */
static void
find_own_cookies(const Head *head, const ForwardRequest *facts, bool *keep)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (keep[i] && cookie_field_has(&head->fields[i], facts->own_cookies, FORWARD_COOKIES))
			keep[i] = false;
	}
}

/* Append these fields without the cookies of ours. */
static void
append_cookies(Buffer *out, const Head *head, const ForwardRequest *facts)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (cookie_field_has(&head->fields[i], facts->own_cookies, FORWARD_COOKIES))
			cookie_field_without(out, &head->fields[i], facts->own_cookies, FORWARD_COOKIES);
	}
}

static bool
gives_cookies(const ForwardRequest *facts)
{
	return facts->own_cookies != NULL &&
		   (facts->own_cookies[0] != NULL || facts->own_cookies[1] != NULL);
}

void
forward_request(Buffer *out, const Head *head, const ForwardRequest *facts)
{
	bool keep[HEAD_FIELDS_MAX];
	bool named[HEAD_FIELDS_MAX];
	Span host;
	Span protocols;

	find_named(head, named);
	for (size_t i = 0; i < head->field_count; i++)
		keep[i] = keep_request_field(head, &head->fields[i], named[i]);
	if (gives_cookies(facts))
		find_own_cookies(head, facts, keep);

	buffer_append(out, head->method_text.bytes, head->method_text.length);
	buffer_text(out, " ");
	buffer_append(out, head->target.bytes, head->target.length);
	buffer_text(out, " HTTP/1.1\r\n");
	copy_lines(out, head, keep);
	if (gives_cookies(facts))
		append_cookies(out, head, facts);

	if (!head_find(head, "host", &host))
	{
		/*
		 * The client is an old one that sends no Host, but a server of HTTP/1.1 requires the
		 * field.
		 */
		host = (Span){"", 0};
		buffer_text(out, "Host:\r\n");
	}
	append_length(out, head);
	if (head->chunked)
		buffer_text(out, "Transfer-Encoding: chunked\r\n");
	if (takes_trailers(head))
		buffer_text(out, "TE: trailers\r\nConnection: TE\r\n");
	if (forward_upgrade(head, &protocols))
		append_upgrade(out, protocols);
	buffer_text(out, head->minor >= 1 ? "Via: 1.1 " VIA "\r\n" : "Via: 1.0 " VIA "\r\n");
	append_forwarded_for(out, head, facts->peer);
	if (!has_kind(head, FIELD_FORWARDED_PROTO))
		buffer_text(out,
					facts->secure ? "X-Forwarded-Proto: https\r\n" : "X-Forwarded-Proto: http\r\n");
	if (!has_kind(head, FIELD_FORWARDED_HOST) && host.length > 0)
		append_field(out, "X-Forwarded-Host", host.bytes, host.length);
	append_field(out, "X-Gray-Side", facts->side, strlen(facts->side));
	append_field(out, "X-Gray-Release", facts->release, strlen(facts->release));
	if (facts->user.length > 0)
		answer_user_append(out, facts->user);
	buffer_text(out, "\r\n");
}

Framing
forward_framing(const Head *head, unsigned client_minor)
{
	if (!head->body_follows && !(head->has_length && head->content_length == 0))
		return FRAMING_NONE;
	if (head->has_length)
		return FRAMING_LENGTH;
	return client_minor >= 1 ? FRAMING_CHUNKED : FRAMING_CLOSE;
}

/*
 * May the answer have a Content-Length? By RFC 9110, 8.6, answers of 1xx and 204 must not, not
 * even 0.
 */
static bool
may_have_length(const Head *head)
{
	return head->status >= 200 && head->status != 204;
}

static bool
keep_response_field(const Head *head, const Field *field, bool named, Framing framing)
{
	switch (field->kind)
	{
		case FIELD_CONTENT_LENGTH:
			return may_have_length(head) && length_plain(field);
		case FIELD_TRANSFER_ENCODING:
		case FIELD_CONNECTION:
		case FIELD_HOP:
		case FIELD_UPGRADE:
		case FIELD_MISSPELT:
			/* A 401 needs this field, unlike the other hop-by-hop fields. */
			return span_equals_nocase(field->name, "proxy-authenticate");
		case FIELD_TRAILER:
			return head->chunked && framing == FRAMING_CHUNKED;
		case FIELD_TE:
		case FIELD_HOST:
		case FIELD_EXPECT:
		case FIELD_FORWARDED_FOR:
		case FIELD_FORWARDED_PROTO:
		case FIELD_FORWARDED_HOST:
		case FIELD_UID:
		case FIELD_PLAIN:
			break;
		case FIELD_GRAY:
			return false; /* only we may send these fields */
	}
	return !named;
}

void
forward_response(Buffer *out, const Head *head, const ForwardResponse *facts)
{
	bool keep[HEAD_FIELDS_MAX];
	bool named[HEAD_FIELDS_MAX];
	Span protocols;

	find_named(head, named);
	for (size_t i = 0; i < head->field_count; i++)
		keep[i] = keep_response_field(head, &head->fields[i], named[i], facts->framing);

	buffer_text(out, "HTTP/1.1 ");
	buffer_number(out, head->status, 10, 3);
	buffer_append(out, " ", 1);
	buffer_append(out, head->reason.bytes, head->reason.length);
	buffer_text(out, "\r\n");
	copy_lines(out, head, keep);
	if (may_have_length(head))
		append_length(out, head);
	if (facts->framing == FRAMING_CHUNKED)
		buffer_text(out, "Transfer-Encoding: chunked\r\n");
	buffer_text(out, head->minor >= 1 ? "Via: 1.1 " VIA "\r\n" : "Via: 1.0 " VIA "\r\n");
	if (facts->side != NULL)
		append_field(out, "X-Gray-Side", facts->side, strlen(facts->side));
	if ((head->status == 101 || head->status == 426) && head_find(head, "upgrade", &protocols))
		append_upgrade(out, protocols);
	if (head->status >= 200)
	{
		if (!facts->keep_alive)
			buffer_text(out, "Connection: close\r\n");
		else if (facts->client_minor == 0)
			buffer_text(out, "Connection: keep-alive\r\n");
	}
	if (facts->fields.length > 0)
		buffer_append(out, facts->fields.bytes, facts->fields.length);
	buffer_text(out, "\r\n");
}
