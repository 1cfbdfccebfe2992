/*
 * field.c: classifies the fields of a head by their names
 *
 * Every field of every request is looked up here. So lengths and first letters are compared before
 * names are.
 */
#include "http/field.h"

#include <stdbool.h>
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
#define KNOWN_NAME_MAX 20 /* longer than each of these names */

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

typedef struct Reserved
{
	size_t length;
	char   bytes[FIELD_RESERVED_BYTES]; /* folded */
	char   as_set[FIELD_RESERVED_BYTES];
} Reserved;

static Reserved reserved[FIELD_RESERVED_MAX];
static size_t	reserved_count;
static bool reserved_first[256]; /* indexed by the folded first byte: is any reserved name there? */

static char
lower(char byte)
{
	return (char) (byte | 0x20);
}

/*
 * Fold a byte as in a variable of the CGI environment. CGI folds "-" to "_"; some servers fold
 * other bytes, too.
 */
static char
folded(char byte)
{
	char letter = lower(byte);

	return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') ? letter : '-';
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

void
field_reserve(const char *name)
{
	size_t length = strlen(name);

	if (reserved_count == FIELD_RESERVED_MAX || length >= FIELD_RESERVED_BYTES || length == 0)
		return;
	for (size_t i = 0; i < length; i++)
		reserved[reserved_count].bytes[i] = folded(name[i]);
	reserved[reserved_count].length = length;
	strcpy(reserved[reserved_count].as_set, name);
	reserved_count++;
	reserved_first[(unsigned char) folded(*name)] = true;
}

void
field_reserve_none(void)
{
	reserved_count = 0;
	memset(reserved_first, 0, sizeof(reserved_first));
}

static bool
same_folded(Span name, const Reserved *one)
{
	if (name.length != one->length)
		return false;
	for (size_t i = 0; i < name.length; i++)
	{
		if (folded(name.bytes[i]) != one->bytes[i])
			return false;
	}
	return true;
}

/* A reserved name is never the wrong spelling of another reserved name. */
static FieldKind
reserved_kind(Span name)
{
	FieldKind kind = FIELD_PLAIN;

	for (size_t i = 0; i < reserved_count; i++)
	{
		if (!same_folded(name, &reserved[i]))
			continue;
		if (span_equals_nocase(name, reserved[i].as_set))
			return FIELD_UID;
		kind = FIELD_MISSPELT;
	}
	return kind;
}

/*
 * Fold the name and look it up: some servers read X_Gray_Side and Content.Length as the fields of
 * the usual spelling.
 */
static FieldKind
misspelt_kind(Span name)
{
	char dashed[KNOWN_NAME_MAX];

	if (name.length > sizeof(dashed))
		name.length = sizeof(dashed);
	for (size_t i = 0; i < name.length; i++)
		dashed[i] = folded(name.bytes[i]);
	name.bytes = dashed;
	return known_kind(name) == FIELD_PLAIN ? FIELD_PLAIN : FIELD_MISSPELT;
}

static bool
has_odd_bytes(Span name)
{
	for (size_t i = 0; i < name.length; i++)
	{
		if (name.bytes[i] != '-' && folded(name.bytes[i]) == '-')
			return true;
	}
	return false;
}

/* Can a known name begin with this letter? Most fields are ruled out here. */
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
field_known(Span name)
{
	if (name.length < 2 || !may_be_known(name.bytes[0]))
		return FIELD_PLAIN;
	return has_odd_bytes(name) ? misspelt_kind(name) : known_kind(name);
}

FieldKind
field_kind(Span name)
{
	FieldKind kind = FIELD_PLAIN;

	if (name.length == 0)
		return FIELD_PLAIN;
	kind = field_known(name);
	if (kind == FIELD_PLAIN && reserved_first[(unsigned char) folded(name.bytes[0])])
		kind = reserved_kind(name);
	return kind;
}
