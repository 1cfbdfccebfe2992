/*
 * spelling.h: what others may read in the same bytes of a target
 *
 * Pure.  Percent-encoding as RFC 3986 has it; and the liberties that servers and
 * frameworks take with names and paths, so that a request which means one user to
 * us and another one to them is found out.
 */
#ifndef GATEWAY_HTTP_SPELLING_H
#define GATEWAY_HTTP_SPELLING_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"

/* The next byte of encoded text (not empty) in its meaning, which is consumed; -1: a flaw. */
extern int spelling_next(Span *raw, bool plus_is_space);

/* Consumes text from the front of raw, however it is spelled there; %2F is no slash of a path. */
extern bool spelling_skip(Span *raw, const char *text, bool plus_is_space);

/*
 * Is this, up to its end, the name of a parameter to somebody: whatever its case, with
 * blanks before it, "." or "[" or a blank for "_", or with a zero byte or "[" (an item of
 * its list) behind it?
 */
extern bool spelling_like(Span raw, const char *name);

/* What a server may do to a path; by bit. */
typedef enum SpellingWay
{
	SPELLING_DECODES = 1,	  /* before it is split: %2F is a slash, and %2E a dot */
	SPELLING_PARAMETERS = 2,  /* ;x is no part of a segment */
	SPELLING_BACKSLASHES = 4, /* are slashes */
	SPELLING_MERGES = 8,	  /* slashes side by side are one */
	SPELLING_RESOLVES = 16,	  /* "." and ".." lead elsewhere */
	SPELLING_DOTS = 32		  /* at the end of a segment are no part of it */
} SpellingWay;

/* Appends the path, decoded, as a server reads it that does all this. */
extern void spelling_tidy(Span path, unsigned ways, Buffer *out);

/* Is there anything in the path that they read in different ways? */
extern bool spelling_untidy(Span path);

#endif /* GATEWAY_HTTP_SPELLING_H */
