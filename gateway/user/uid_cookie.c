/*
 * uid_cookie.c: finds the uid in a cookie
 */
#include <string.h>

#include "http/spelling.h"
#include "user/uid_own.h"

/*
 * Return the value of a cookie, if the pair has that name. *odd is set if only servers that strip
 * blanks, or remove "\\", read this value.
 */
static bool
cookie_value(Span pair, const char *name, Span *value, bool *odd)
{
	size_t length = strlen(name);
	size_t at = length;

	if (pair.length <= length || memcmp(pair.bytes, name, length) != 0)
		return false;
	while (at < pair.length && (pair.bytes[at] == ' ' || pair.bytes[at] == '\t'))
		at++;
	if (at == pair.length || pair.bytes[at] != '=')
		return false;
	*odd = at > length;
	*value = (Span){pair.bytes + at + 1, pair.length - at - 1};
	if (value->length >= 2 && value->bytes[0] == '"' && value->bytes[value->length - 1] == '"')
	{
		*value = (Span){value->bytes + 1, value->length - 2};
		*odd = *odd || memchr(value->bytes, '\\', value->length) != NULL;
	}
	return true;
}

/*
 * Some servers split cookies at commas and blanks, too. Would such a server find our cookie behind
 * the first separator of the pair?
 */
static bool
parted_cookie(Span pair, const char *name)
{
	const size_t length = strlen(name);
	const char	*end = pair.bytes + pair.length;
	const char	*at = pair.bytes;

	while ((at = memmem(at, (size_t) (end - at), name, length)) != NULL)
	{
		bool begins = at > pair.bytes && strchr(", \t\"", at[-1]) != NULL;

		at += length;
		while (begins && at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (begins && at < end && *at == '=')
			return true;
	}
	return false;
}

/*
 * Return the first of several cookies of the name: browsers send the cookie of the longest path
 * first. Some servers take the first cookie and some the last, so the result is UNCLEAR if the
 * values differ.
 */
Extraction
uid_cookie_find(const char *name, const Head *head, Span *first)
{
	Extraction result = ABSENT;

	for (size_t i = 0; i < head->field_count; i++)
	{
		Span list = head->fields[i].value;
		Span pair;
		Span value;
		bool odd;

		if (!span_equals_nocase(head->fields[i].name, "cookie"))
			continue;
		while (span_next(&list, ';', &pair))
		{
			if (parted_cookie(pair, name))
				result = UNCLEAR;
			if (!cookie_value(pair, name, &value, &odd))
				continue;
			if (odd || (result != ABSENT && !span_same(*first, value)))
				result = UNCLEAR;
			else if (result == ABSENT)
			{
				result = EXTRACTED;
				*first = value;
			}
		}
	}
	return result;
}

/* Would decoding change the value? */
static bool
has_encoded(Span value)
{
	for (size_t i = 0; i < value.length; i++)
	{
		Span rest = {value.bytes + i, value.length - i};

		if (*rest.bytes == '%' && spelling_next(&rest, false) >= 0)
			return true;
	}
	return false;
}

/*
 * Decode the value. A server does not decode a value that would not become text, so such a value
 * is UNCLEAR.
 */
static Extraction
take_text(Span value, bool plus_is_space, Uid *uid)
{
	Extraction result = uid_take_decoded(value, plus_is_space, uid);

	return result == EXTRACTED && !uid_canonical(UID_TEXT, uid) ? UNCLEAR : result;
}

Extraction
uid_cookie_take(const UidSource *source, const Head *head, Uid *uid)
{
	Span	   value;
	Extraction result = uid_cookie_find(source->name, head, &value);

	if (result != EXTRACTED)
		return result;
	switch (source->spelling)
	{
		case UID_UNSAID:
			return has_encoded(value) ? UNCLEAR : uid_take_plain(value, uid);
		case UID_RAW:
			return uid_take_plain(value, uid);
		case UID_DECODED:
			return take_text(value, false, uid);
		case UID_FORM:
			return take_text(value, true, uid);
	}
	return UNCLEAR;
}
