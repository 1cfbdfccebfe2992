/*
 * buffer.c: a buffer of bytes: bytes are appended at the end and consumed from the front
 */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BUFFER_SMALLEST 256
#define FORMAT_BYTES 128

char *
buffer_reserve(Buffer *buffer, size_t size)
{
	if (buffer->capacity - buffer->end >= size && buffer->bytes != NULL)
		return buffer->bytes + buffer->end;

	if (buffer->start > 0)
	{
		memmove(buffer->bytes, buffer_first(buffer), buffer_length(buffer));
		buffer->end -= buffer->start;
		buffer->start = 0;
	}
	if (buffer->capacity - buffer->end < size || buffer->bytes == NULL)
	{
		size_t capacity = buffer->capacity > 0 ? buffer->capacity : BUFFER_SMALLEST;

		while (capacity - buffer->end < size)
			capacity *= 2;
		buffer->bytes = memory_resize(buffer->bytes, capacity);
		buffer->capacity = capacity;
	}
	return buffer->bytes + buffer->end;
}

void
buffer_filled(Buffer *buffer, size_t size)
{
	buffer->end += size;
}

void
buffer_append(Buffer *buffer, const char *bytes, size_t length)
{
	if (length == 0)
		return;
	memcpy(buffer_reserve(buffer, length), bytes, length);
	buffer->end += length;
}

void
buffer_number(Buffer *buffer, uint64_t number, unsigned base, unsigned digits)
{
	char  text[32];
	char *first = text + sizeof(text);
	char *padded = first - digits;

	do
	{
		*--first = "0123456789abcdef"[number % base];
		number /= base;
	} while (number > 0 || first > padded);
	buffer_append(buffer, first, (size_t) (text + sizeof(text) - first));
}

/* Mostly the text fits at the first try. */
void
buffer_format(Buffer *buffer, const char *format, ...)
{
	va_list arguments;
	size_t	room = FORMAT_BYTES;
	int		length;

	va_start(arguments, format);
	length = vsnprintf(buffer_reserve(buffer, room), room, format, arguments);
	va_end(arguments);
	if (length <= 0)
		return;
	if ((size_t) length >= room)
	{
		room = (size_t) length + 1;
		va_start(arguments, format);
		vsnprintf(buffer_reserve(buffer, room), room, format, arguments);
		va_end(arguments);
	}
	buffer->end += (size_t) length;
}

void
buffer_consume(Buffer *buffer, size_t size)
{
	buffer->start += size;
	if (buffer->start >= buffer->end)
		buffer_clear(buffer);
}

void
buffer_clear(Buffer *buffer)
{
	buffer->start = 0;
	buffer->end = 0;
}

void
buffer_free(Buffer *buffer)
{
	free(buffer->bytes);
	memset(buffer, 0, sizeof(*buffer));
}
