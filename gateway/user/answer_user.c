/*
 * answer_user.c: reads the user whom a server names in its answer
 */
#include "user/answer_user.h"

#include <ctype.h>

#define FIELD_NAME "X-Gray-User"

static AnswerUser
read_value(Span value, UidType type, Uid *uid)
{
	if (value.length == 0)
		return ANSWER_USER_NONE;
	if (span_equals(value, "-"))
		return ANSWER_USER_NOBODY;
	return uid_decode(value, false, uid) && uid_canonical(type, uid) ? ANSWER_USER_NAMED
																	 : ANSWER_USER_BAD;
}

AnswerUser
answer_user_read(const Head *answer, UidType type, Uid *uid)
{
	const Span *first = NULL;

	for (size_t i = 0; i < answer->field_count; i++)
	{
		const Field *field = &answer->fields[i];

		if (field->kind != FIELD_GRAY || !span_equals_nocase(field->name, FIELD_NAME))
			continue;
		if (first != NULL && !span_same(*first, field->value))
			return ANSWER_USER_BAD;
		first = &field->value;
	}
	return first != NULL ? read_value(*first, type, uid) : ANSWER_USER_NONE;
}

void
answer_user_append(Buffer *out, Span uid)
{
	buffer_text(out, FIELD_NAME ": ");
	for (size_t i = 0; i < uid.length; i++)
	{
		unsigned char byte = (unsigned char) uid.bytes[i];
		bool		  plain = byte < 0x80 && (isalnum(byte) || strchr("-._~", byte) != NULL);

		if (plain && byte != '\0' && !span_equals(uid, "-"))
			buffer_append(out, &uid.bytes[i], 1);
		else
		{
			buffer_text(out, "%");
			buffer_number(out, byte, 16, 2);
		}
	}
	buffer_text(out, "\r\n");
}

bool
answer_user_public(const Head *answer)
{
	for (size_t i = 0; i < answer->field_count; i++)
	{
		Span list = answer->fields[i].value;
		Span part;

		if (!span_equals_nocase(answer->fields[i].name, "cache-control"))
			continue;
		while (span_next(&list, ',', &part))
		{
			Span front = {part.bytes, part.length < 9 ? part.length : 9};

			if (span_equals_nocase(part, "public") || span_equals_nocase(front, "s-maxage="))
				return true;
		}
	}
	return false;
}
