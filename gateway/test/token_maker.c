/*
 * token_maker.c: tokens for tests, good ones and all kinds of bad ones
 */
#include "token_maker.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

EVP_PKEY *
token_maker_key(TokenAlgorithm algorithm)
{
	static EVP_PKEY *keys[3];

	if (keys[algorithm] == NULL && algorithm == TOKEN_RS256)
		keys[algorithm] = EVP_RSA_gen(2048);
	if (keys[algorithm] == NULL && algorithm == TOKEN_ES256)
		keys[algorithm] = EVP_EC_gen("P-256");
	return keys[algorithm];
}

const char *
token_maker_pem(EVP_PKEY *key)
{
	static char text[4096];
	BIO		   *bio = BIO_new(BIO_s_mem());
	int			length;

	PEM_write_bio_PUBKEY(bio, key);
	length = BIO_read(bio, text, sizeof(text) - 1);
	text[length] = '\0';
	BIO_free(bio);
	return text;
}

static void
append_base64url(Buffer *out, const unsigned char *bytes, size_t length)
{
	char text[4096];
	int	 size = EVP_EncodeBlock((unsigned char *) text, bytes, (int) length);

	for (int i = 0; i < size; i++)
	{
		if (text[i] != '=')
			buffer_append(out, text[i] == '+' ? "-" : text[i] == '/' ? "_" : text + i, 1);
	}
}

/* R and S beside each other, 32 bytes each, instead of DER. */
static size_t
flatten(unsigned char *signature, size_t length)
{
	const unsigned char *der = signature;
	ECDSA_SIG			*pair = d2i_ECDSA_SIG(NULL, &der, (long) length);

	BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32);
	ECDSA_SIG_free(pair);
	return 64;
}

static size_t
sign(TokenAlgorithm how, EVP_PKEY *key, const char *secret, const Buffer *text,
	 unsigned char *signature, size_t size)
{
	const unsigned char *bytes = (const unsigned char *) buffer_first(text);
	EVP_MD_CTX			*context;

	if (how == TOKEN_HS256)
	{
		unsigned length;

		HMAC(EVP_sha256(), secret, (int) strlen(secret), bytes, buffer_length(text), signature,
			 &length);
		return length;
	}
	context = EVP_MD_CTX_new();
	EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key);
	EVP_DigestSign(context, signature, &size, bytes, buffer_length(text));
	EVP_MD_CTX_free(context);
	return how == TOKEN_ES256 ? flatten(signature, size) : size;
}

char *
token_make(TokenAlgorithm how, EVP_PKEY *key, const char *secret, const char *head,
		   const char *claims)
{
	unsigned char signature[1024];
	Buffer		  out = {0};
	size_t		  length;

	append_base64url(&out, (const unsigned char *) head, strlen(head));
	buffer_text(&out, ".");
	append_base64url(&out, (const unsigned char *) claims, strlen(claims));
	length = sign(how, key, secret, &out, signature, sizeof(signature));
	buffer_text(&out, ".");
	append_base64url(&out, signature, length);
	buffer_append(&out, "", 1);
	return out.bytes;
}
