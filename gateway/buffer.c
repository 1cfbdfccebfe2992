/*
 * buffer.c: bytes that wait: appended at the end, consumed from the front
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define BUFFER_SMALLEST 256

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
buffer_text(Buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

void
buffer_format(Buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int		length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length <= 0)
		return;

	buffer_reserve(buffer, (size_t) length + 1);
	va_start(arguments, format);
	vsnprintf(buffer->bytes + buffer->end, (size_t) length + 1, format, arguments);
	va_end(arguments);
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
