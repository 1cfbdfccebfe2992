/*
 * spelling.c: what others may read in the same bytes of a target
 */
#include "spelling.h"

#include <ctype.h>
#include <string.h>

static int
hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

int
spelling_next(Span *raw, bool plus_is_space)
{
	size_t used = 1;
	int	   byte = (unsigned char) raw->bytes[0];

	if (byte == '+' && plus_is_space)
		byte = ' ';
	else if (byte == '%')
	{
		if (raw->length < 3 || hex_value(raw->bytes[1]) < 0 || hex_value(raw->bytes[2]) < 0)
			return -1;
		byte = hex_value(raw->bytes[1]) * 16 + hex_value(raw->bytes[2]);
		used = 3;
	}
	raw->bytes += used;
	raw->length -= used;
	return byte;
}

bool
spelling_skip(Span *raw, const char *text, bool plus_is_space)
{
	Span rest = *raw;

	for (; *text != '\0'; text++)
	{
		bool plain_slash = rest.length > 0 && rest.bytes[0] == '/';

		if (rest.length == 0 || spelling_next(&rest, plus_is_space) != (unsigned char) *text ||
			(*text == '/' && !plain_slash))
			return false;
	}
	*raw = rest;
	return true;
}

/* As PHP makes a variable's name of it, and others their keys. */
static int
name_byte(int byte)
{
	return byte == '.' || byte == '[' || byte == ' ' ? '_' : tolower(byte);
}

bool
spelling_like(Span raw, const char *name)
{
	bool begun = false;

	while (raw.length > 0)
	{
		int byte = spelling_next(&raw, true);

		if (byte < 0)
			return false;
		if (!begun && byte != 0 && isspace(byte))
			continue;
		begun = true;
		if (byte == 0 || (byte == '[' && *name == '\0'))
			break;
		if (*name == '\0' || name_byte(byte) != name_byte((unsigned char) *name))
			return false;
		name++;
	}
	return *name == '\0';
}

/* Ends a segment that began at "from" of what was appended. */
static void
end_segment(Buffer *out, size_t start, size_t from)
{
	size_t		length = buffer_length(out) - from;
	size_t		keep = from;
	const char *bytes;

	if (length == 0)
		return;
	bytes = buffer_first(out);
	if (length == 2 && memcmp(bytes + from, "..", 2) == 0)
	{
		/* Back over the slash, and over the segment before it. */
		if (keep > start + 1)
			keep--;
		while (keep > start + 1 && bytes[keep - 1] != '/')
			keep--;
	}
	else if (!(length == 1 && bytes[from] == '.'))
		return;
	buffer_cut(out, keep);
}

void
spelling_tidy(Span path, Buffer *out)
{
	size_t start = buffer_length(out);
	size_t from = start;
	bool   skipping = false;

	while (path.length > 0)
	{
		Span before = path;
		int	 byte = spelling_next(&path, false);
		char plain;

		if (byte < 0)
		{
			byte = '%';
			path = (Span){before.bytes + 1, before.length - 1};
		}
		plain = byte == '\\' ? '/' : (char) byte;
		if (plain == '/')
		{
			end_segment(out, start, from);
			skipping = false;
			if (buffer_length(out) == start || buffer_first(out)[buffer_length(out) - 1] != '/')
				buffer_append(out, "/", 1);
			from = buffer_length(out);
		}
		else if (plain == ';')
			skipping = true;
		else if (!skipping)
			buffer_append(out, &plain, 1);
	}
	end_segment(out, start, from);
}
