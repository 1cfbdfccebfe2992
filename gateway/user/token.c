/*
 * token.c: verifies the signature of a JSON Web Token and reads a claim
 */
#include "user/token.h"

#include <jansson.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/token_cache.h"

/* Indexed by TokenAlgorithm. */
static const struct
{
	const char *name;
	jwt_alg_t	number; /* libjwt's number of the algorithm */
} algorithms[] = {
	{"HS256", JWT_ALG_HS256},
	{"RS256", JWT_ALG_RS256},
	{"ES256", JWT_ALG_ES256},
};

bool
token_algorithm_parse(const char *text, TokenAlgorithm *algorithm)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
	{
		if (strcmp(text, algorithms[i].name) == 0)
		{
			*algorithm = (TokenAlgorithm) i;
			return true;
		}
	}
	return false;
}

/*
 * Check the form of a token strictly: libjwt decodes base64 leniently and looks for only two dots.
 */
static bool
well_formed(Span token)
{
	size_t dots = 0;
	size_t part = 0;

	for (size_t i = 0; i < token.length; i++)
	{
		char byte = token.bytes[i];

		if (byte == '.' && part > 0)
		{
			dots++;
			part = 0;
		}
		else if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
				 (byte >= '0' && byte <= '9') || byte == '-' || byte == '_')
			part++;
		else
			return false;
	}
	return dots == 2 && part > 0;
}

/*
 * Return the token with its signature verified; NULL if the token is not good. The algorithm is
 * checked after libjwt has verified the token: for a token that says HS256, libjwt has used a
 * public key as a secret.
 */
static jwt_t *
verified(const TokenRules *rules, Span token, const char **problem)
{
	char   text[TOKEN_BYTES_MAX + 1];
	jwt_t *jwt = NULL;
	char  *critical;

	*problem = "it is too long";
	if (token.length > TOKEN_BYTES_MAX)
		return NULL;
	*problem = "it is not a signed token";
	if (!well_formed(token))
		return NULL;
	memcpy(text, token.bytes, token.length);
	text[token.length] = '\0';

	*problem = "its signature is not verified";
	if (rules->key_length == 0 ||
		jwt_decode(&jwt, text, (const unsigned char *) rules->key, (int) rules->key_length) != 0)
		return NULL;
	if (jwt_get_alg(jwt) != algorithms[rules->algorithm].number)
	{
		*problem = "it is signed under another algorithm";
		jwt_free(jwt);
		return NULL;
	}
	/* RFC 7515, 4.1.11: the receiver must understand these extensions, and libjwt ignores them. */
	critical = jwt_get_headers_json(jwt, "crit");
	if (critical != NULL)
	{
		*problem = "it has critical extensions";
		free(critical);
		jwt_free(jwt);
		return NULL;
	}
	return jwt;
}

/*
 * Return all claims of a token with a good signature, or NULL. The caller frees them with
 * json_decref.
 */
static json_t *
verified_claims(const TokenRules *rules, Span token, const char **problem)
{
	jwt_t  *jwt = verified(rules, token, problem);
	char   *text;
	json_t *claims;

	if (jwt == NULL)
		return NULL;
	text = jwt_get_grants_json(jwt, NULL);
	claims = text != NULL ? json_loads(text, 0, NULL) : NULL;
	free(text);
	jwt_free(jwt);
	*problem = "its claims are not an object";
	if (json_is_object(claims))
		return claims;
	json_decref(claims);
	return NULL;
}

static json_t *
read_claims(const TokenRules *rules, Span token, const char **problem)
{
	json_t *claims = token_cache_find(rules->cache, token);

	if (claims != NULL)
		return claims;
	claims = verified_claims(rules, token, problem);
	if (claims != NULL)
		token_cache_keep(rules->cache, token, claims);
	return claims;
}

static bool
in_time(const TokenRules *rules, const json_t *claims, time_t now, const char **problem)
{
	const json_t *expires = json_object_get(claims, "exp");
	const json_t *begins = json_object_get(claims, "nbf");

	*problem = "it does not say when it expires";
	if (!json_is_number(expires))
		return false;
	*problem = "it has expired";
	if ((double) now >= json_number_value(expires) + rules->leeway_s)
		return false;
	*problem = "it is not valid yet";
	return begins == NULL ||
		   (json_is_number(begins) && (double) now + rules->leeway_s >= json_number_value(begins));
}

static bool
says(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

/* aud is a string, or an array of them (RFC 7519, 4.1.3). */
static bool
for_audience(const TokenRules *rules, const json_t *claims)
{
	const json_t *audience = json_object_get(claims, "aud");

	if (rules->audience == NULL || *rules->audience == '\0' || says(audience, rules->audience))
		return true;
	for (size_t i = 0; i < json_array_size(audience); i++)
	{
		if (says(json_array_get(audience, i), rules->audience))
			return true;
	}
	return false;
}

/* libjansson reads integers exactly, and refuses integers of more than 64 bits. */
static bool
write_value(const json_t *claim, char *value, size_t size)
{
	int length = -1;

	if (json_is_string(claim))
		length = snprintf(value, size, "%s", json_string_value(claim));
	else if (json_is_integer(claim))
		length = snprintf(value, size, "%" JSON_INTEGER_FORMAT, json_integer_value(claim));
	return length > 0 && (size_t) length < size;
}

/*
 * Return the claim of that name. If there is none, the part before a dot names an outer claim, and
 * the rest a claim in it. Names may have dots, so each dot is tried.
 */
static const json_t *
find_claim(const json_t *claims, const char *name)
{
	const json_t *claim = json_object_get(claims, name);
	const char	 *dot = name;

	while (claim == NULL && (dot = strchr(dot, '.')) != NULL)
	{
		const json_t *outer = json_object_getn(claims, name, (size_t) (dot - name));

		dot++;
		if (json_is_object(outer))
			claim = find_claim(outer, dot);
	}
	return claim;
}

static TokenResult
judge(const TokenRules *rules, const json_t *claims, const char *name, time_t now, char *value,
	  size_t size, const char **problem)
{
	const json_t *claim = find_claim(claims, name);

	if (!in_time(rules, claims, now, problem))
		return TOKEN_BAD;
	*problem = "it is for another audience";
	if (!for_audience(rules, claims))
		return TOKEN_BAD;
	if (claim == NULL)
		return TOKEN_SILENT;
	*problem = "its claim is empty, too long, or neither a string nor an integer";
	return write_value(claim, value, size) ? TOKEN_GOOD : TOKEN_BAD;
}

TokenResult
token_claim(const TokenRules *rules, Span token, const char *claim, time_t now, char *value,
			size_t size, const char **problem)
{
	json_t	   *claims = read_claims(rules, token, problem);
	TokenResult result;

	if (claims == NULL)
		return TOKEN_BAD;
	result = judge(rules, claims, claim, now, value, size, problem);
	json_decref(claims);
	return result;
}
