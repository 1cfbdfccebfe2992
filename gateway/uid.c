/*
 * uid.c: which user a request is from
 *
 * The server has to find the same user as we do.  So names and values are
 * compared in their meaning, not in their spelling, and what a server might
 * read in another way is no uid.
 */
#include "uid.h"

#include <string.h>

#include "log.h"
#include "spelling.h"

typedef enum Extraction
{
	EXTRACTED,
	ABSENT,
	REFUSED, /* it is there, and is no uid: nothing unverified speaks in its place */
	UNCLEAR	 /* a server may see another user there than we do */
} Extraction;

static Extraction
take_plain(Span raw, Uid *uid)
{
	if (raw.length == 0)
		return ABSENT;
	if (raw.length > UID_MAX_BYTES)
		return REFUSED;
	memcpy(uid->bytes, raw.bytes, raw.length);
	uid->bytes[raw.length] = '\0';
	uid->length = raw.length;
	return EXTRACTED;
}

static Extraction
take_decoded(Span raw, bool plus_is_space, Uid *uid)
{
	uid->length = 0;
	if (raw.length == 0)
		return ABSENT;
	while (raw.length > 0)
	{
		int byte = spelling_next(&raw, plus_is_space);

		/* Some servers end a text at its first zero byte. */
		if (byte <= 0)
			return UNCLEAR;
		if (uid->length == UID_MAX_BYTES)
			return REFUSED;
		uid->bytes[uid->length++] = (char) byte;
	}
	uid->bytes[uid->length] = '\0';
	return EXTRACTED;
}

/* A second field makes it ambiguous: servers take the first, the last, or join them. */
static Extraction
extract_header(const UidSource *source, const Head *head, Uid *uid)
{
	size_t found = 0;
	Span   value = {"", 0};

	for (size_t i = 0; i < head->field_count; i++)
	{
		if (!span_equals_nocase(head->fields[i].name, source->name))
			continue;
		value = head->fields[i].value;
		found++;
	}
	return found > 1 ? UNCLEAR : take_plain(value, uid);
}

/* The value of a cookie, if the pair is of that name; *odd: only to who takes blanks or "\\" off. */
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

/* Some servers part cookies at commas and blanks, too: is there one of ours behind the first? */
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
 * Of several the first: browsers send that of the longest path first.  But servers take
 * the first or the last: UNCLEAR where they differ.
 */
static Extraction
find_cookie(const char *name, const Head *head, Span *first)
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

static Extraction
extract_cookie(const UidSource *source, const Head *head, Uid *uid)
{
	Span	   value;
	Extraction result = find_cookie(source->name, head, &value);

	return result == EXTRACTED ? take_plain(value, uid) : result;
}

/* Does a piece of a query give the parameter a value, to somebody? */
static bool
piece_names(Span piece, const char *name)
{
	const char *equals = memchr(piece.bytes, '=', piece.length);

	return equals != NULL &&
		   spelling_like((Span){piece.bytes, (size_t) (equals - piece.bytes)}, name);
}

/* Some servers part at ";", too: is there anything of ours in or behind the first? */
static bool
parted_again(Span pair, const char *name, bool ours)
{
	Span piece;
	bool first = true;

	if (memchr(pair.bytes, ';', pair.length) == NULL)
		return false;
	if (ours)
		return true;
	while (span_next(&pair, ';', &piece))
	{
		if (!first && piece_names(piece, name))
			return true;
		first = false;
	}
	return false;
}

/* As with header fields, a second one makes it ambiguous. */
static Extraction
extract_query(const UidSource *source, Span query, Uid *uid)
{
	size_t found = 0;
	Span   value = {"", 0};
	Span   pair;

	while (span_next(&query, '&', &pair))
	{
		Span rest = pair;
		bool ours =
			spelling_skip(&rest, source->name, true) && rest.length > 0 && rest.bytes[0] == '=';

		if (parted_again(pair, source->name, ours) || (!ours && piece_names(pair, source->name)))
			return UNCLEAR;
		if (!ours)
			continue;
		value = (Span){rest.bytes + 1, rest.length - 1};
		found++;
	}
	return found > 1 ? UNCLEAR : take_decoded(value, true, uid);
}

/* The segment as it stands; false if the path is another one. */
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

/* The segment in a path that is tidied up; "": none. */
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

/*
 * Servers tidy paths up, and routers may not mind their case: what is found in
 * the path as it stands has to be found in the tidy one, and nothing else.
 */
static Extraction
take_segment(const UidSource *source, Span path, Span *segment, Uid *uid)
{
	Buffer	   tidied = {0};
	Extraction result = ABSENT;
	Span	   value;
	bool	   same;

	*segment = (Span){"", 0};
	if (find_segment(source, path, segment))
		result = take_decoded(*segment, false, uid);
	if (result != EXTRACTED && result != ABSENT)
		return result;
	spelling_tidy(path, &tidied);
	value = tidy_segment(source, (Span){buffer_first(&tidied), buffer_length(&tidied)});
	same = result == ABSENT ? value.length == 0 : span_same(value, (Span){uid->bytes, uid->length});
	buffer_free(&tidied);
	return same ? result : UNCLEAR;
}

static Extraction
extract_path(const UidSource *source, Span path, Uid *uid)
{
	Span segment;

	return take_segment(source, path, &segment, uid);
}

UidResult
uid_in_path(const UidSource *source, Span path, Span *segment)
{
	Uid uid;

	switch (take_segment(source, path, segment, &uid))
	{
		case EXTRACTED:
			return UID_FOUND;
		case ABSENT:
			return UID_NONE;
		case REFUSED: /* too long, but who knows for whom */
		case UNCLEAR:
			break;
	}
	return UID_UNCLEAR;
}

bool
uid_decode(Span raw, bool plus_is_space, Uid *uid)
{
	return take_decoded(raw, plus_is_space, uid) == EXTRACTED;
}

/* What Authorization has behind "Bearer" and blanks; a second such field makes it ambiguous. */
static Extraction
find_bearer(const Head *head, Span *token)
{
	static const char scheme[] = "bearer";
	const size_t	  length = sizeof(scheme) - 1;
	size_t			  found = 0;

	for (size_t i = 0; i < head->field_count; i++)
	{
		Span value = head->fields[i].value;

		if (!span_equals_nocase(head->fields[i].name, "authorization") || value.length <= length ||
			!span_equals_nocase((Span){value.bytes, length}, scheme) ||
			(value.bytes[length] != ' ' && value.bytes[length] != '\t'))
			continue;
		*token = span_trim((Span){value.bytes + length, value.length - length});
		found++;
	}
	return found == 0 ? ABSENT : found == 1 ? EXTRACTED : REFUSED;
}

static Extraction
extract_token(const UidSource *source, const TokenRules *rules, const Head *head, Uid *uid)
{
	const char *problem;
	Span		token;
	Extraction	found = source->suffix[0] == '\0' ? find_bearer(head, &token)
												  : find_cookie(source->suffix, head, &token);

	/* Two tokens are no uid, as a bad one is none. */
	if (found != EXTRACTED)
		return found == UNCLEAR ? REFUSED : found;
	switch (token_claim(rules, token, source->name, time(NULL), uid->bytes, sizeof(uid->bytes),
						&problem))
	{
		case TOKEN_GOOD:
			uid->length = strlen(uid->bytes);
			return EXTRACTED;
		case TOKEN_SILENT:
			return ABSENT;
		case TOKEN_BAD:
			log_debug("no uid from the token: %s", problem);
			break;
	}
	return REFUSED;
}

static Extraction
extract_from(const UidSource *source, const TokenRules *rules, const Head *head, Uid *uid)
{
	const char *question = memchr(head->target.bytes, '?', head->target.length);
	Span		path = head->target;
	Span		query = {"", 0};

	if (question != NULL)
	{
		path.length = (size_t) (question - path.bytes);
		query = (Span){question + 1, head->target.length - path.length - 1};
	}
	switch (source->place)
	{
		case UID_HEADER:
			return extract_header(source, head, uid);
		case UID_COOKIE:
			return extract_cookie(source, head, uid);
		case UID_QUERY:
			return extract_query(source, query, uid);
		case UID_PATH:
			return extract_path(source, path, uid);
		case UID_TOKEN:
			return extract_token(source, rules, head, uid);
	}
	return ABSENT;
}

UidResult
uid_extract(const UidSources *sources, const TokenRules *rules, const Head *head, Uid *uid)
{
	bool refused = false;

	for (size_t i = 0; i < sources->count; i++)
	{
		const UidSource *source = &sources->sources[i];
		Extraction		 result;

		if (refused && source->place != UID_TOKEN)
			continue;
		result = extract_from(source, rules, head, uid);
		if (result == EXTRACTED && uid->length <= sources->max_bytes)
			return UID_FOUND;
		if (result == UNCLEAR)
			return UID_UNCLEAR;
		if (result == ABSENT)
			continue;
		log_debug("no uid from %s: it is too long, or not verified", source->name);
		refused = true;
	}
	return UID_NONE;
}
