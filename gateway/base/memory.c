/*
 * memory.c: allocates memory, and aborts if there is none
 *
 * A proxy that goes on without memory gives wrong answers. A proxy that aborts is started again by
 * its supervisor, and the database's fence protects the data.
 */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
refuse_null(const void *pointer, size_t size)
{
	if (pointer == NULL)
	{
		fprintf(stderr, "gray-gateway: out of memory (%zu bytes)\n", size);
		abort();
	}
}

void *
memory_zeroed(size_t size)
{
	void *pointer = calloc(1, size);

	refuse_null(pointer, size);
	return pointer;
}

void *
memory_resize(void *pointer, size_t size)
{
	pointer = realloc(pointer, size);
	refuse_null(pointer, size);
	return pointer;
}

char *
memory_text(const char *bytes, size_t length)
{
	char *text = memory_zeroed(length + 1);

	memcpy(text, bytes, length);
	return text;
}
