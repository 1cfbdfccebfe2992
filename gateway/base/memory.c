/*
 * memory.c: allocation that aborts when there is none left
 *
 * A proxy that limps on without memory answers nonsense; one that aborts is
 * started again by its supervisor, and the database's fence keeps the data.
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
