/*
 * quote.h: text in quotes, whatever is in it
 */
#ifndef GATEWAY_BASE_QUOTE_H
#define GATEWAY_BASE_QUOTE_H

#include "base/buffer.h"
#include "base/span.h"

#define QUOTE_JSON \
	"\\u00" /* an escape that JSON reads, as the character of that number (Latin-1) */

/* What is not plain ASCII, and quotes and backslashes, are written as escape and two digits. */
extern void quote_append(Buffer *out, const char *escape, Span text);

#endif /* GATEWAY_BASE_QUOTE_H */
