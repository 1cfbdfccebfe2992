/*
 * quote.c: quotes any text
 */
#include "base/quote.h"

#include <stdbool.h>

static bool
plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

void
quote_append(Buffer *out, const char *escape, Span text)
{
	static const char digits[] = "0123456789abcdef";
	size_t			  from = 0;

	buffer_append(out, "\"", 1);
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char byte = (unsigned char) text.bytes[i];

		if (plain(byte))
			continue;
		buffer_append(out, text.bytes + from, i - from);
		buffer_text(out, escape);
		buffer_append(out, &digits[byte >> 4], 1);
		buffer_append(out, &digits[byte & 15], 1);
		from = i + 1;
	}
	buffer_append(out, text.bytes + from, text.length - from);
	buffer_append(out, "\"", 1);
}
