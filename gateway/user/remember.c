/*
 * remember.c: signs the values that clients keep for the gateway in cookies, and verifies them
 *
 * A value is the base64url form of three parts: the time of its end (8 bytes, the most significant
 * first), the text, and the HMAC-SHA256 of purpose, release, time and text.
 */
#include "user/remember.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdlib.h>

#define TIME_BYTES 8
#define MAC_BYTES 32
#define VALUE_BYTES_MAX (TIME_BYTES + REMEMBER_TEXT_MAX + MAC_BYTES)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool
is_separator(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == ',';
}

bool
remember_keys_parse(Span text, RememberKeys *keys, const char **problem)
{
	size_t at = 0;

	keys->count = 0;
	while (at < text.length)
	{
		size_t begin = at;

		while (at < text.length && !is_separator(text.bytes[at]))
			at++;
		*problem = "has a key of less than 32 bytes; type: openssl rand -base64 32";
		if (at > begin && at - begin < REMEMBER_KEY_BYTES_MIN)
			return false;
		*problem = "has more than 8 keys";
		if (at > begin && keys->count == REMEMBER_KEYS_MAX)
			return false;
		if (at > begin)
			keys->keys[keys->count++] = (Span){text.bytes + begin, at - begin};
		at++;
	}
	*problem = "has no key";
	return keys->count > 0;
}

/* Append bytes as base64url: each character has six bits, and there is no padding. */
static void
encode(const unsigned char *bytes, size_t length, Buffer *out)
{
	unsigned bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < length; i++)
	{
		bits = (bits << 8 | bytes[i]) & 0xffff;
		for (have += 8; have >= 6; have -= 6)
			buffer_append(out, &digits[bits >> (have - 6) & 63], 1);
	}
	if (have > 0)
		buffer_append(out, &digits[bits << (6 - have) & 63], 1);
}

/* Accept exactly the texts that encode makes. False if value is no such text, or is too long. */
static bool
decode(Span value, unsigned char *bytes, size_t *length)
{
	unsigned bits = 0;
	unsigned have = 0;

	*length = 0;
	for (size_t i = 0; i < value.length; i++)
	{
		const char *digit = memchr(digits, value.bytes[i], sizeof(digits) - 1);

		if (digit == NULL || *length == VALUE_BYTES_MAX)
			return false;
		bits = (bits << 6 | (unsigned) (digit - digits)) & 0xffff;
		have += 6;
		if (have >= 8)
		{
			have -= 8;
			bytes[(*length)++] = (unsigned char) (bits >> have);
		}
	}
	return have < 6 && (bits & ((1u << have) - 1)) == 0;
}

/*
 * Make the HMAC. The zero bytes behind purpose and release keep the parts apart, and the purpose
 * keeps the HMAC from being good for another purpose.
 */
static void
make_mac(Span key, RememberPurpose purpose, const char *release, Span signed_bytes,
		 unsigned char mac[MAC_BYTES])
{
	static const char *const purposes[] = {
		[REMEMBER_USER] = "gray-gateway user",
		[REMEMBER_SIDE] = "gray-gateway side",
	};
	Buffer	 message = {0};
	unsigned length;

	buffer_append(&message, purposes[purpose], strlen(purposes[purpose]) + 1);
	buffer_append(&message, release, strlen(release) + 1);
	buffer_append(&message, signed_bytes.bytes, signed_bytes.length);
	if (HMAC(EVP_sha256(), key.bytes, (int) key.length,
			 (const unsigned char *) buffer_first(&message), buffer_length(&message), mac,
			 &length) == NULL)
		abort(); /* out of memory */
	buffer_free(&message);
}

void
remember_sign(const RememberKeys *keys, RememberPurpose purpose, const char *release,
			  const Remembered *remembered, Buffer *out)
{
	unsigned char bytes[VALUE_BYTES_MAX];
	size_t		  length = TIME_BYTES + remembered->length;

	for (unsigned i = 0; i < TIME_BYTES; i++)
		bytes[i] = (unsigned char) ((uint64_t) remembered->expires >> (8 * (TIME_BYTES - 1 - i)));
	memcpy(bytes + TIME_BYTES, remembered->text, remembered->length);
	make_mac(keys->keys[0], purpose, release, (Span){(const char *) bytes, length}, bytes + length);
	encode(bytes, length + MAC_BYTES, out);
}

/*
 * Did any of the keys make this HMAC? The time of the comparison does not tell how much of the
 * HMAC is right.
 */
static bool
signed_by_us(const RememberKeys *keys, RememberPurpose purpose, const char *release,
			 Span signed_bytes, const unsigned char *given)
{
	unsigned char mac[MAC_BYTES];
	bool		  good = false;

	for (size_t i = 0; i < keys->count && !good; i++)
	{
		make_mac(keys->keys[i], purpose, release, signed_bytes, mac);
		good = CRYPTO_memcmp(mac, given, MAC_BYTES) == 0;
	}
	return good;
}

bool
remember_verify(const RememberKeys *keys, RememberPurpose purpose, const char *release, Span value,
				time_t now, Remembered *remembered, const char **problem)
{
	unsigned char bytes[VALUE_BYTES_MAX];
	uint64_t	  expires = 0;
	size_t		  length;

	*problem = "it is none of ours";
	if (!decode(value, bytes, &length) || length <= TIME_BYTES + MAC_BYTES)
		return false;
	length -= MAC_BYTES;
	*problem = "it was not signed under any of the keys for this release";
	if (!signed_by_us(keys, purpose, release, (Span){(const char *) bytes, length}, bytes + length))
		return false;
	for (unsigned i = 0; i < TIME_BYTES; i++)
		expires = expires << 8 | bytes[i];
	*problem = "its time is over";
	if ((time_t) expires <= now)
		return false;
	remembered->expires = (time_t) expires;
	remembered->length = length - TIME_BYTES;
	memcpy(remembered->text, bytes + TIME_BYTES, remembered->length);
	remembered->text[remembered->length] = '\0';
	return true;
}
