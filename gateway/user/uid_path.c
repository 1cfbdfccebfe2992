/*
 * uid_path.c: finds the uid in a segment of the path
 *
 * Servers tidy paths up, each in its own way, and some routers ignore the case of a path. The uid
 * is good only if each of these readers finds the same uid in the path.
 */
#include <string.h>

#include "http/spelling.h"
#include "user/uid_own.h"

/* Find the segment in the path as it stands. False if the path does not match the pattern. */
static bool
find_segment(const UidSource *source, Span path, Span *segment)
{
	const char *slash;
	Span		value = path;
	Span		rest = {"", 0};

	if (!spelling_skip(&value, source->name, false))
		return false;
	slash = memchr(value.bytes, '/', value.length);
	if (slash != NULL)
	{
		rest = (Span){slash, value.length - (size_t) (slash - value.bytes)};
		value.length -= rest.length;
	}
	/* /users/42 is as good as /users/42/ */
	if (!(rest.length == 0 && strlen(source->suffix) <= 1) &&
		!spelling_skip(&rest, source->suffix, false))
		return false;
	*segment = value;
	return true;
}

static bool
begins_nocase(Span text, const char *with)
{
	Span front = {text.bytes, strlen(with)};

	return text.length >= front.length && span_equals_nocase(front, with);
}

/* Find the segment in a path that was tidied up. The result is empty if there is none. */
static Span
tidy_segment(const UidSource *source, Span path)
{
	const char *slash;
	Span		value;
	Span		rest = {"", 0};

	if (!begins_nocase(path, source->name))
		return rest;
	value = (Span){path.bytes + strlen(source->name), path.length - strlen(source->name)};
	slash = memchr(value.bytes, '/', value.length);
	if (slash != NULL)
	{
		rest = (Span){slash, value.length - (size_t) (slash - value.bytes)};
		value.length -= rest.length;
	}
	if (!(rest.length == 0 && strlen(source->suffix) <= 1) && !begins_nocase(rest, source->suffix))
		return (Span){"", 0};
	return value;
}

/* The ways in which servers, and the software behind them, are known to read a path. */
static const unsigned readers[] = {
	SPELLING_DECODES, /* the path in WSGI, Rack and the like */
	SPELLING_MERGES,  /* routers */
	SPELLING_DECODES | SPELLING_MERGES,
	SPELLING_RESOLVES, /* RFC 3986 */
	SPELLING_DECODES | SPELLING_RESOLVES,
	SPELLING_DECODES | SPELLING_MERGES | SPELLING_RESOLVES, /* nginx, Apache */
	SPELLING_PARAMETERS,									/* servlets */
	SPELLING_PARAMETERS | SPELLING_RESOLVES,
	SPELLING_PARAMETERS | SPELLING_DECODES | SPELLING_MERGES | SPELLING_RESOLVES,
	SPELLING_DOTS | SPELLING_DECODES, /* files on Windows */
	SPELLING_DOTS | SPELLING_BACKSLASHES | SPELLING_PARAMETERS | SPELLING_DECODES |
		SPELLING_MERGES | SPELLING_RESOLVES,
};

bool
uid_path_tidy(Span path)
{
	Buffer tidied = {0};
	bool   tidy = true;

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]) && tidy; i++)
	{
		buffer_clear(&tidied);
		spelling_tidy(path, readers[i], &tidied);
		tidy = span_same((Span){buffer_first(&tidied), buffer_length(&tidied)}, path);
	}
	buffer_free(&tidied);
	return tidy;
}

/* Does every reader find this value? If value is empty: does no reader find a value? */
static bool
all_agree(const UidSource *source, Span path, Span value)
{
	Buffer tidied = {0};
	bool   agree = true;

	if (!spelling_untidy(path))
		return span_same(tidy_segment(source, path), value);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]) && agree; i++)
	{
		buffer_clear(&tidied);
		spelling_tidy(path, readers[i], &tidied);
		agree =
			span_same(tidy_segment(source, (Span){buffer_first(&tidied), buffer_length(&tidied)}),
					  value);
	}
	buffer_free(&tidied);
	return agree;
}

Extraction
uid_path_take(const UidSource *source, Span path, Span *segment, Uid *uid)
{
	Extraction result = ABSENT;
	Span	   value = {"", 0};

	*segment = value;
	if (find_segment(source, path, segment))
		result = uid_take_decoded(*segment, false, uid);
	if (result == EXTRACTED)
		value = (Span){uid->bytes, uid->length};
	else if (result != ABSENT)
		return result;
	return all_agree(source, path, value) ? result : UNCLEAR;
}

UidResult
uid_in_path(const UidSource *source, Span path, Span *segment)
{
	Uid uid;

	switch (uid_path_take(source, path, segment, &uid))
	{
		case EXTRACTED:
			return UID_FOUND;
		case ABSENT:
			return UID_NONE;
		case REFUSED: /* the value is too long, but it may be so for the gateway alone */
		case UNCLEAR:
			break;
	}
	return UID_UNCLEAR;
}
