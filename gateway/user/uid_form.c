/*
 * uid_form.c: makes the canonical form of a uid, which is PostgreSQL's output of the type
 *
 * A text is accepted exactly if the server accepts it for the type. From version 16 on, the server
 * accepts more forms of integers.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "user/uid.h"

#define VERSION_OF_FORMS 160000 /* from here on 0x79, 0o171, 0b1111001 and 1_000 are integers */

UidType
uid_type_parse(Span name, int server_version)
{
	bool more = server_version >= VERSION_OF_FORMS;

	if (span_equals(name, "smallint"))
		return more ? UID_SMALLINT_16 : UID_SMALLINT;
	if (span_equals(name, "integer"))
		return more ? UID_INTEGER_16 : UID_INTEGER;
	if (span_equals(name, "bigint"))
		return more ? UID_BIGINT_16 : UID_BIGINT;
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
		case UID_SMALLINT_16:
			return "smallint";
		case UID_INTEGER:
		case UID_INTEGER_16:
			return "integer";
		case UID_BIGINT:
		case UID_BIGINT_16:
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

unsigned
uid_type_version(UidType type)
{
	bool more = type == UID_SMALLINT_16 || type == UID_INTEGER_16 || type == UID_BIGINT_16;

	return more ? VERSION_OF_FORMS : 0;
}

/* Skip blanks, independently of the locale. */
static const char *
skip_blanks(const char *byte)
{
	while (*byte == ' ' || (*byte >= '\t' && *byte <= '\r'))
		byte++;
	return byte;
}

/* Return the value of a digit; 16 or more if byte is no digit. */
static unsigned
digit_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return (unsigned) (byte - '0');
	byte = (char) tolower((unsigned char) byte);
	return byte >= 'a' && byte <= 'f' ? (unsigned) (byte - 'a') + 10 : 16;
}

/* Skip 0x, 0o or 0b, and return the base. */
static unsigned
take_base(const char **byte)
{
	unsigned base = 10;

	if (**byte != '0')
		return base;
	switch ((*byte)[1])
	{
		case 'x':
		case 'X':
			base = 16;
			break;
		case 'o':
		case 'O':
			base = 8;
			break;
		case 'b':
		case 'B':
			base = 2;
			break;
		default:
			return base;
	}
	*byte += 2;
	return base;
}

/*
 * Read the digits up to the first other byte. forms says whether the forms of version 16 are
 * accepted. False if there are no digits, or too many.
 */
static bool
take_digits(const char **text, bool forms, uint64_t limit, uint64_t *value)
{
	const char *byte = *text;
	unsigned	base = forms ? take_base(&byte) : 10;
	bool		digits = false;

	*value = 0;
	for (;; byte++)
	{
		/*
		 * One underscore may stand between two digits. Behind 0x one may also come before the
		 * first digit.
		 */
		if (forms && *byte == '_' && (digits || base != 10) && digit_value(byte[1]) < base)
			byte++;
		if (digit_value(*byte) >= base)
			break;
		if (*value > (limit - digit_value(*byte)) / base)
			return false;
		*value = *value * base + digit_value(*byte);
		digits = true;
	}
	*text = byte;
	return digits;
}

/* limit is the type's greatest value. The type's least value is one further from zero. */
static bool
canonical_integer(uint64_t limit, bool forms, Uid *uid)
{
	const char *byte = skip_blanks(uid->bytes);
	bool		negative = *byte == '-';
	uint64_t	value;

	if (negative)
		limit++;
	if (*byte == '-' || *byte == '+')
		byte++;
	/* Compare with the end by length: there may be a zero byte inside. */
	if (!take_digits(&byte, forms, limit, &value) || skip_blanks(byte) != uid->bytes + uid->length)
		return false;
	uid->length = (size_t) snprintf(uid->bytes, sizeof(uid->bytes), "%s%" PRIu64,
									negative && value > 0 ? "-" : "", value);
	return true;
}

/*
 * Accept the same forms as PostgreSQL's uuid_in: braces, and hyphens behind any group of four
 * digits.
 */
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

/*
 * Return the length of the UTF-8 character at bytes; 0 if there is no valid character (RFC 3629).
 */
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
		case UID_SMALLINT_16:
			return canonical_integer(INT16_MAX, type == UID_SMALLINT_16, uid);
		case UID_INTEGER:
		case UID_INTEGER_16:
			return canonical_integer(INT32_MAX, type == UID_INTEGER_16, uid);
		case UID_BIGINT:
		case UID_BIGINT_16:
			return canonical_integer(INT64_MAX, type == UID_BIGINT_16, uid);
		case UID_UUID:
			return canonical_uuid(uid);
		case UID_TEXT:
			return canonical_text(uid);
	}
	return false;
}
