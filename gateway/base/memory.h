/*
 * memory.h: allocates memory, and aborts if there is none
 */
#ifndef GATEWAY_BASE_MEMORY_H
#define GATEWAY_BASE_MEMORY_H

#include <stddef.h>

/* Return size bytes of zeros. The caller owns them and gives them to free(). */
extern void *memory_zeroed(size_t size);

/* Resize as realloc(3) does: pointer is consumed, and the caller owns the result. */
extern void *memory_resize(void *pointer, size_t size);

/* Return a zero-terminated copy of length bytes. The caller owns it. */
extern char *memory_text(const char *bytes, size_t length);

#endif /* GATEWAY_BASE_MEMORY_H */
