/*
 * span.c: refers to bytes that other code owns
 */
#include "base/span.h"

#include <string.h>
#include <strings.h>

Span
span_of(const char *text)
{
	return (Span){text, strlen(text)};
}

bool
span_equals(Span span, const char *text)
{
	/* The pointer of an empty span may be NULL, and memcmp does not allow that. */
	return span.length == strlen(text) &&
		   (span.length == 0 || memcmp(span.bytes, text, span.length) == 0);
}

bool
span_equals_nocase(Span span, const char *text)
{
	return span.length == strlen(text) && strncasecmp(span.bytes, text, span.length) == 0;
}

bool
span_same_nocase(Span one, Span other)
{
	return one.length == other.length && strncasecmp(one.bytes, other.bytes, one.length) == 0;
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

Span
span_trim(Span span)
{
	while (span.length > 0 && is_blank(span.bytes[0]))
	{
		span.bytes++;
		span.length--;
	}
	while (span.length > 0 && is_blank(span.bytes[span.length - 1]))
		span.length--;
	return span;
}

bool
span_next(Span *list, char separator, Span *part)
{
	const char *end;

	if (list->bytes == NULL)
		return false;

	end = memchr(list->bytes, separator, list->length);
	part->bytes = list->bytes;
	if (end == NULL)
	{
		part->length = list->length;
		*list = (Span){NULL, 0};
	}
	else
	{
		part->length = (size_t) (end - list->bytes);
		list->length -= part->length + 1;
		list->bytes = end + 1;
	}
	*part = span_trim(*part);
	return true;
}

bool
span_same(Span one, Span other)
{
	return one.length == other.length &&
		   (one.length == 0 || memcmp(one.bytes, other.bytes, one.length) == 0);
}
