/*
 * uid_form.c: the canonical form of a uid, which is PostgreSQL's output of the type
 *
 * What PostgreSQL 15 takes for the type is taken, and nothing else.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "uid.h"

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

const char *
uid_type_name(UidType type)
{
	switch (type)
	{
		case UID_SMALLINT:
			return "smallint";
		case UID_INTEGER:
			return "integer";
		case UID_BIGINT:
			return "bigint";
		case UID_UUID:
			return "uuid";
		case UID_TEXT:
			return "text";
		case UID_UNKNOWN:
			break;
	}
	return "";
}

/* Whatever the locale says. */
static const char *
skip_blanks(const char *byte)
{
	while (*byte == ' ' || (*byte >= '\t' && *byte <= '\r'))
		byte++;
	return byte;
}

/* limit is the type's greatest value; its least is one further from zero. */
static bool
canonical_integer(uint64_t limit, Uid *uid)
{
	const char *byte = skip_blanks(uid->bytes);
	bool		negative = *byte == '-';
	bool		digits = false;
	uint64_t	value = 0;

	if (negative)
		limit++;
	if (*byte == '-' || *byte == '+')
		byte++;
	for (; *byte >= '0' && *byte <= '9'; byte++)
	{
		if (value > (limit - (uint64_t) (*byte - '0')) / 10)
			return false;
		value = value * 10 + (uint64_t) (*byte - '0');
		digits = true;
	}
	/* Up to the end: there may be a zero byte inside. */
	if (!digits || skip_blanks(byte) != uid->bytes + uid->length)
		return false;
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
		if (!isxdigit((unsigned char) *byte))
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
