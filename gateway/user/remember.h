/*
 * remember.h: what clients keep for the gateway in cookies, signed
 *
 * Pure, on OpenSSL's HMAC.  A value is text in clear, since it is about who has it; nobody can make one
 * without a key, or use one for something else, of another release, or after its time.
 */
#ifndef GATEWAY_USER_REMEMBER_H
#define GATEWAY_USER_REMEMBER_H

#include <time.h>

#include "base/buffer.h"
#include "base/span.h"

#define REMEMBER_KEYS_MAX 8
#define REMEMBER_KEY_BYTES_MIN 32
#define REMEMBER_TEXT_MAX 255

/* What a value is for: one of another purpose is worth nothing. */
typedef enum RememberPurpose
{
	REMEMBER_USER, /* whom a server named */
	REMEMBER_SIDE  /* where a visitor goes */
} RememberPurpose;

/* The first signs, all are good to verify with. */
typedef struct RememberKeys
{
	size_t count; /* 0: nothing is remembered */
	Span   keys[REMEMBER_KEYS_MAX];
} RememberKeys;

typedef struct Remembered
{
	time_t expires;
	size_t length;
	char   text[REMEMBER_TEXT_MAX + 1]; /* zero-terminated as well */
} Remembered;

/*
 * Reads keys with blanks, newlines or commas between them; they are borrowed from text.  On false,
 * problem (static) says why not.
 */
extern bool remember_keys_parse(Span text, RememberKeys *keys, const char **problem);

/* Appends the signed value; text has no more than REMEMBER_TEXT_MAX bytes. */
extern void remember_sign(const RememberKeys *keys, RememberPurpose purpose, const char *release,
						  const Remembered *remembered, Buffer *out);

/* Is value one that was signed so, and is it not over?  If not, problem (static) says why. */
extern bool remember_verify(const RememberKeys *keys, RememberPurpose purpose, const char *release,
							Span value, time_t now, Remembered *remembered, const char **problem);

#endif /* GATEWAY_USER_REMEMBER_H */
