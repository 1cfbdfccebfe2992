/*
 * redact.c: replaces uids in texts for the logs
 */
#include "user/redact.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "http/spelling.h"
#include "user/uid_hash.h"

#define UNCLEAR "***"
#define HASHES_AT_ONCE 4

/* Where a target has uids, and the type of the uids. */
typedef struct Places
{
	const UidSources *sources;
	UidType			  type;
} Places;

/*
 * Return the name of the parameter that has a uid, or a token (a token is as good as a password).
 * NULL if the source is no parameter.
 */
static const char *
parameter_of(const UidSource *source)
{
	if (source->place == UID_QUERY)
		return source->name;
	return source->place == UID_TOKEN && source->carrier == UID_QUERY ? source->suffix : NULL;
}

bool
redact_wanted(const UidSources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
	{
		if (sources->sources[i].place == UID_PATH || parameter_of(&sources->sources[i]) != NULL)
			return true;
	}
	return false;
}

const char *
redact_uid(const char *uid, size_t length)
{
	static char		hashes[HASHES_AT_ONCE][17];
	static unsigned turn;
	char		   *hash = hashes[turn++ % HASHES_AT_ONCE];
	uint64_t		left = uid_hash((Span){uid, length});

	/* A client may name thousands of users in one line: printf would take too long. */
	for (unsigned i = 16; i-- > 0; left >>= 4)
		hash[i] = "0123456789abcdef"[left & 15];
	return hash;
}

static void
put_value(Buffer *out, const Places *places, Span value, bool plus_is_space)
{
	Uid uid;
	Uid canonical;

	if (value.length == 0)
		return;
	if (!uid_decode(value, plus_is_space, &uid))
	{
		buffer_text(out, UNCLEAR);
		return;
	}
	canonical = uid;
	if (!uid_canonical(places->type, &canonical))
		canonical = uid;
	buffer_text(out, redact_uid(canonical.bytes, canonical.length));
}

static void
put_path(Buffer *out, const Places *places, Span path)
{
	Span segment = {"", 0};
	Span rest;

	for (size_t i = 0; i < places->sources->count && segment.length == 0; i++)
	{
		const UidSource *source = &places->sources->sources[i];

		if (source->place == UID_PATH && uid_in_path(source, path, &segment) == UID_UNCLEAR)
		{
			buffer_text(out, "/" UNCLEAR);
			return;
		}
	}
	if (segment.length == 0)
	{
		buffer_append(out, path.bytes, path.length);
		return;
	}
	rest.bytes = segment.bytes + segment.length;
	rest.length = (size_t) (path.bytes + path.length - rest.bytes);
	buffer_append(out, path.bytes, (size_t) (segment.bytes - path.bytes));
	put_value(out, places, segment, false);
	buffer_append(out, rest.bytes, rest.length);
}

static bool
names_uid(const Places *places, Span name)
{
	for (size_t i = 0; i < places->sources->count; i++)
	{
		const char *parameter = parameter_of(&places->sources->sources[i]);

		if (parameter != NULL && spelling_like(name, parameter))
			return true;
	}
	return false;
}

/* Pieces of a query end at &. Some servers end them at ; as well. */
static void
put_query(Buffer *out, const Places *places, Span query)
{
	size_t at = 0;

	while (at < query.length)
	{
		Span		piece = {query.bytes + at, 0};
		const char *equals;

		while (at + piece.length < query.length && piece.bytes[piece.length] != '&' &&
			   piece.bytes[piece.length] != ';')
			piece.length++;
		equals = memchr(piece.bytes, '=', piece.length);
		at += piece.length;
		if (equals != NULL &&
			names_uid(places, (Span){piece.bytes, (size_t) (equals - piece.bytes)}))
		{
			size_t before = (size_t) (equals - piece.bytes) + 1;

			buffer_append(out, piece.bytes, before);
			put_value(out, places, (Span){piece.bytes + before, piece.length - before}, true);
		}
		else
			buffer_append(out, piece.bytes, piece.length);
		if (at < query.length)
			buffer_append(out, query.bytes + at++, 1);
	}
}

static void
put_target(Buffer *out, const Places *places, Span target)
{
	const char *question = memchr(target.bytes, '?', target.length);
	Span		path = target;

	if (question != NULL)
		path.length = (size_t) (question - target.bytes);
	if (path.length > 0)
		put_path(out, places, path);
	if (question == NULL)
		return;
	buffer_text(out, "?");
	put_query(out, places, (Span){question + 1, target.length - path.length - 1});
}

void
redact_line(Buffer *out, const UidSources *sources, UidType type, Span line)
{
	const Places places = {sources, type};
	const char	*target = memchr(line.bytes, ' ', line.length);
	const char	*end = memrchr(line.bytes, ' ', line.length);
	size_t		 before;

	if (target == NULL || target == end)
	{
		buffer_append(out, line.bytes, line.length);
		return;
	}
	before = (size_t) (target + 1 - line.bytes);
	buffer_append(out, line.bytes, before);
	put_target(out, &places, (Span){target + 1, (size_t) (end - target) - 1});
	buffer_append(out, end, (size_t) (line.bytes + line.length - end));
}

/*
 * Return the start of the target, behind scheme and authority if the URI has them. NULL if others
 * may find a path elsewhere in the URI.
 */
static const char *
find_target(Span uri)
{
	const char *end = uri.bytes + uri.length;
	const char *at = uri.bytes;

	while (at < end && (isalnum((unsigned char) *at) || strchr("+-.", *at) != NULL))
		at++;
	if (at > uri.bytes && end - at >= 3 && memcmp(at, "://", 3) == 0)
	{
		for (at += 3; at < end && strchr("/?#\\", *at) == NULL; at++)
			continue;
		return at;
	}
	if (uri.length == 0 || *uri.bytes == '?')
		return uri.bytes;
	if (*uri.bytes == '/' && (uri.length == 1 || strchr("/\\", uri.bytes[1]) == NULL))
		return uri.bytes;
	return NULL;
}

void
redact_uri(Buffer *out, const UidSources *sources, UidType type, Span uri)
{
	const Places places = {sources, type};
	const char	*hash = memchr(uri.bytes, '#', uri.length);
	const char	*target;

	/* Servers never see a fragment, and the fragment may be a path of its own. */
	if (hash != NULL)
		uri.length = (size_t) (hash - uri.bytes);
	target = find_target(uri);
	if (target == NULL)
	{
		buffer_text(out, UNCLEAR);
		return;
	}
	buffer_append(out, uri.bytes, (size_t) (target - uri.bytes));
	put_target(out, &places, (Span){target, (size_t) (uri.bytes + uri.length - target)});
	if (hash != NULL)
		buffer_text(out, "#" UNCLEAR);
}

static bool
part_of_word(char byte)
{
	return isalnum((unsigned char) byte) || byte == '_' || (byte & 0x80) != 0;
}

void
redact_text(Buffer *out, Span text, Span uid)
{
	const char *end = text.bytes + text.length;
	const char *from = text.bytes;
	const char *found;

	while (uid.length > 0 && from < end &&
		   (found = memmem(from, (size_t) (end - from), uid.bytes, uid.length)) != NULL)
	{
		bool within = (found > text.bytes && part_of_word(found[-1])) ||
					  (found + uid.length < end && part_of_word(found[uid.length]));

		buffer_append(out, from, (size_t) (found - from));
		if (within)
			buffer_append(out, found, uid.length);
		else
			buffer_text(out, redact_uid(uid.bytes, uid.length));
		from = found + uid.length;
	}
	buffer_append(out, from, (size_t) (end - from));
}
