/*
 * uid.c: finds the uid of a request
 *
 * The server has to find the same user as the gateway does. So names and values are compared by
 * their meaning, not by their spelling. A value that a server might read in another way is no uid.
 */
#include <string.h>

#include "base/log.h"
#include "http/spelling.h"
#include "user/uid_own.h"

Extraction
uid_take_plain(Span raw, Uid *uid)
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

Extraction
uid_take_decoded(Span raw, bool plus_is_space, Uid *uid)
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

/*
 * Find the value of the header. A second field makes it ambiguous: some servers take the first
 * field, some the last, and some join them.
 */
static Extraction
find_header(const char *name, const Head *head, Span *value)
{
	size_t found = 0;

	for (size_t i = 0; i < head->field_count; i++)
	{
		if (!span_equals_nocase(head->fields[i].name, name))
			continue;
		*value = head->fields[i].value;
		found++;
	}
	return found > 1 ? UNCLEAR : found == 1 ? EXTRACTED : ABSENT;
}

static Extraction
extract_header(const UidSource *source, const Head *head, Uid *uid)
{
	Span	   value = {"", 0};
	Extraction result = find_header(source->name, head, &value);

	return result == EXTRACTED ? uid_take_plain(value, uid) : result;
}

/* Does any server read this piece of a query as a value of the parameter? */
static bool
piece_names(Span piece, const char *name)
{
	const char *equals = memchr(piece.bytes, '=', piece.length);

	return equals != NULL &&
		   spelling_like((Span){piece.bytes, (size_t) (equals - piece.bytes)}, name);
}

/*
 * Some servers split a query at ";", too. Would such a server find our parameter behind the first
 * ";", or cut the value of our parameter short?
 */
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

/*
 * Find the value of the parameter. A second parameter of the name makes it ambiguous, as with
 * header fields.
 */
static Extraction
find_parameter(const char *name, Span query, Span *value)
{
	size_t found = 0;
	Span   pair;

	while (span_next(&query, '&', &pair))
	{
		Span rest = pair;
		bool ours = spelling_skip(&rest, name, true) && rest.length > 0 && rest.bytes[0] == '=';

		if (parted_again(pair, name, ours) || (!ours && piece_names(pair, name)))
			return UNCLEAR;
		if (!ours)
			continue;
		*value = (Span){rest.bytes + 1, rest.length - 1};
		found++;
	}
	return found > 1 ? UNCLEAR : found == 1 ? EXTRACTED : ABSENT;
}

static Extraction
extract_query(const UidSource *source, Span query, Uid *uid)
{
	Span	   value = {"", 0};
	Extraction result = find_parameter(source->name, query, &value);

	return result == EXTRACTED ? uid_take_decoded(value, true, uid) : result;
}

bool
uid_decode(Span raw, bool plus_is_space, Uid *uid)
{
	return uid_take_decoded(raw, plus_is_space, uid) == EXTRACTED;
}

/*
 * Return the token behind "Bearer" and blanks in Authorization. A second Authorization field makes
 * it ambiguous.
 */
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

/* Find the token. text has room for the decoded token, where it has to be decoded. */
static Extraction
find_token(const UidSource *source, const Head *head, Span query, Buffer *text, Span *token)
{
	Extraction found;

	switch (source->carrier)
	{
		case UID_COOKIE:
			return uid_cookie_find(source->suffix, head, token);
		case UID_HEADER:
			return find_header(source->suffix, head, token);
		case UID_QUERY:
			break;
		default:
			return find_bearer(head, token);
	}
	found = find_parameter(source->suffix, query, token);
	while (found == EXTRACTED && token->length > 0)
	{
		int	 byte = spelling_next(token, true);
		char plain = (char) byte;

		if (byte < 0 || buffer_length(text) > TOKEN_BYTES_MAX)
			return REFUSED;
		buffer_append(text, &plain, 1);
	}
	if (buffer_length(text) > 0)
		*token = (Span){buffer_first(text), buffer_length(text)};
	return found;
}

static Extraction
extract_token(const UidSource *source, const TokenRules *rules, const Head *head, Span query,
			  Uid *uid)
{
	Buffer		text = {0};
	const char *problem = "there are two";
	Span		token = {"", 0};
	TokenResult result = TOKEN_BAD;
	Extraction	found = find_token(source, head, query, &text, &token);

	/* Two tokens are refused, as a bad token is. An empty token counts as absent. */
	if (found == ABSENT || (found == EXTRACTED && token.length == 0))
		result = TOKEN_SILENT;
	else if (found == EXTRACTED)
		result = token_claim(rules, token, source->name, time(NULL), uid->bytes, sizeof(uid->bytes),
							 &problem);
	buffer_free(&text);
	switch (result)
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
	Span		segment;

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
			return uid_cookie_take(source, head, uid);
		case UID_QUERY:
			return extract_query(source, query, uid);
		case UID_PATH:
			return uid_path_take(source, path, &segment, uid);
		case UID_TOKEN:
			return extract_token(source, rules, head, query, uid);
	}
	return ABSENT;
}

/* Is the extracted value a text for the query, or no longer than a uid may be? */
static bool
fits(const UidSources *sources, const UidSource *source, Uid *uid)
{
	return source->lookup ? uid_canonical(UID_TEXT, uid) : uid->length <= sources->max_bytes;
}

UidResult
uid_extract(const UidSources *sources, const TokenRules *rules, const Head *head, Uid *uid)
{
	uid->refused = 0;
	for (size_t i = 0; i < sources->count; i++)
	{
		const UidSource *source = &sources->sources[i];
		Extraction		 result;

		if (uid->refused != 0 && source->place != UID_TOKEN)
			continue;
		uid->place = (uint8_t) i;
		result = extract_from(source, rules, head, uid);
		if (result == EXTRACTED && fits(sources, source, uid))
			return source->lookup ? UID_ASK : UID_FOUND;
		if (result == UNCLEAR)
			return UID_UNCLEAR;
		if (result == ABSENT)
			continue;
		log_debug("no uid from %s: it is too long, not text, or not verified", source->name);
		uid->refused |= (uint8_t) (1u << i);
	}
	return UID_NONE;
}
