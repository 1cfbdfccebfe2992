/*
 * spelling.h: what others may read in the same bytes of a target
 *
 * Pure.  Percent-encoding as RFC 3986 has it; and the liberties that servers and
 * frameworks take with names and paths, so that a request which means one user to
 * us and another one to them is found out.
 */
#ifndef SPELLING_H
#define SPELLING_H

#include <stdbool.h>

#include "buffer.h"
#include "span.h"

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

/*
 * Appends the path as servers tidy it up: decoded, without parameters (;x), "\" for
 * "/", slashes merged, "." and ".." resolved.
 */
extern void spelling_tidy(Span path, Buffer *out);

#endif /* SPELLING_H */
