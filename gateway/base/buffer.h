/*
 * buffer.h: bytes that wait: appended at the end, consumed from the front
 */
#ifndef GATEWAY_BASE_BUFFER_H
#define GATEWAY_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* All zeros is an empty buffer without memory. */
typedef struct Buffer
{
	char  *bytes; /* owned */
	size_t start; /* consumed so far */
	size_t end;	  /* filled so far */
	size_t capacity;
} Buffer;

static inline size_t
buffer_length(const Buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline char *
buffer_first(const Buffer *buffer)
{
	return buffer->bytes + buffer->start;
}

/* Room for size more bytes; the answer is where they go, until the next call. */
extern char *buffer_reserve(Buffer *buffer, size_t size);

/* size bytes were put where buffer_reserve said. */
extern void buffer_filled(Buffer *buffer, size_t size);

extern void buffer_append(Buffer *buffer, const char *bytes, size_t length);
/* Here, so that a literal's length is known when this is compiled. */
static inline void
buffer_text(Buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

/* In at least that many digits; base 10 or 16.  For what each request writes. */
extern void buffer_number(Buffer *buffer, uint64_t number, unsigned base, unsigned digits);

extern void buffer_format(Buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Drops bytes from the front; keeps the memory, even of an empty buffer. */
extern void buffer_consume(Buffer *buffer, size_t size);

/* Leaves so many bytes at the front, of those that there are. */
static inline void
buffer_cut(Buffer *buffer, size_t length)
{
	buffer->end = buffer->start + length;
}

/* Empties the buffer and keeps its memory. */
extern void buffer_clear(Buffer *buffer);

/* Empties the buffer and gives its memory back. */
extern void buffer_free(Buffer *buffer);

#endif /* GATEWAY_BASE_BUFFER_H */
