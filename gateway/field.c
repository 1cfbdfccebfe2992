/*
 * field.c: what a field of a head is to a proxy, by its name
 *
 * Every field of every request comes by here: lengths and first letters are
 * compared before names are.
 */
#include "field.h"

#include <string.h>

typedef struct Known
{
	Span	  name;
	FieldKind kind;
} Known;

#define KNOWN(name, kind) \
	{ \
		{name, sizeof(name) - 1}, kind, \
	}
#define KNOWN_NAME_MAX 20 /* longer than any of these */

static const Known known[] = {
	KNOWN("host", FIELD_HOST),
	KNOWN("content-length", FIELD_CONTENT_LENGTH),
	KNOWN("transfer-encoding", FIELD_TRANSFER_ENCODING),
	KNOWN("connection", FIELD_CONNECTION),
	KNOWN("keep-alive", FIELD_HOP),
	KNOWN("proxy-connection", FIELD_HOP),
	KNOWN("proxy-authenticate", FIELD_HOP),
	KNOWN("proxy-authorization", FIELD_HOP),
	KNOWN("te", FIELD_TE),
	KNOWN("trailer", FIELD_TRAILER),
	KNOWN("upgrade", FIELD_UPGRADE),
	KNOWN("http2-settings", FIELD_HOP),
	KNOWN("expect", FIELD_EXPECT),
	KNOWN("x-forwarded-for", FIELD_FORWARDED_FOR),
	KNOWN("x-forwarded-proto", FIELD_FORWARDED_PROTO),
	KNOWN("x-forwarded-host", FIELD_FORWARDED_HOST),
};

static char
lower(char byte)
{
	return (char) (byte | 0x20);
}

static bool
is_gray(Span name)
{
	static const Span gray = {"x-gray-", sizeof("x-gray-") - 1};

	return name.length > gray.length && lower(name.bytes[2]) == 'g' &&
		   span_same_nocase((Span){name.bytes, gray.length}, gray);
}

static FieldKind
known_kind(Span name)
{
	if (is_gray(name))
		return FIELD_GRAY;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		if (known[i].name.length == name.length && known[i].name.bytes[0] == lower(name.bytes[0]) &&
			span_same_nocase(known[i].name, name))
			return known[i].kind;
	}
	return FIELD_PLAIN;
}

/* Some servers take "_" for "-": then X_Gray_Side and Content_Length are what they seem to be. */
static FieldKind
underscored_kind(Span name)
{
	char dashed[KNOWN_NAME_MAX];

	if (name.length > sizeof(dashed))
		name.length = sizeof(dashed);
	for (size_t i = 0; i < name.length; i++)
		dashed[i] = name.bytes[i] == '_' ? '-' : name.bytes[i];
	name.bytes = dashed;
	return known_kind(name) == FIELD_PLAIN ? FIELD_PLAIN : FIELD_UNDERSCORED;
}

/* The first letters of all known names; most fields end here. */
static bool
may_be_known(char first)
{
	switch (lower(first))
	{
		case 'c':
		case 'e':
		case 'h':
		case 'k':
		case 'p':
		case 't':
		case 'u':
		case 'x':
			return true;
		default:
			return false;
	}
}

FieldKind
field_kind(Span name)
{
	if (name.length < 2 || !may_be_known(name.bytes[0]))
		return FIELD_PLAIN;
	return memchr(name.bytes, '_', name.length) != NULL ? underscored_kind(name) : known_kind(name);
}
