/*
 * cookie_fuzz.c: the gateway's own cookies, and the users whom servers name
 *
 * The first byte says what the others are: a cookie's value, a text that we sign, the fields of a
 * request, or those of an answer.
 */
#include "fuzz.h"

#include "http/cookie.h"
#include "http/message.h"
#include "user/answer_user.h"
#include "user/remember.h"

#define KEY "0123456789abcdef0123456789abcdef"

static const RememberKeys keys = {.count = 1, .keys = {{KEY, sizeof(KEY) - 1}}};
static const char *const  names[] = {"u", "s"};
static const char *const  none[] = {NULL, NULL};

static bool
verify(RememberPurpose purpose, Span value, Remembered *remembered)
{
	const char *problem = NULL;
	bool		good = remember_verify(&keys, purpose, "v2", value, 1000, remembered, &problem);

	PROMISE(good || problem != NULL);
	return good;
}

/* Nobody finds a signature. */
static void
try_value(const char *bytes, size_t length)
{
	Remembered remembered;

	PROMISE(!verify(REMEMBER_USER, (Span){bytes, length}, &remembered));
}

static void
try_text(const char *bytes, size_t length)
{
	Remembered given = {.expires = 1001, .length = length};
	Remembered found;
	Buffer	   value = {0};
	Span	   whole;

	if (length == 0 || length > REMEMBER_TEXT_MAX)
		return;
	memcpy(given.text, bytes, length);
	remember_sign(&keys, REMEMBER_USER, "v2", &given, &value);
	whole = (Span){buffer_first(&value), buffer_length(&value)};
	PROMISE(verify(REMEMBER_USER, whole, &found));
	PROMISE(found.length == length && memcmp(found.text, bytes, length) == 0);
	PROMISE(!verify(REMEMBER_SIDE, whole, &found));
	value.bytes[(unsigned char) bytes[0] % whole.length] ^= 1;
	PROMISE(!verify(REMEMBER_USER, whole, &found));
	buffer_free(&value);
}

/* False: it is none.  bytes stays in use. */
static bool
parse(Buffer *bytes, bool request, Head *head)
{
	Message		message = {0};
	size_t		scanned = 0;
	const char *problem;

	return head_scan(buffer_first(bytes), buffer_length(bytes), &scanned, &problem) ==
			   HEAD_COMPLETE &&
		   scanned == buffer_length(bytes) &&
		   (request ? message_request_head(&message, buffer_first(bytes), scanned, head, &problem)
					: message_response_head(&message, buffer_first(bytes), scanned, false, head,
											&problem)) == HEAD_COMPLETE;
}

/* Once they are out, none of ours is left, and all others are. */
static void
try_request(const char *bytes, size_t length)
{
	static Head head;
	static Head again;
	Buffer		in = {0};
	Buffer		out = {0};
	Buffer		all = {0};
	Span		value = {NULL, 0};

	buffer_text(&in, "GET / HTTP/1.1\r\nHost: h\r\nCookie: ");
	buffer_append(&in, bytes, length);
	buffer_text(&in, "\r\n\r\n");
	if (parse(&in, true, &head) && head.field_count == 2)
	{
		buffer_text(&out, "GET / HTTP/1.1\r\nHost: h\r\n");
		cookie_field_without(&out, &head.fields[1], names, 2);
		buffer_text(&out, "\r\n");
		PROMISE(parse(&out, true, &again));
		PROMISE(!cookie_next(&again, "u", &value));
		PROMISE(again.field_count == 1 || !cookie_field_has(&again.fields[1], names, 2));
		cookie_field_without(&all, &head.fields[1], none, 2);
		PROMISE(cookie_field_has(&head.fields[1], names, 2) ||
				(again.field_count == 2 ? buffer_length(&all) == again.fields[1].line.length
										: buffer_length(&all) == 0));
	}
	buffer_free(&in);
	buffer_free(&out);
	buffer_free(&all);
}

/* A user who is named can be told on, and is the same one. */
static void
try_answer(const char *bytes, size_t length)
{
	static Head head;
	Buffer		in = {0};
	Buffer		out = {0};
	Uid			uid;
	Uid			again;

	buffer_text(&in, "HTTP/1.1 421 M\r\nContent-Length: 0\r\nX-Gray-User: ");
	buffer_append(&in, bytes, length);
	buffer_text(&in, "\r\n\r\n");
	for (UidType type = UID_SMALLINT; type <= UID_TEXT; type++)
	{
		if (!parse(&in, false, &head) || answer_user_read(&head, type, &uid) != ANSWER_USER_NAMED)
			continue;
		buffer_clear(&out);
		buffer_text(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
		answer_user_append(&out, (Span){uid.bytes, uid.length});
		buffer_text(&out, "\r\n");
		PROMISE(parse(&out, false, &head));
		PROMISE(answer_user_read(&head, type, &again) == ANSWER_USER_NAMED);
		PROMISE(uid.length == again.length && memcmp(uid.bytes, again.bytes, uid.length) == 0);
	}
	buffer_free(&in);
	buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const char *, size_t) = {try_value, try_text, try_request,
														  try_answer};

	if (size > 0)
		tries[data[0] % (sizeof(tries) / sizeof(tries[0]))]((const char *) data + 1, size - 1);
	return 0;
}
