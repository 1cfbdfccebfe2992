/*
 * buffer.h: a buffer of bytes: bytes are appended at the end and consumed from the front
 */
#ifndef GATEWAY_BASE_BUFFER_H
#define GATEWAY_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A buffer of all zeros is empty and has no memory. */
typedef struct Buffer
{
	char  *bytes; /* owned */
	size_t start; /* bytes consumed so far */
	size_t end;	  /* bytes filled so far */
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

/*
 * Make room for size more bytes, and return where they go. The pointer is good until the next
 * call.
 */
extern char *buffer_reserve(Buffer *buffer, size_t size);

/* Count size bytes that were written where buffer_reserve said. */
extern void buffer_filled(Buffer *buffer, size_t size);

extern void buffer_append(Buffer *buffer, const char *bytes, size_t length);
/*
 * Append a text. The function is inline, so that the length of a literal is known at compile time.
 */
static inline void
buffer_text(Buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

/*
 * Append a number in at least that many digits; base is 10 or 16. This is fast, for text that each
 * request writes.
 */
extern void buffer_number(Buffer *buffer, uint64_t number, unsigned base, unsigned digits);

extern void buffer_format(Buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Drop bytes from the front. The memory is kept, even if the buffer is empty then. */
extern void buffer_consume(Buffer *buffer, size_t size);

/* Cut the buffer to its first length bytes; a shorter buffer stays as it is. */
static inline void
buffer_cut(Buffer *buffer, size_t length)
{
	buffer->end = buffer->start + length;
}

/* Empty the buffer and keep its memory. */
extern void buffer_clear(Buffer *buffer);

/* Empty the buffer and free its memory. */
extern void buffer_free(Buffer *buffer);

#endif /* GATEWAY_BASE_BUFFER_H */
