/*
 * uid_source.c: where the configuration says that requests have their uid
 */
#include <ctype.h>
#include <string.h>

#include "uid.h"

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
	sources->max_bytes = UID_MAX_BYTES;
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

void
uid_sources_reserve(const UidSources *sources)
{
	field_reserve_none();
	for (size_t i = 0; i < sources->count; i++)
	{
		const UidSource *source = &sources->sources[i];

		if (source->place == UID_HEADER)
			field_reserve(source->name);
		else if (source->place == UID_COOKIE || (source->place == UID_TOKEN && *source->suffix))
			field_reserve("Cookie");
		else if (source->place == UID_TOKEN)
			field_reserve("Authorization");
	}
}
