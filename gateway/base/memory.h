/*
 * memory.h: allocation that aborts when there is none left
 */
#ifndef GATEWAY_BASE_MEMORY_H
#define GATEWAY_BASE_MEMORY_H

#include <stddef.h>

/* size bytes of zeros; the caller owns them and gives them to free(). */
extern void *memory_zeroed(size_t size);

/* As realloc(3): pointer is consumed, the answer is owned by the caller. */
extern void *memory_resize(void *pointer, size_t size);

/* A zero-terminated copy of length bytes; owned by the caller. */
extern char *memory_text(const char *bytes, size_t length);

#endif /* GATEWAY_BASE_MEMORY_H */
