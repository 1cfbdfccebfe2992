/*
 * remember.h: signs the values that clients keep for the gateway in cookies, and verifies them
 *
 * Pure, on OpenSSL's HMAC. A value is clear text, since it is about the client that has it.
 * Without a key nobody can make a value. Nobody can use a value for another purpose, for another
 * release, or after its time.
 */
#ifndef GATEWAY_USER_REMEMBER_H
#define GATEWAY_USER_REMEMBER_H

#include <time.h>

#include "base/buffer.h"
#include "base/span.h"

#define REMEMBER_KEYS_MAX 8
#define REMEMBER_KEY_BYTES_MIN 32
#define REMEMBER_TEXT_MAX 255

/* The purpose of a value. A value of another purpose is refused. */
typedef enum RememberPurpose
{
	REMEMBER_USER, /* the user whom a server named */
	REMEMBER_SIDE  /* the side to which a visitor goes */
} RememberPurpose;

/* The first key signs. Each key is good to verify with. */
typedef struct RememberKeys
{
	size_t count; /* 0: the gateway remembers nothing */
	Span   keys[REMEMBER_KEYS_MAX];
} RememberKeys;

typedef struct Remembered
{
	time_t expires;
	size_t length;
	char   text[REMEMBER_TEXT_MAX + 1]; /* zero-terminated as well */
} Remembered;

/*
 * Read keys that are separated by blanks, newlines or commas. The keys are borrowed from text. On
 * false, problem (static) says why.
 */
extern bool remember_keys_parse(Span text, RememberKeys *keys, const char **problem);

/* Append the signed value. text has no more than REMEMBER_TEXT_MAX bytes. */
extern void remember_sign(const RememberKeys *keys, RememberPurpose purpose, const char *release,
						  const Remembered *remembered, Buffer *out);

/*
 * Was the value signed for this purpose and release, and is its time not over? If not, problem
 * (static) says why.
 */
extern bool remember_verify(const RememberKeys *keys, RememberPurpose purpose, const char *release,
							Span value, time_t now, Remembered *remembered, const char **problem);

#endif /* GATEWAY_USER_REMEMBER_H */
