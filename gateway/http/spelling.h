/*
 * spelling.h: decodes a target, and finds the other ways in which servers may read the same bytes
 *
 * Pure. Percent-encoding follows RFC 3986. Servers and frameworks read names and paths more
 * freely. This code finds a request that means one user to the gateway and another user to a
 * server.
 */
#ifndef GATEWAY_HTTP_SPELLING_H
#define GATEWAY_HTTP_SPELLING_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"

/*
 * Consume one encoded byte of raw (not empty) and return it decoded. -1 if the encoding is broken.
 */
extern int spelling_next(Span *raw, bool plus_is_space);

/*
 * Consume text from the front of raw, however raw spells it. %2F does not count as a slash of a
 * path.
 */
extern bool spelling_skip(Span *raw, const char *text, bool plus_is_space);

/*
 * Does any server read raw, up to its end, as this name of a parameter? A server may ignore case
 * or blanks before the name. It may read ".", "[" or a blank as "_". It may end the name at a zero
 * byte, or at "[" (an item of a list of that name).
 */
extern bool spelling_like(Span raw, const char *name);

/* Changes that a server may make to a path, as bits. */
typedef enum SpellingWay
{
	SPELLING_DECODES = 1,	  /* decodes before it splits: %2F is a slash, and %2E a dot */
	SPELLING_PARAMETERS = 2,  /* takes ;x out of a segment */
	SPELLING_BACKSLASHES = 4, /* reads backslashes as slashes */
	SPELLING_MERGES = 8,	  /* reads neighbouring slashes as one slash */
	SPELLING_RESOLVES = 16,	  /* resolves "." and ".." */
	SPELLING_DOTS = 32		  /* takes dots off the end of a segment */
} SpellingWay;

/* Append the path, decoded, as a server reads it that makes all these changes. */
extern void spelling_tidy(Span path, unsigned ways, Buffer *out);

/* Does the path have anything that servers read in different ways? */
extern bool spelling_untidy(Span path);

#endif /* GATEWAY_HTTP_SPELLING_H */
