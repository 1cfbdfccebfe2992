/*
 * ticket.c: the keys of the tickets by which clients resume TLS sessions
 */
#include "net/ticket.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define NAME_BYTES 16
#define KEY_BYTES 32
#define USUAL_PERIOD_S 3600

typedef struct TicketKey
{
	unsigned char name[NAME_BYTES]; /* is written in the ticket */
	unsigned char cipher[KEY_BYTES];
	unsigned char mac[KEY_BYTES];
} TicketKey;

static unsigned char seed[KEY_BYTES]; /* the next keys come from it */
static TicketKey	 current;
static TicketKey	 previous;
static bool			 begun;
static unsigned		 period_s; /* 0: the sequence has not begun */
static uint64_t		 next_ms;  /* when the current one becomes the previous one */

/* Derive a key from the seed. out has KEY_BYTES bytes. */
static void
derive(const char *label, unsigned char *out)
{
	unsigned length;

	if (HMAC(EVP_sha256(), seed, sizeof(seed), (const unsigned char *) label, strlen(label), out,
			 &length) == NULL)
		abort(); /* out of memory */
}

/*
 * Take the current key from the seed, and replace the seed. The old seed can't be computed from
 * the new seed.
 */
static void
take_key(void)
{
	unsigned char name[KEY_BYTES];
	unsigned char next[KEY_BYTES];

	derive("name", name);
	memcpy(current.name, name, sizeof(current.name));
	derive("cipher", current.cipher);
	derive("mac", current.mac);
	derive("next", next);
	memcpy(seed, next, sizeof(seed));
	OPENSSL_cleanse(next, sizeof(next));
}

void
ticket_set_period(unsigned seconds, uint64_t now_ms)
{
	/* Without tickets the sequence goes on, because a reload may turn tickets on again. */
	if (seconds == 0)
		seconds = USUAL_PERIOD_S;
	if (seconds != period_s)
		next_ms = now_ms + (uint64_t) seconds * 1000;
	period_s = seconds;
	if (begun)
		return;
	if (RAND_priv_bytes(seed, sizeof(seed)) != 1)
		abort();
	take_key();
	RAND_bytes(previous.name, sizeof(previous.name)); /* no client has a ticket of this key */
	begun = true;
}

void
ticket_advance(uint64_t now_ms)
{
	if (period_s == 0)
		return;
	for (; now_ms >= next_ms; next_ms += (uint64_t) period_s * 1000)
	{
		previous = current;
		take_key();
	}
}

static int
use_key(const TicketKey *key, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
		bool encrypt)
{
	static char		 digest[] = "SHA256";
	unsigned char	 secret[KEY_BYTES];
	const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret,
																	   sizeof(secret)),
									 OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
																	  0),
									 OSSL_PARAM_construct_end()};
	bool			 good;

	memcpy(secret, key->mac, sizeof(secret));
	good = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, encrypt) == 1 &&
		   EVP_MAC_CTX_set_params(mac, parameters) == 1;
	OPENSSL_cleanse(secret, sizeof(secret));
	return good ? 1 : -1;
}

/*
 * The callback of OpenSSL. Return 0: the ticket is not ours; 1: use it; 2: use it and make a new
 * ticket; -1: an error.
 */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		  EVP_MAC_CTX *mac, int encrypt)
{
	(void) ssl;
	ticket_advance(clock_now_ms());
	if (encrypt)
	{
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
			return -1;
		memcpy(name, current.name, NAME_BYTES);
		return use_key(&current, iv, cipher, mac, true);
	}
	if (CRYPTO_memcmp(name, current.name, NAME_BYTES) == 0)
		return use_key(&current, iv, cipher, mac, false);
	if (CRYPTO_memcmp(name, previous.name, NAME_BYTES) == 0)
		return use_key(&previous, iv, cipher, mac, false) == 1 ? 2 : -1;
	return 0;
}

void
ticket_use(SSL_CTX *context, unsigned seconds)
{
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	if (seconds == 0)
	{
		SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(context, 0);
		return;
	}
	SSL_CTX_set_timeout(context, seconds);
	if (SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) != 1)
		abort();
}

void
ticket_close(void)
{
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(&current, sizeof(current));
	OPENSSL_cleanse(&previous, sizeof(previous));
	begun = false;
	period_s = 0;
}
