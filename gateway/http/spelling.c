/*
 * spelling.c: decodes a target, and finds the other ways in which servers may read the same bytes
 */
#include "http/spelling.h"

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

/* Map a byte as PHP does in the name of a variable, and as other frameworks do in their keys. */
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

bool
spelling_untidy(Span path)
{
	char before = '\0';

	for (size_t i = 0; i < path.length; i++)
	{
		char byte = path.bytes[i];

		if (byte == '%' || byte == ';' || byte == '\\' ||
			(byte == '/' && (before == '/' || before == '.')) || (byte == '.' && before == '/'))
			return true;
		before = byte;
	}
	return before == '.';
}

/* The state of tidying up a path. */
typedef struct Tidying
{
	Buffer	*out;
	unsigned ways;
	size_t	 start;	  /* where the path starts in out */
	size_t	 segment; /* where the current segment starts in out */
	bool	 encoded; /* the segment has an encoded byte that this server does not decode */
	bool	 skipping;
} Tidying;

/* Remove ".." with the slash before it, and the segment before that slash. */
static void
go_up(Tidying *tidying)
{
	const char *bytes = buffer_first(tidying->out);
	size_t		keep = tidying->segment;

	if (keep > tidying->start + 1)
		keep--;
	while (keep > tidying->start + 1 && bytes[keep - 1] != '/')
		keep--;
	buffer_cut(tidying->out, keep);
}

/* End a segment. True if the segment was "." or "..", which led elsewhere and is removed. */
static bool
end_segment(Tidying *tidying)
{
	size_t		length = buffer_length(tidying->out) - tidying->segment;
	const char *bytes;
	bool		resolves = (tidying->ways & SPELLING_RESOLVES) != 0 && !tidying->encoded;

	if (length == 0)
		return false;
	bytes = buffer_first(tidying->out) + tidying->segment;
	if (resolves && length == 2 && memcmp(bytes, "..", 2) == 0)
	{
		go_up(tidying);
		return true;
	}
	if (resolves && length == 1 && *bytes == '.')
	{
		buffer_cut(tidying->out, tidying->segment);
		return true;
	}
	while ((tidying->ways & SPELLING_DOTS) != 0 && length > 0 && bytes[length - 1] == '.')
		length--;
	buffer_cut(tidying->out, tidying->segment + length);
	return false;
}

static void
take_slash(Tidying *tidying)
{
	Buffer *out = tidying->out;
	bool	led_away = end_segment(tidying);
	bool	behind_slash =
		buffer_length(out) > tidying->start && buffer_first(out)[buffer_length(out) - 1] == '/';

	if (!behind_slash || (!led_away && (tidying->ways & SPELLING_MERGES) == 0))
		buffer_append(out, "/", 1);
	tidying->segment = buffer_length(out);
	tidying->encoded = false;
	tidying->skipping = false;
}

static void
take_byte(Tidying *tidying, char byte, bool encoded)
{
	bool means = !encoded || (tidying->ways & SPELLING_DECODES) != 0;

	if (byte == '\\' && (tidying->ways & SPELLING_BACKSLASHES) != 0)
		byte = '/';
	if (byte == '/' && means)
		take_slash(tidying);
	else if (byte == ';' && means && (tidying->ways & SPELLING_PARAMETERS) != 0)
		tidying->skipping = true;
	else if (!tidying->skipping)
	{
		tidying->encoded = tidying->encoded || !means;
		/* An encoded slash within a segment stands as a byte that no name has. */
		buffer_append(tidying->out, byte == '/' ? "\1" : &byte, 1);
	}
}

void
spelling_tidy(Span path, unsigned ways, Buffer *out)
{
	size_t	start = buffer_length(out);
	Tidying tidying = {.out = out, .ways = ways, .start = start, .segment = start};

	while (path.length > 0)
	{
		Span before = path;
		int	 byte = spelling_next(&path, false);

		if (byte < 0)
		{
			byte = '%';
			path = (Span){before.bytes + 1, before.length - 1};
		}
		take_byte(&tidying, (char) byte, before.length - path.length > 1);
	}
	end_segment(&tidying);
}
