/*
 * uid.c: which user a request is from, in the canonical form of the release's type
 */
#include "uid.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

typedef enum Extraction
{
	EXTRACTED,
	ABSENT,
	REFUSED /* a token that is not good */
} Extraction;

static bool
copy_text(char *to, Span from)
{
	if (from.length > UID_MAX_BYTES)
		return false;
	memcpy(to, from.bytes, from.length);
	to[from.length] = '\0';
	return true;
}

static bool
parse_path(Span pattern, UidSource *source, const char **problem)
{
	static const char mark[] = "{uid}";
	const size_t	  mark_length = sizeof(mark) - 1;

	*problem = "a path pattern begins with / and has {uid} once, as in path:/users/{uid}/";
	if (pattern.length == 0 || pattern.bytes[0] != '/')
		return false;
	for (size_t i = 0; i + mark_length <= pattern.length; i++)
	{
		Span suffix = {pattern.bytes + i + mark_length, pattern.length - i - mark_length};

		if (memcmp(pattern.bytes + i, mark, mark_length) != 0)
			continue;
		if (suffix.length > 0 && suffix.bytes[0] != '/')
			return false;
		return copy_text(source->name, (Span){pattern.bytes, i}) &&
			   copy_text(source->suffix, suffix);
	}
	return false;
}

static bool
name_valid(Span name)
{
	for (size_t i = 0; i < name.length; i++)
	{
		if (!isalnum((unsigned char) name.bytes[i]) &&
			strchr("-_.~!$*+^`'|%&#", name.bytes[i]) == NULL)
			return false;
	}
	return name.length > 0;
}

/* CLAIM, or CLAIM@cookie:NAME.  Claims may be named by a URI. */
static bool
parse_token(Span text, UidSource *source, const char **problem)
{
	static const char mark[] = "@cookie:";
	const char		 *at = memmem(text.bytes, text.length, mark, sizeof(mark) - 1);
	Span			  claim = text;
	Span			  cookie = {"", 0};

	*problem = "a token is given as jwt:CLAIM or jwt:CLAIM@cookie:NAME";
	if (at != NULL)
	{
		claim.length = (size_t) (at - text.bytes);
		cookie = (Span){at + sizeof(mark) - 1, text.length - claim.length - (sizeof(mark) - 1)};
		if (!name_valid(cookie))
			return false;
	}
	for (size_t i = 0; i < claim.length; i++)
	{
		if (claim.bytes[i] <= ' ' || claim.bytes[i] == 0x7f)
			return false;
	}
	return claim.length > 0 && copy_text(source->name, claim) && copy_text(source->suffix, cookie);
}

static bool
parse_source(Span text, UidSource *source, const char **problem)
{
	static const struct
	{
		const char *prefix;
		UidPlace	place;
	} places[] = {
		{"header:", UID_HEADER}, {"cookie:", UID_COOKIE}, {"query:", UID_QUERY},
		{"path:", UID_PATH},	 {"jwt:", UID_TOKEN},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
	{
		size_t length = strlen(places[i].prefix);
		Span   name;

		if (text.length < length || memcmp(text.bytes, places[i].prefix, length) != 0)
			continue;
		name = (Span){text.bytes + length, text.length - length};
		source->place = places[i].place;
		if (source->place == UID_PATH)
			return parse_path(name, source, problem);
		if (source->place == UID_TOKEN)
			return parse_token(name, source, problem);
		*problem = "the name behind the colon is missing or not a name";
		return name_valid(name) && copy_text(source->name, name);
	}
	*problem = "expected header:NAME, cookie:NAME, query:NAME, path:/PREFIX/{uid}/ or jwt:CLAIM";
	return false;
}

bool
uid_sources_parse(Span text, UidSources *sources, const char **problem)
{
	Span part;

	memset(sources, 0, sizeof(*sources));
	while (span_next(&text, ',', &part))
	{
		if (sources->count == UID_SOURCES_MAX)
		{
			*problem = "too many sources";
			return false;
		}
		if (!parse_source(part, &sources->sources[sources->count], problem))
			return false;
		sources->count++;
	}
	return true;
}

bool
uid_sources_want_token(const UidSources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
	{
		if (sources->sources[i].place == UID_TOKEN)
			return true;
	}
	return false;
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

static bool
take_plain(Span raw, Uid *uid)
{
	uid->length = raw.length;
	return raw.length > 0 && copy_text(uid->bytes, raw);
}

/* As take_plain, with %XX decoded, and "+" for a space in queries. */
static bool
take_decoded(Span raw, bool plus_is_space, Uid *uid)
{
	uid->length = 0;
	for (size_t i = 0; i < raw.length; i++)
	{
		char byte = raw.bytes[i];

		if (byte == '%')
		{
			if (i + 2 >= raw.length || hex_value(raw.bytes[i + 1]) < 0 ||
				hex_value(raw.bytes[i + 2]) < 0)
				return false;
			byte = (char) (hex_value(raw.bytes[i + 1]) * 16 + hex_value(raw.bytes[i + 2]));
			i += 2;
		}
		else if (byte == '+' && plus_is_space)
			byte = ' ';
		if (uid->length == UID_MAX_BYTES)
			return false;
		uid->bytes[uid->length++] = byte;
	}
	uid->bytes[uid->length] = '\0';
	return uid->length > 0;
}

/* Finds name=value in a list; value keeps its bytes. */
static bool
find_pair(Span list, char separator, const char *name, Span *value)
{
	size_t name_length = strlen(name);
	Span   pair;

	while (span_next(&list, separator, &pair))
	{
		if (pair.length > name_length && pair.bytes[name_length] == '=' &&
			memcmp(pair.bytes, name, name_length) == 0)
		{
			*value = (Span){pair.bytes + name_length + 1, pair.length - name_length - 1};
			return true;
		}
	}
	return false;
}

static bool
find_cookie(const char *name, const Head *head, Span *value)
{
	for (size_t i = 0; i < head->field_count; i++)
	{
		if (!span_equals_nocase(head->fields[i].name, "cookie") ||
			!find_pair(head->fields[i].value, ';', name, value))
			continue;
		if (value->length >= 2 && value->bytes[0] == '"' && value->bytes[value->length - 1] == '"')
			*value = (Span){value->bytes + 1, value->length - 2};
		return true;
	}
	return false;
}

static bool
extract_path(const UidSource *source, Span path, Uid *uid)
{
	size_t		prefix = strlen(source->name);
	size_t		suffix = strlen(source->suffix);
	const char *slash;
	Span		value;
	Span		rest;

	if (path.length <= prefix || memcmp(path.bytes, source->name, prefix) != 0)
		return false;
	value = (Span){path.bytes + prefix, path.length - prefix};
	slash = memchr(value.bytes, '/', value.length);
	rest = (Span){value.bytes + value.length, 0};
	if (slash != NULL)
	{
		rest = (Span){slash, value.length - (size_t) (slash - value.bytes)};
		value.length -= rest.length;
	}
	/* /users/42 is as good as /users/42/ */
	if (!(rest.length == 0 && suffix <= 1) &&
		(rest.length < suffix || memcmp(rest.bytes, source->suffix, suffix) != 0))
		return false;
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
	const char *problem = "there are several";
	Span		token;
	Extraction	found = source->suffix[0] == '\0'					? find_bearer(head, &token)
						: find_cookie(source->suffix, head, &token) ? EXTRACTED
																	: ABSENT;

	if (found == EXTRACTED)
	{
		switch (token_claim(rules, token, source->name, time(NULL), uid->bytes, sizeof(uid->bytes),
							&problem))
		{
			case TOKEN_GOOD:
				uid->length = strlen(uid->bytes);
				return EXTRACTED;
			case TOKEN_SILENT:
				return ABSENT;
			case TOKEN_BAD:
				found = REFUSED;
				break;
		}
	}
	if (found == REFUSED)
		log_debug("no uid from the token: %s", problem);
	return found;
}

static bool
extract_plain(const UidSource *source, const Head *head, Uid *uid)
{
	const char *question = memchr(head->target.bytes, '?', head->target.length);
	Span		path = head->target;
	Span		query = {NULL, 0};
	Span		value;

	if (question != NULL)
	{
		path.length = (size_t) (question - path.bytes);
		query = (Span){question + 1, head->target.length - path.length - 1};
	}
	switch (source->place)
	{
		case UID_HEADER:
			return head_find(head, source->name, &value) && take_plain(value, uid);
		case UID_COOKIE:
			return find_cookie(source->name, head, &value) && take_plain(value, uid);
		case UID_QUERY:
			return find_pair(query, '&', source->name, &value) && take_decoded(value, true, uid);
		case UID_PATH:
			return extract_path(source, path, uid);
		case UID_TOKEN:
			break;
	}
	return false;
}

bool
uid_extract(const UidSources *sources, const TokenRules *rules, const Head *head, Uid *uid)
{
	bool refused = false;

	for (size_t i = 0; i < sources->count; i++)
	{
		const UidSource *source = &sources->sources[i];
		Extraction		 result = ABSENT;

		if (source->place == UID_TOKEN)
			result = extract_token(source, rules, head, uid);
		else if (!refused && extract_plain(source, head, uid))
			result = EXTRACTED;
		if (result == EXTRACTED)
			return true;
		refused = refused || result == REFUSED;
	}
	return false;
}

UidType
uid_type_parse(Span name)
{
	if (span_equals(name, "smallint"))
		return UID_SMALLINT;
	if (span_equals(name, "integer"))
		return UID_INTEGER;
	if (span_equals(name, "bigint"))
		return UID_BIGINT;
	if (span_equals(name, "uuid"))
		return UID_UUID;
	if (span_equals(name, "text") || span_equals(name, "character varying"))
		return UID_TEXT;
	return UID_UNKNOWN;
}

/* limit is the type's greatest value; its least is one further from zero. */
static bool
canonical_integer(uint64_t limit, Uid *uid)
{
	const char *digit = uid->bytes;
	bool		negative = *digit == '-';
	uint64_t	value = 0;

	if (negative)
		limit++;
	if (*digit == '-' || *digit == '+')
		digit++;
	if (*digit == '\0')
		return false;
	for (; *digit != '\0'; digit++)
	{
		if (*digit < '0' || *digit > '9')
			return false;
		if (value > (limit - (uint64_t) (*digit - '0')) / 10)
			return false;
		value = value * 10 + (uint64_t) (*digit - '0');
	}
	if (digit != uid->bytes + uid->length)
		return false; /* a zero byte inside */
	uid->length = (size_t) snprintf(uid->bytes, sizeof(uid->bytes), "%s%" PRIu64,
									negative && value > 0 ? "-" : "", value);
	return true;
}

/* What PostgreSQL's uuid_in takes: braces, hyphens behind any group of four digits. */
static bool
canonical_uuid(Uid *uid)
{
	char		digits[32];
	const char *byte = uid->bytes;
	bool		braces = *byte == '{';

	if (braces)
		byte++;
	for (size_t i = 0; i < sizeof(digits); i++)
	{
		if (hex_value(*byte) < 0)
			return false;
		digits[i] = (char) tolower((unsigned char) *byte++);
		if (*byte == '-' && i % 4 == 3 && i + 1 < sizeof(digits))
			byte++;
	}
	if (braces && *byte++ != '}')
		return false;
	if (byte != uid->bytes + uid->length)
		return false;
	uid->length = (size_t) snprintf(uid->bytes, sizeof(uid->bytes), "%.8s-%.4s-%.4s-%.4s-%.12s",
									digits, digits + 8, digits + 12, digits + 16, digits + 20);
	return true;
}

/* How many bytes the UTF-8 character at bytes has; 0 if it is none (RFC 3629). */
static size_t
utf8_length(const unsigned char *bytes, size_t room)
{
	size_t length;

	if (bytes[0] < 0x80)
		return bytes[0] == 0 ? 0 : 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (length > room)
		return 0;
	for (size_t i = 1; i < length; i++)
	{
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] > 0x9f) ||
		(bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] > 0x8f))
		return 0;
	return length;
}

static bool
canonical_text(const Uid *uid)
{
	size_t length;

	for (size_t i = 0; i < uid->length; i += length)
	{
		length = utf8_length((const unsigned char *) uid->bytes + i, uid->length - i);
		if (length == 0)
			return false;
	}
	return uid->length > 0;
}

bool
uid_canonical(UidType type, Uid *uid)
{
	switch (type)
	{
		case UID_UNKNOWN:
			return false;
		case UID_SMALLINT:
			return canonical_integer(INT16_MAX, uid);
		case UID_INTEGER:
			return canonical_integer(INT32_MAX, uid);
		case UID_BIGINT:
			return canonical_integer(INT64_MAX, uid);
		case UID_UUID:
			return canonical_uuid(uid);
		case UID_TEXT:
			return canonical_text(uid);
	}
	return false;
}
