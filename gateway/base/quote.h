/*
 * quote.h: quotes any text
 */
#ifndef GATEWAY_BASE_QUOTE_H
#define GATEWAY_BASE_QUOTE_H

#include "base/buffer.h"
#include "base/span.h"

#define QUOTE_JSON \
	"\\u00" /* an escape of JSON: the byte is read as the character of that number (Latin-1) */

/*
 * Append text in quotes. Quotes, backslashes and all bytes but plain ASCII are written as escape
 * and two digits.
 */
extern void quote_append(Buffer *out, const char *escape, Span text);

#endif /* GATEWAY_BASE_QUOTE_H */
