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

typedef enum Extraction
{
	EXTRACTED,
	ABSENT,
	REFUSED /* it is there, and is no uid: nothing unverified speaks in its place */
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

/* The next byte of percent-encoded text in its meaning, which is consumed; -1: a flaw. */
static int
next_byte(Span *raw, bool plus_is_space)
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

static Extraction
take_decoded(Span raw, bool plus_is_space, Uid *uid)
{
	uid->length = 0;
	if (raw.length == 0)
		return ABSENT;
	while (raw.length > 0)
	{
		int byte = next_byte(&raw, plus_is_space);

		if (byte < 0 || uid->length == UID_MAX_BYTES)
			return REFUSED;
		uid->bytes[uid->length++] = (char) byte;
	}
	uid->bytes[uid->length] = '\0';
	return EXTRACTED;
}

/* Consumes text from the front of raw, however it is spelled there; %2F is no slash of a path. */
static bool
skip_encoded(Span *raw, const char *text, bool plus_is_space)
{
	Span rest = *raw;

	for (; *text != '\0'; text++)
	{
		bool plain_slash = rest.length > 0 && rest.bytes[0] == '/';

		if (rest.length == 0 || next_byte(&rest, plus_is_space) != (unsigned char) *text ||
			(*text == '/' && !plain_slash))
			return false;
	}
	*raw = rest;
	return true;
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
	return found > 1 ? REFUSED : take_plain(value, uid);
}

/* The first one: browsers send that of the longest path first, and servers take it. */
static bool
find_cookie(const char *name, const Head *head, Span *value)
{
	size_t length = strlen(name);
	Span   list;
	Span   pair;

	for (size_t i = 0; i < head->field_count; i++)
	{
		if (!span_equals_nocase(head->fields[i].name, "cookie"))
			continue;
		list = head->fields[i].value;
		while (span_next(&list, ';', &pair))
		{
			if (pair.length <= length || pair.bytes[length] != '=' ||
				memcmp(pair.bytes, name, length) != 0)
				continue;
			*value = (Span){pair.bytes + length + 1, pair.length - length - 1};
			if (value->length >= 2 && value->bytes[0] == '"' &&
				value->bytes[value->length - 1] == '"')
				*value = (Span){value->bytes + 1, value->length - 2};
			return true;
		}
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
		if (!skip_encoded(&pair, source->name, true) || pair.length == 0 || pair.bytes[0] != '=')
			continue;
		value = (Span){pair.bytes + 1, pair.length - 1};
		found++;
	}
	return found > 1 ? REFUSED : take_decoded(value, true, uid);
}

static Extraction
extract_path(const UidSource *source, Span path, Uid *uid)
{
	const char *slash;
	Span		value = path;
	Span		rest = {"", 0};

	if (!skip_encoded(&value, source->name, false))
		return ABSENT;
	slash = memchr(value.bytes, '/', value.length);
	if (slash != NULL)
	{
		rest = (Span){slash, value.length - (size_t) (slash - value.bytes)};
		value.length -= rest.length;
	}
	/* /users/42 is as good as /users/42/ */
	if (!(rest.length == 0 && strlen(source->suffix) <= 1) &&
		!skip_encoded(&rest, source->suffix, false))
		return ABSENT;
	return take_decoded(value, false, uid);
}

/* What Authorization has behind "Bearer"; a second such field makes it ambiguous. */
static Extraction
find_bearer(const Head *head, Span *token)
{
	static const char scheme[] = "bearer ";
	const size_t	  length = sizeof(scheme) - 1;
	size_t			  found = 0;

	for (size_t i = 0; i < head->field_count; i++)
	{
		Span value = head->fields[i].value;

		if (!span_equals_nocase(head->fields[i].name, "authorization") || value.length <= length ||
			!span_equals_nocase((Span){value.bytes, length}, scheme))
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
	Extraction	found = source->suffix[0] == '\0'					? find_bearer(head, &token)
						: find_cookie(source->suffix, head, &token) ? EXTRACTED
																	: ABSENT;

	if (found != EXTRACTED)
		return found;
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
	Span		value;

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
			return find_cookie(source->name, head, &value) ? take_plain(value, uid) : ABSENT;
		case UID_QUERY:
			return extract_query(source, query, uid);
		case UID_PATH:
			return extract_path(source, path, uid);
		case UID_TOKEN:
			return extract_token(source, rules, head, uid);
	}
	return ABSENT;
}

bool
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
			return true;
		if (result == ABSENT)
			continue;
		log_debug("no uid from %s: it is repeated, not encoded well, too long, or not verified",
				  source->name);
		refused = true;
	}
	return false;
}
