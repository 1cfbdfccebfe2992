/*
 * cookie.c: finds, removes and sets the gateway's own cookies in the heads of requests and answers
 */
#include "http/cookie.h"

#include <ctype.h>

bool
cookie_name_valid(Span name)
{
	for (size_t i = 0; i < name.length; i++)
	{
		unsigned char byte = (unsigned char) name.bytes[i];

		if (byte == '\0' || (!isalnum(byte) && strchr("!#$%&'*+-.^_`|~", byte) == NULL))
			return false;
	}
	return name.length > 0;
}

bool
cookie_name_secure(const char *name)
{
	return strncasecmp(name, "__Secure-", 9) == 0 || strncasecmp(name, "__Host-", 7) == 0;
}

static bool
is_cookie_field(const Field *field)
{
	return field->name.length == 6 && span_equals_nocase(field->name, "cookie");
}

static bool
pair_named(Span pair, const char *name, Span *value)
{
	size_t length = strlen(name);

	if (pair.length <= length || memcmp(pair.bytes, name, length) != 0 || pair.bytes[length] != '=')
		return false;
	*value = (Span){pair.bytes + length + 1, pair.length - length - 1};
	return true;
}

bool
cookie_next(const Head *head, const char *name, Span *value)
{
	const char *last = value->bytes;

	for (size_t i = 0; i < head->field_count; i++)
	{
		Span list = head->fields[i].value;
		Span pair;

		if (!is_cookie_field(&head->fields[i]))
			continue;
		while (span_next(&list, ';', &pair))
		{
			if (pair_named(pair, name, value) && (last == NULL || value->bytes > last))
				return true;
		}
	}
	return false;
}

static bool
pair_of(Span pair, const char *const *names, size_t count)
{
	Span value;

	for (size_t i = 0; i < count; i++)
	{
		if (names[i] != NULL && pair_named(pair, names[i], &value))
			return true;
	}
	return false;
}

bool
cookie_field_has(const Field *field, const char *const *names, size_t count)
{
	Span list = field->value;
	Span pair;

	if (!is_cookie_field(field))
		return false;
	while (span_next(&list, ';', &pair))
	{
		if (pair_of(pair, names, count))
			return true;
	}
	return false;
}

void
cookie_field_without(Buffer *out, const Field *field, const char *const *names, size_t count)
{
	const char *before = "Cookie: ";
	Span		list = field->value;
	Span		pair;

	while (span_next(&list, ';', &pair))
	{
		if (pair.length == 0 || pair_of(pair, names, count))
			continue;
		buffer_text(out, before);
		buffer_append(out, pair.bytes, pair.length);
		before = "; ";
	}
	if (*before == ';')
		buffer_text(out, "\r\n");
}

void
cookie_set(Buffer *out, const char *name, Span value, unsigned seconds, bool secure)
{
	buffer_text(out, "Set-Cookie: ");
	buffer_text(out, name);
	buffer_text(out, "=");
	buffer_append(out, value.bytes, value.length);
	buffer_text(out, "; Path=/; Max-Age=");
	buffer_number(out, seconds, 10, 1);
	buffer_text(out,
				secure ? "; HttpOnly; SameSite=Lax; Secure\r\n" : "; HttpOnly; SameSite=Lax\r\n");
}
