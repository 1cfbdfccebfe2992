/*
 * head.c: the head of one HTTP/1.x request or response, taken apart
 */
#include "head.h"

#include <llhttp.h>
#include <string.h>

static bool
scan_line_feed(const char *bytes, size_t length, size_t at, const char **problem)
{
	if (at == 0 || bytes[at - 1] != '\r')
		*problem = "line feed without carriage return";
	else if (at + 1 < length && (bytes[at + 1] == ' ' || bytes[at + 1] == '\t'))
		*problem = "folded header line";
	return *problem == NULL;
}

HeadResult
head_scan(const char *bytes, size_t length, size_t *scanned, const char **problem)
{
	*problem = NULL;
	for (size_t i = *scanned; i < length; i++)
	{
		unsigned char byte = (unsigned char) bytes[i];

		if (byte >= 0x20)
			continue;
		if (byte == '\0')
			*problem = "NUL byte";
		else if (byte == '\r' && i + 1 < length && bytes[i + 1] != '\n')
			*problem = "carriage return without line feed";
		else if (byte == '\n' && scan_line_feed(bytes, length, i, problem) && i >= 3 &&
				 bytes[i - 2] == '\n')
		{
			*scanned = i + 1;
			return HEAD_COMPLETE;
		}
		if (*problem != NULL)
			return HEAD_BAD;
	}
	/* The last byte is looked at again: what follows it decides. */
	*scanned = length > 0 ? length - 1 : 0;
	return HEAD_MORE;
}

size_t
head_blank(const char *bytes, size_t length)
{
	size_t skip = 0;

	while (skip + 1 < length && bytes[skip] == '\r' && bytes[skip + 1] == '\n')
		skip += 2;
	return skip;
}

bool
head_find(const Head *head, const char *name, Span *value)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (span_equals_nocase(head->fields[i].name, name))
		{
			*value = head->fields[i].value;
			return true;
		}
	}
	return false;
}

/* Some servers take "_" for "-", so X_Gray_Side must not slip through. */
static bool
is_gray_name(Span name)
{
	char dashed[16];

	if (name.length != strlen("x-gray-side") && name.length != strlen("x-gray-release"))
		return false;
	for (size_t i = 0; i < name.length; i++)
		dashed[i] = name.bytes[i] == '_' ? '-' : name.bytes[i];
	name.bytes = dashed;
	return span_equals_nocase(name, "x-gray-side") || span_equals_nocase(name, "x-gray-release");
}

FieldKind
head_field_kind(Span name)
{
	static const struct
	{
		const char *name;
		FieldKind	kind;
	} known[] = {
		{"host", FIELD_HOST},
		{"content-length", FIELD_CONTENT_LENGTH},
		{"transfer-encoding", FIELD_TRANSFER_ENCODING},
		{"connection", FIELD_CONNECTION},
		{"keep-alive", FIELD_HOP},
		{"proxy-connection", FIELD_HOP},
		{"proxy-authenticate", FIELD_HOP},
		{"proxy-authorization", FIELD_HOP},
		{"te", FIELD_HOP},
		{"trailer", FIELD_HOP},
		{"upgrade", FIELD_HOP},
		{"http2-settings", FIELD_HOP},
		{"expect", FIELD_EXPECT},
		{"x-forwarded-for", FIELD_FORWARDED_FOR},
		{"x-forwarded-proto", FIELD_FORWARDED_PROTO},
		{"x-forwarded-host", FIELD_FORWARDED_HOST},
	};

	/* The first letters of all known names; most fields end here. */
	if (name.length < 2 || strchr("hctkpuexHCTKPUEX", name.bytes[0]) == NULL)
		return FIELD_PLAIN;
	if (is_gray_name(name))
		return FIELD_GRAY;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		if (span_equals_nocase(name, known[i].name))
			return known[i].kind;
	}
	return FIELD_PLAIN;
}

static bool
host_valid(Span host)
{
	for (size_t i = 0; i < host.length; i++)
	{
		unsigned char byte = (unsigned char) host.bytes[i];

		if (byte <= ' ' || byte >= 0x7f || strchr(",/?#@\\<>\"{}|^`", byte) != NULL)
			return false;
	}
	return true;
}

static const char *
framing_problem(const Head *head, unsigned lengths, unsigned encodings)
{
	if (lengths > 1)
		return "more than one Content-Length";
	if (encodings > 1)
		return "more than one Transfer-Encoding";
	if (lengths > 0 && encodings > 0)
		return "both Content-Length and Transfer-Encoding";
	if (encodings > 0 && !head->chunked)
		return "a Transfer-Encoding other than chunked";
	if (encodings > 0 && head->minor == 0)
		return "Transfer-Encoding in HTTP/1.0";
	return NULL;
}

static const char *
request_problem(const Head *head, unsigned hosts)
{
	if (hosts > 1)
		return "more than one Host";
	if (hosts == 0 && head->minor >= 1)
		return "HTTP/1.1 without Host";
	if (head->target.length == 0 || head->target.bytes[0] != '/')
		return "the target is not a path";
	if (memchr(head->target.bytes, '#', head->target.length) != NULL)
		return "the target has a fragment";
	return NULL;
}

HeadResult
head_check(Head *head, const char **problem)
{
	unsigned hosts = 0;
	unsigned lengths = 0;
	unsigned encodings = 0;

	*problem = NULL;
	for (size_t i = 0; i < head->field_count; i++)
	{
		Field *field = &head->fields[i];

		if (field->name.length == 0)
			*problem = "a header field without a name";
		else if (field->kind == FIELD_HOST)
		{
			hosts++;
			if (!host_valid(field->value))
				*problem = "a Host that is none";
		}
		else if (field->kind == FIELD_CONTENT_LENGTH)
			lengths++;
		else if (field->kind == FIELD_TRANSFER_ENCODING)
		{
			encodings++;
			head->chunked = span_equals_nocase(field->value, "chunked");
		}
	}
	head->has_length = lengths > 0;
	if (*problem == NULL)
		*problem = framing_problem(head, lengths, encodings);
	if (*problem == NULL && head->is_request && head->method == HTTP_CONNECT)
	{
		*problem = "CONNECT is not served";
		return HEAD_UNSUPPORTED;
	}
	if (*problem == NULL && head->is_request)
		*problem = request_problem(head, hosts);
	return *problem == NULL ? HEAD_COMPLETE : HEAD_BAD;
}
