/*
 * span.h: refers to bytes that other code owns
 */
#ifndef GATEWAY_BASE_SPAN_H
#define GATEWAY_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Span
{
	const char *bytes; /* borrowed */
	size_t		length;
} Span;

extern Span span_of(const char *text);

/* span_equals_nocase ignores the case of ASCII letters. */
extern bool span_equals(Span span, const char *text);
extern bool span_equals_nocase(Span span, const char *text);
extern bool span_same_nocase(Span one, Span other);
extern bool span_same(Span one, Span other);

/* Return the span without spaces and tabs at both ends. */
extern Span span_trim(Span span);

/*
 * Return the next part of a list, trimmed. list becomes the text behind the separator. False if
 * the list is used up. Parts may be empty.
 */
extern bool span_next(Span *list, char separator, Span *part);

#endif /* GATEWAY_BASE_SPAN_H */
