/*
 * uid_source.c: reads from the configuration where requests have their uid
 */
#include <ctype.h>
#include <string.h>

#include "user/uid_own.h"

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
skip_prefix(Span *text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (text->length < length || memcmp(text->bytes, prefix, length) != 0)
		return false;
	text->bytes += length;
	text->length -= length;
	return true;
}

/* Has the text no blank, no control character and no character of but? */
static bool
visible(Span text, const char *but)
{
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char byte = (unsigned char) text.bytes[i];

		if (byte <= ' ' || byte == 0x7f || strchr(but, byte) != NULL)
			return false;
	}
	return true;
}

/*
 * Do all servers read the path of a pattern in the same way? If not, no request could ever match
 * it.
 */
static bool
path_tidy(const UidSource *source)
{
	Buffer path = {0};
	bool   tidy;

	buffer_format(&path, "%sx%s", source->name, source->suffix);
	tidy = uid_path_tidy((Span){buffer_first(&path), buffer_length(&path)});
	buffer_free(&path);
	return tidy;
}

static bool
parse_path(Span pattern, UidSource *source, const char **problem)
{
	static const char mark[] = "{uid}";
	const char		 *at = memmem(pattern.bytes, pattern.length, mark, sizeof(mark) - 1);
	Span			  suffix;

	*problem = "a path pattern begins with / and has {uid} once, up to the end of a segment, as in "
			   "path:/users/{uid}/ or path:/~{uid}/";
	if (at == NULL || pattern.bytes[0] != '/')
		return false;
	suffix.bytes = at + sizeof(mark) - 1;
	suffix.length = pattern.length - (size_t) (suffix.bytes - pattern.bytes);
	if ((suffix.length > 0 && suffix.bytes[0] != '/') ||
		memmem(suffix.bytes, suffix.length, mark, sizeof(mark) - 1) != NULL ||
		!copy_text(source->name, (Span){pattern.bytes, (size_t) (at - pattern.bytes)}) ||
		!copy_text(source->suffix, suffix))
		return false;
	*problem =
		"no path is like that: it has a blank, \", ?, #, \\, ;, %XX, an empty segment, or one "
		"of dots; a pattern is written decoded";
	return visible(pattern, "\"?#") && path_tidy(source);
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

/* Accept only a header that arrives at the gateway, goes on unchanged, and has no other meaning. */
static bool
parse_header(Span name, UidSource *source, const char **problem)
{
	*problem = "the name behind the colon is missing or not a name";
	if (!name_valid(name) || name.length >= FIELD_RESERVED_BYTES)
		return false;
	*problem =
		"no user can be in this header: it is one of those that the gateway uses, changes or "
		"removes";
	if (field_known(name) != FIELD_PLAIN)
		return false;
	*problem = "name the cookie, as in cookie:NAME";
	if (span_equals_nocase(name, "cookie"))
		return false;
	*problem =
		"Authorization is read by jwt:CLAIM; a token that is none of those can only be looked "
		"up: lookup:header:Authorization";
	if (span_equals_nocase(name, "authorization") && !source->lookup)
		return false;
	return copy_text(source->name, name);
}

/* Indexed by UidSpelling. */
static const char *const spellings[] = {"", "raw", "decoded", "form"};

/* Read NAME, or NAME:decoded and so on. */
static bool
parse_cookie(Span text, UidSource *source, const char **problem)
{
	const char *colon = memchr(text.bytes, ':', text.length);
	Span		name = text;
	size_t		spelling = 0;

	if (colon != NULL)
	{
		Span word = {colon + 1, (size_t) (text.bytes + text.length - colon) - 1};

		name.length = (size_t) (colon - text.bytes);
		while (++spelling <= UID_FORM && !span_equals(word, spellings[spelling]))
			continue;
	}
	*problem = "a cookie is given as cookie:NAME, cookie:NAME:decoded, cookie:NAME:form or "
			   "cookie:NAME:raw";
	if (spelling > UID_FORM || !name_valid(name))
		return false;
	source->spelling = (UidSpelling) spelling;
	return copy_text(source->name, name);
}

static bool
parse_query(Span name, UidSource *source, const char **problem)
{
	*problem = "the name behind the colon is missing or not a name";
	return name_valid(name) && copy_text(source->name, name);
}

static const struct
{
	const char *prefix;
	bool (*parse)(Span text, UidSource *source, const char **problem);
} carriers[] = {
	[UID_HEADER] = {"header:", parse_header},
	[UID_COOKIE] = {"cookie:", parse_query},
	[UID_QUERY] = {"query:", parse_query},
};

/* Read the text behind "@": the place that has the token. */
static bool
parse_carrier(Span text, UidSource *source, const char **problem)
{
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
	{
		UidSource place = {0};

		if (!skip_prefix(&text, carriers[i].prefix))
			continue;
		source->carrier = (UidPlace) i;
		return carriers[i].parse(text, &place, problem) &&
			   copy_text(source->suffix, span_of(place.name));
	}
	return false;
}

/* Is the text behind an "@" meant to be a place? A claim may be named by a URI with "@" in it. */
static bool
place_like(Span text)
{
	static const char *const words[] = {"header:", "cookie:", "query:", "path:", "body:", "jwt:"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (skip_prefix(&text, words[i]))
			return true;
	}
	return false;
}

/* Read CLAIM, or CLAIM@cookie:NAME and so on. */
static bool
parse_token(Span text, UidSource *source, const char **problem)
{
	const char *at = memrchr(text.bytes, '@', text.length);
	Span		claim = text;

	*problem = "a token is given as jwt:CLAIM, jwt:CLAIM@cookie:NAME, jwt:CLAIM@query:NAME or "
			   "jwt:CLAIM@header:NAME";
	source->carrier = UID_TOKEN;
	if (at != NULL)
	{
		Span behind = {at + 1, (size_t) (text.bytes + text.length - at) - 1};

		if (place_like(behind))
		{
			claim.length = (size_t) (at - text.bytes);
			if (!parse_carrier(behind, source, problem))
				return false;
		}
	}
	return claim.length > 0 && visible(claim, "\"\\") && copy_text(source->name, claim);
}

static const struct
{
	const char *prefix;
	bool (*parse)(Span text, UidSource *source, const char **problem);
} places[] = {
	[UID_HEADER] = {"header:", parse_header}, [UID_COOKIE] = {"cookie:", parse_cookie},
	[UID_QUERY] = {"query:", parse_query},	  [UID_PATH] = {"path:", parse_path},
	[UID_TOKEN] = {"jwt:", parse_token},
};

static const char lookup_prefix[] = "lookup:";

static bool
parse_source(Span text, UidSource *source, const char **problem)
{
	*source = (UidSource){.lookup = skip_prefix(&text, lookup_prefix)};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
	{
		if (!skip_prefix(&text, places[i].prefix))
			continue;
		source->place = (UidPlace) i;
		return places[i].parse(text, source, problem);
	}
	*problem = "expected header:NAME, cookie:NAME, query:NAME, path:/PREFIX/{uid}/ or jwt:CLAIM";
	return false;
}

/* Do both sources read the same place? Then the second source never has its turn. */
static bool
same_place(const UidSource *one, const UidSource *other)
{
	if (one->place != other->place || one->carrier != other->carrier)
		return false;
	if (one->place == UID_HEADER)
		return span_equals_nocase(span_of(one->name), other->name);
	return strcmp(one->name, other->name) == 0 && strcmp(one->suffix, other->suffix) == 0;
}

bool
uid_sources_parse(Span text, UidSources *sources, const char **problem)
{
	Span part;

	memset(sources, 0, sizeof(*sources));
	sources->max_bytes = UID_MAX_BYTES;
	while (span_next(&text, ',', &part))
	{
		UidSource *source = &sources->sources[sources->count];

		if (sources->count == UID_SOURCES_MAX)
		{
			*problem = "too many places";
			return false;
		}
		if (!parse_source(part, source, problem))
			return false;
		for (size_t i = 0; i < sources->count; i++)
		{
			*problem = "one place is there twice";
			if (same_place(&sources->sources[i], source))
				return false;
		}
		sources->count++;
	}
	return true;
}

bool
uid_sources_use_query(UidSources *sources, bool query, const char **problem)
{
	bool marked = false;

	for (size_t i = 0; i < sources->count; i++)
		marked = marked || sources->sources[i].lookup;
	*problem = "has lookup:, and there is no uid_query";
	if (!query || marked)
		return query || !marked;
	*problem =
		"say which places hold what uid_query finds a user by, with lookup: before them, as in "
		"header:X-User-Id, lookup:cookie:sid";
	if (sources->count != 1)
		return false;
	sources->sources[0].lookup = true;
	return true;
}

void
uid_source_print(const UidSource *source, Buffer *out)
{
	buffer_format(out, "%s%s%s", source->lookup ? lookup_prefix : "", places[source->place].prefix,
				  source->name);
	if (source->place == UID_PATH)
		buffer_format(out, "{uid}%s", source->suffix);
	if (source->spelling != UID_UNSAID)
		buffer_format(out, ":%s", spellings[source->spelling]);
	if (source->place == UID_TOKEN && source->carrier != UID_TOKEN)
		buffer_format(out, "@%s%s", carriers[source->carrier].prefix, source->suffix);
}

bool
uid_sources_same(const UidSources *one, const UidSources *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
	{
		const UidSource *mine = &one->sources[i];
		const UidSource *yours = &other->sources[i];

		if (!same_place(mine, yours) || mine->lookup != yours->lookup ||
			mine->spelling != yours->spelling)
			return false;
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
		else if (source->place == UID_COOKIE ||
				 (source->place == UID_TOKEN && source->carrier == UID_COOKIE))
			field_reserve("Cookie");
		else if (source->place == UID_TOKEN && source->carrier == UID_HEADER)
			field_reserve(source->suffix);
		else if (source->place == UID_TOKEN && source->carrier == UID_TOKEN)
			field_reserve("Authorization");
	}
}
