/*
 * token_test.c: which tokens are good, and which keys
 */
#include "gateway_test.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/message.h"
#include "token_maker.h"
#include "user/token_cache.h"
#include "user/uid.h"

#define NOW 1000000
#define HS "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define RS "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"
#define ES "{\"alg\":\"ES256\"}"
#define EXP "\"exp\":1000100"

static const char *const heads[] = {HS, RS, ES};

/* The rules under which a token of that kind, signed by our key, is good. */
static TokenRules
rules_for(TokenAlgorithm algorithm)
{
	EVP_PKEY   *key = token_maker_key(algorithm);
	const char *text = key != NULL ? token_maker_pem(key) : TOKEN_SECRET;
	TokenRules	rules = {.algorithm = algorithm, .key = strdup(text), .key_length = strlen(text)};

	return rules;
}

/* What becomes of the token; it and the rules' key are consumed. */
static TokenResult
judge(TokenRules rules, char *token, char *value, const char **problem)
{
	TokenResult result = token_claim(&rules, span_of(token), "sub", NOW, value, 16, problem);

	free(token);
	token_key_free(&rules);
	return result;
}

static const struct
{
	const char *claims;
	TokenResult result;
	const char *said; /* the value, or a part of the problem */
} claims[] = {
	{"{\"sub\":\"42\"," EXP "}", TOKEN_GOOD, "42"},
	{"{\"sub\":42," EXP "}", TOKEN_GOOD, "42"},
	{"{\"sub\":-7," EXP "}", TOKEN_GOOD, "-7"},
	{"{\"sub\":\"Jos\\u00e9\"," EXP "}", TOKEN_GOOD, "Jos\xc3\xa9"},
	{"{\"sub\":\"123456789012345\"," EXP "}", TOKEN_GOOD, "123456789012345"},
	{"{\"sub\":\"1234567890123456\"," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":9007199254740993," EXP "}", TOKEN_BAD, "claim"}, /* of 16 digits */
	{"{\"sub\":\"\"," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":42.0," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":4e2," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":true," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":null," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":[\"42\"]," EXP "}", TOKEN_BAD, "claim"},
	{"{\"sub\":\"4\\u00002\"," EXP "}", TOKEN_BAD, "signature"}, /* libjansson */
	{"{\"sub\":99999999999999999999," EXP "}", TOKEN_BAD, "signature"},
	{"{\"Sub\":\"42\"," EXP "}", TOKEN_SILENT, NULL},
	{"{\"sub\":\"42\"}", TOKEN_BAD, "expires"},
	{"{\"sub\":\"42\",\"exp\":\"1000100\"}", TOKEN_BAD, "expires"},
	{"{\"sub\":\"42\",\"exp\":null}", TOKEN_BAD, "expires"},
	{"{\"sub\":\"42\",\"exp\":999970}", TOKEN_BAD, "expired"},
	{"{\"sub\":\"42\",\"exp\":999971}", TOKEN_GOOD, "42"},
	{"{\"sub\":\"42\",\"exp\":999970.5}", TOKEN_GOOD, "42"},
	{"{\"sub\":\"42\",\"exp\":-1}", TOKEN_BAD, "expired"},
	{"{\"exp\":999970}", TOKEN_BAD, "expired"},
	{"{\"sub\":\"42\"," EXP ",\"nbf\":1000030}", TOKEN_GOOD, "42"},
	{"{\"sub\":\"42\"," EXP ",\"nbf\":1000031}", TOKEN_BAD, "not valid yet"},
	{"{\"sub\":\"42\"," EXP ",\"nbf\":\"x\"}", TOKEN_BAD, "not valid yet"},
	{"[1]", TOKEN_BAD, "not an object"},
	{"{\"sub\"", TOKEN_BAD, "signature"},
};

START_TEST(test_claims)
{
	TokenRules	rules = rules_for(TOKEN_HS256);
	char		value[16] = "";
	const char *problem = "";
	TokenResult result;

	rules.leeway_s = 30;
	result = judge(rules, token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS, claims[_i].claims), value,
				   &problem);
	ck_assert_msg(result == claims[_i].result, "%s: %d %s", claims[_i].claims, result, problem);
	if (result == TOKEN_GOOD)
		ck_assert_str_eq(value, claims[_i].said);
	else if (result == TOKEN_BAD)
		ck_assert_msg(strstr(problem, claims[_i].said) != NULL, "%s: %s", claims[_i].claims,
					  problem);
}
END_TEST

/* Names of claims within claims; and those that have dots themselves. */
static const struct
{
	const char *name;
	TokenResult result;
	const char *value;
} nested[] = {
	{"user.id", TOKEN_GOOD, "1"},
	{"user.name.first", TOKEN_GOOD, "2"},
	{"https://shop.example/uid", TOKEN_GOOD, "3"},
	{"https://shop.example/app.user.id", TOKEN_GOOD, "4"},
	{"both.ways", TOKEN_GOOD, "5"}, /* the exact name first */
	{"a.b.c.d", TOKEN_GOOD, "6"},	/* each dot may be the one */
	{"user.none", TOKEN_SILENT, NULL},
	{"none.id", TOKEN_SILENT, NULL},
	{"list.0", TOKEN_SILENT, NULL},
	{"sub.id", TOKEN_SILENT, NULL},
	{"user.", TOKEN_SILENT, NULL},
	{".id", TOKEN_SILENT, NULL},
	{".", TOKEN_SILENT, NULL},
	{"user", TOKEN_BAD, NULL}, /* an object is no uid */
	{"user.name", TOKEN_BAD, NULL},
};

START_TEST(test_nested)
{
	TokenRules	rules = rules_for(TOKEN_HS256);
	char		value[16] = "";
	const char *problem = "";
	char	   *token =
		token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS,
				   "{\"sub\":\"0\",\"user\":{\"id\":1,\"name\":{\"first\":2}},\"list\":[7],"
				   "\"https://shop.example/uid\":3,\"https://shop.example/app\":{\"user\":{\"id\":\"4\"}},"
				   "\"both.ways\":5,\"both\":{\"ways\":7},\"a\":{\"b\":{}},\"a.b\":{\"c.d\":6}," EXP
				   "}");

	ck_assert_int_eq(token_claim(&rules, span_of(token), nested[_i].name, NOW, value, 16, &problem),
					 nested[_i].result);
	if (nested[_i].value != NULL)
		ck_assert_str_eq(value, nested[_i].value);
	free(token);
	token_key_free(&rules);
}
END_TEST

/* Where a token may be. */
static const struct
{
	const char *source;
	const char *target; /* the token goes in for $ */
	const char *fields;
	UidResult	result;
} carried[] = {
	{"jwt:sub", "/", "Authorization: Bearer $\r\n", UID_FOUND},
	{"jwt:sub@query:token", "/ws?a=b&token=$", "", UID_FOUND},
	{"jwt:sub@query:token", "/ws?tok%65n=%65$", "", UID_NONE}, /* another token */
	{"jwt:sub@query:token", "/ws?tok%65n=$", "", UID_FOUND},
	{"jwt:sub@query:token", "/ws?token=$&token=$", "", UID_NONE},
	{"jwt:sub@query:token", "/ws?token=$&Token=$", "", UID_NONE},
	{"jwt:sub@query:token", "/ws?token=$%", "", UID_NONE},
	{"jwt:sub@query:token", "/ws?token=", "", UID_NONE},
	{"jwt:sub@query:token", "/ws", "Authorization: Bearer $\r\n", UID_NONE},
	{"jwt:sub@query:token, header:X", "/ws?token=", "X: 43\r\n", UID_FOUND},
	{"jwt:sub@query:token, header:X", "/ws?token=x", "X: 43\r\n", UID_NONE},
	{"jwt:sub@header:X-Token", "/", "X-Token: $\r\n", UID_FOUND},
	{"jwt:sub@header:X-Token", "/", "X-Token: $\r\nX-Token: $\r\n", UID_NONE},
	{"jwt:sub@cookie:t", "/", "Cookie: a=b; t=$\r\n", UID_FOUND},
	{"jwt:sub@cookie:t", "/", "Cookie: t=\r\n", UID_NONE},
};

static void
put_token(Buffer *out, const char *text, const char *token)
{
	for (; *text != '\0'; text++)
	{
		if (*text == '$')
			buffer_text(out, token);
		else
			buffer_append(out, text, 1);
	}
}

START_TEST(test_carried)
{
	TokenRules rules = rules_for(TOKEN_HS256);
	char	  *token =
		token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS, "{\"sub\":\"42\",\"exp\":99999999999}");
	Buffer		request = {0};
	Message		message = {0};
	UidSources	sources;
	Head		head;
	Uid			uid;
	const char *problem;

	buffer_text(&request, "GET ");
	put_token(&request, carried[_i].target, token);
	buffer_text(&request, " HTTP/1.1\r\nHost: h\r\n");
	put_token(&request, carried[_i].fields, token);
	buffer_text(&request, "\r\n");
	ck_assert(uid_sources_parse(span_of(carried[_i].source), &sources, &problem));
	ck_assert_int_eq(message_request_head(&message, buffer_first(&request), buffer_length(&request),
										  &head, &problem),
					 HEAD_COMPLETE);
	ck_assert_int_eq(uid_extract(&sources, &rules, &head, &uid), carried[_i].result);
	if (carried[_i].result == UID_FOUND)
		ck_assert_str_eq(uid.bytes, sources.count == 1 ? "42" : "43");
	buffer_free(&request);
	free(token);
	token_key_free(&rules);
}
END_TEST

static const struct
{
	const char *audience; /* as JSON; NULL: none */
	TokenResult result;	  /* where "shop" is expected */
} audiences[] = {
	{"\"shop\"", TOKEN_GOOD}, {"[\"x\",\"shop\"]", TOKEN_GOOD}, {"[]", TOKEN_BAD},
	{"[\"x\"]", TOKEN_BAD},	  {"[[\"shop\"]]", TOKEN_BAD},		{"{\"shop\":1}", TOKEN_BAD},
	{"\"shops\"", TOKEN_BAD}, {"\"Shop\"", TOKEN_BAD},			{"1", TOKEN_BAD},
	{NULL, TOKEN_BAD},
};

START_TEST(test_audience)
{
	TokenRules	rules = rules_for(TOKEN_HS256);
	char		text[128];
	char		value[16];
	const char *problem;

	rules.audience = "shop";
	if (audiences[_i].audience != NULL)
		snprintf(text, sizeof(text), "{\"sub\":\"1\"," EXP ",\"aud\":%s}", audiences[_i].audience);
	else
		snprintf(text, sizeof(text), "{\"sub\":\"1\"," EXP "}");
	ck_assert_msg(judge(rules, token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS, text), value,
						&problem) == audiences[_i].result,
				  "%s: %s", text, problem);
}
END_TEST

#define CLAIMS "{\"sub\":\"42\"," EXP "}"

/* Each kind of token under the rules of each kind: only its own are good. */
START_TEST(test_algorithms)
{
	TokenAlgorithm expected = (TokenAlgorithm) (_i / 3);
	TokenAlgorithm used = (TokenAlgorithm) (_i % 3);
	char		   value[16];
	const char	  *problem;
	char *token = token_make(used, token_maker_key(used), TOKEN_SECRET, heads[used], CLAIMS);

	ck_assert_int_eq(judge(rules_for(expected), token, value, &problem),
					 expected == used ? TOKEN_GOOD : TOKEN_BAD);
}
END_TEST

/* Signed by someone else, of the right kind. */
START_TEST(test_other_key)
{
	EVP_PKEY   *key = _i == TOKEN_RS256	  ? EVP_RSA_gen(2048)
					  : _i == TOKEN_ES256 ? EVP_EC_gen("P-256")
										  : NULL;
	char		value[16];
	const char *problem;
	char	   *token =
		token_make((TokenAlgorithm) _i, key, "another secret of 32 bytes or so", heads[_i], CLAIMS);

	ck_assert_int_eq(judge(rules_for((TokenAlgorithm) _i), token, value, &problem), TOKEN_BAD);
	ck_assert_str_eq(problem, "its signature is not verified");
	EVP_PKEY_free(key);
}
END_TEST

/* The old trick: HS256 with the public key, which everyone has, as the secret. */
START_TEST(test_confusion)
{
	TokenRules	rules = rules_for((TokenAlgorithm) _i);
	char		value[16];
	const char *problem;
	char	   *token = token_make(TOKEN_HS256, NULL, rules.key, HS, CLAIMS);

	ck_assert_int_eq(judge(rules, token, value, &problem), TOKEN_BAD);
	ck_assert_str_eq(problem, "it is signed under another algorithm");
}
END_TEST

static const char *const bad_heads[] = {
	"{\"alg\":\"none\"}",
	"{\"alg\":\"NONE\"}",
	"{\"alg\":\"HS384\"}",
	"{\"alg\":\"HS512\"}",
	"{\"alg\":\"\"}",
	"{}",
	"{\"alg\":1}",
	"[]",
	"",
	"{\"alg\":\"RS256\"}",
	"{\"alg\":\"XS256\"}",
	"{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
	"{\"alg\":\"HS256\",\"crit\":[]}",
	"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
};

START_TEST(test_bad_head)
{
	char		value[16];
	const char *problem;
	char	   *token = token_make(TOKEN_HS256, NULL, TOKEN_SECRET, bad_heads[_i], CLAIMS);

	ck_assert_msg(judge(rules_for(TOKEN_HS256), token, value, &problem) == TOKEN_BAD, "%s",
				  bad_heads[_i]);
}
END_TEST

/* One byte of a good token changed, at each place; its end cut off, at each place. */
START_TEST(test_every_byte)
{
	TokenAlgorithm algorithm = (TokenAlgorithm) _i;
	EVP_PKEY	  *key = token_maker_key(algorithm);
	char		  *good = token_make(algorithm, key, TOKEN_SECRET, heads[algorithm], CLAIMS);
	char		   value[16];
	const char	  *problem;

	for (size_t i = 0; i < strlen(good); i++)
	{
		char *changed = strdup(good);

		/* Another letter that differs in the bits that count at the end, too. */
		changed[i] = changed[i] == 'Q' ? 'g' : 'Q';
		ck_assert_msg(judge(rules_for(algorithm), changed, value, &problem) == TOKEN_BAD,
					  "byte %zu of %s", i, good);
		ck_assert_int_eq(judge(rules_for(algorithm), strndup(good, i), value, &problem), TOKEN_BAD);
	}
	free(good);
}
END_TEST

/* Around a good token: nothing of it is forgiven. */
START_TEST(test_shape)
{
	static const char *const shapes[] = {"%s.",	 ".%s",	 "%s=",	 "%s==", " %s", "%s ",
										 "%s.x", "",	 ".",	 "..",	 "x",	"a.b",
										 "...",	 "a..b", "%s\n", "%s+",	 "%s/"};
	char					*good = token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS, CLAIMS);
	char					 text[1024];
	char					 value[16];

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
	{
		const char *problem;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), shapes[i], good);
#pragma GCC diagnostic pop
		ck_assert_int_eq(judge(rules_for(TOKEN_HS256), strdup(text), value, &problem), TOKEN_BAD);
		ck_assert_str_eq(problem, "it is not a signed token");
	}
	free(good);
}
END_TEST

START_TEST(test_long)
{
	char		claims_text[2 * TOKEN_BYTES_MAX];
	char	   *text = malloc(TOKEN_BYTES_MAX + 2);
	char		value[16];
	const char *problem;

	memset(text, 'x', TOKEN_BYTES_MAX + 1);
	text[TOKEN_BYTES_MAX + 1] = '\0';
	ck_assert_int_eq(judge(rules_for(TOKEN_HS256), text, value, &problem), TOKEN_BAD);
	ck_assert_str_eq(problem, "it is too long");
	/* One of 2 KiB is good. */
	snprintf(claims_text, sizeof(claims_text), "{\"sub\":\"42\"," EXP ",\"x\":\"%02000d\"}", 0);
	ck_assert_int_eq(judge(rules_for(TOKEN_HS256),
						   token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS, claims_text), value,
						   &problem),
					 TOKEN_GOOD);
}
END_TEST

/* Rules that were never filled, or have no key, let nothing through. */
START_TEST(test_no_key)
{
	TokenRules	empty = {0};
	char		value[16];
	const char *problem;

	ck_assert_int_eq(judge(empty, token_make(TOKEN_HS256, NULL, "", HS, CLAIMS), value, &problem),
					 TOKEN_BAD);
	ck_assert_int_eq(judge(empty, token_make(TOKEN_HS256, NULL, "", "{\"alg\":\"none\"}", CLAIMS),
						   value, &problem),
					 TOKEN_BAD);
}
END_TEST

/* As judge, at some time, under rules that stay. */
static TokenResult
judge_at(const TokenRules *rules, const char *token, time_t now)
{
	char		value[16];
	const char *problem;

	return token_claim(rules, span_of(token), "sub", now, value, sizeof(value), &problem);
}

/* What was verified is known again, byte for byte, until it expires. */
START_TEST(test_cache)
{
	TokenRules rules = rules_for(TOKEN_HS256);
	char	  *good = token_make(TOKEN_HS256, NULL, TOKEN_SECRET, HS, CLAIMS);
	char	  *bad = token_make(TOKEN_HS256, NULL, "x", HS, CLAIMS);
	size_t	   key_length = rules.key_length;

	rules.cache = token_cache_new(100);
	for (int i = 0; i < 2; i++)
	{
		ck_assert_int_eq(judge_at(&rules, good, NOW), TOKEN_GOOD);
		ck_assert_int_eq(judge_at(&rules, bad, NOW), TOKEN_BAD);
	}
	rules.key_length = 0; /* from here on nothing can be verified */
	ck_assert_int_eq(judge_at(&rules, good, NOW), TOKEN_GOOD);
	ck_assert_int_eq(judge_at(&rules, bad, NOW), TOKEN_BAD);
	ck_assert_int_eq(judge_at(&rules, good, 1000100), TOKEN_BAD);
	rules.audience = "shop";
	ck_assert_int_eq(judge_at(&rules, good, NOW), TOKEN_BAD);
	rules.audience = NULL;
	good[0]++;
	ck_assert_int_eq(judge_at(&rules, good, NOW), TOKEN_BAD);
	rules.key_length = key_length;
	token_key_free(&rules);
	ck_assert_ptr_null(rules.cache);
	free(good);
	free(bad);
}
END_TEST

/* Of a set the four used last are kept. */
START_TEST(test_cache_full)
{
	TokenCache *cache = token_cache_new(1);
	json_t	   *claims = json_object();
	char		tokens[][2] = {"a", "b", "c", "d", "e"};

	for (size_t i = 0; i < 5; i++)
	{
		token_cache_keep(cache, span_of(tokens[i]), claims);
		ck_assert_ptr_eq(token_cache_find(cache, span_of("a")), claims);
		json_decref(claims);
	}
	ck_assert_ptr_null(token_cache_find(cache, span_of("b")));
	for (size_t i = 2; i < 5; i++)
	{
		ck_assert_ptr_eq(token_cache_find(cache, span_of(tokens[i])), claims);
		json_decref(claims);
	}
	token_cache_free(cache);
	ck_assert_uint_eq(claims->refcount, 1);
	json_decref(claims);
	ck_assert_ptr_null(token_cache_new(0));
	ck_assert_ptr_null(token_cache_find(NULL, span_of("a")));
}
END_TEST

static bool
key_good(TokenAlgorithm algorithm, const char *text, size_t length, size_t *taken)
{
	TokenRules	rules = {.algorithm = algorithm};
	char		path[] = "/tmp/token_test.XXXXXX";
	int			fd = mkstemp(path);
	const char *problem = NULL;
	bool		good;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, length), (int) length);
	close(fd);
	good = token_key_read(&rules, path, &problem);
	unlink(path);
	*taken = rules.key_length;
	ck_assert(good == (rules.key != NULL));
	ck_assert(good || problem != NULL);
	token_key_free(&rules);
	return good;
}

START_TEST(test_secrets)
{
	static const struct
	{
		const char *text;
		size_t		taken; /* 0: refused */
	} secrets[] = {
		{TOKEN_SECRET, 32},
		{TOKEN_SECRET "\n", 32},
		{TOKEN_SECRET "\n\n", 33},
		{TOKEN_SECRET "\r\n", 33},
		{TOKEN_SECRET "x", 33},
		{"0123456789abcdef0123456789abcde", 0},
		{"0123456789abcdef0123456789abcde\n", 0},
		{"", 0},
		{"\n", 0},
	};
	size_t taken;

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
	{
		ck_assert_msg(key_good(TOKEN_HS256, secrets[i].text, strlen(secrets[i].text), &taken) ==
						  (secrets[i].taken > 0),
					  "%s", secrets[i].text);
		ck_assert_uint_eq(taken, secrets[i].taken);
	}
}
END_TEST

/* It has a modulus of 2048 bits, and is not for RS256. */
static EVP_PKEY *
make_pss_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, NULL);
	EVP_PKEY	 *key = NULL;

	EVP_PKEY_keygen_init(context);
	EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048);
	EVP_PKEY_keygen(context, &key);
	EVP_PKEY_CTX_free(context);
	return key;
}

START_TEST(test_public_keys)
{
	EVP_PKEY	  *keys[] = {token_maker_key(TOKEN_RS256),
							 token_maker_key(TOKEN_ES256),
							 EVP_RSA_gen(1024),
							 EVP_EC_gen("P-384"),
							 make_pss_key(),
							 EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
	TokenAlgorithm fit[] = {TOKEN_RS256, TOKEN_ES256};
	size_t		   taken;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
	{
		unsigned char *der = NULL;
		int			   length = i2d_PUBKEY(keys[i], &der);
		const char	  *pem = token_maker_pem(keys[i]);

		for (TokenAlgorithm algorithm = TOKEN_HS256; algorithm <= TOKEN_ES256; algorithm++)
		{
			ck_assert(key_good(algorithm, pem, strlen(pem), &taken) ==
					  (i < 2 && algorithm == fit[i]));
			ck_assert(!key_good(algorithm, (char *) der, (size_t) length, &taken));
		}
		OPENSSL_free(der);
		if (i >= 2)
			EVP_PKEY_free(keys[i]);
	}
}
END_TEST

START_TEST(test_no_key_file)
{
	TokenRules	rules = {.algorithm = TOKEN_HS256};
	const char *problem = NULL;

	ck_assert(!token_key_read(&rules, "/nonexistent", &problem));
	ck_assert_str_eq(problem, "can't be read, is empty, or is larger than 64 KiB");
	ck_assert(!token_key_read(&rules, "/tmp", &problem));
}
END_TEST

TCase *
token_cases(void)
{
	TCase *tcase = tcase_create("token");

	tcase_set_timeout(tcase, 30); /* RSA keys are made */
	tcase_add_loop_test(tcase, test_claims, 0, sizeof(claims) / sizeof(claims[0]));
	tcase_add_loop_test(tcase, test_nested, 0, sizeof(nested) / sizeof(nested[0]));
	tcase_add_loop_test(tcase, test_carried, 0, sizeof(carried) / sizeof(carried[0]));
	tcase_add_loop_test(tcase, test_audience, 0, sizeof(audiences) / sizeof(audiences[0]));
	tcase_add_loop_test(tcase, test_algorithms, 0, 9);
	tcase_add_loop_test(tcase, test_other_key, 0, 3);
	tcase_add_loop_test(tcase, test_confusion, 1, 3);
	tcase_add_loop_test(tcase, test_bad_head, 0, sizeof(bad_heads) / sizeof(bad_heads[0]));
	tcase_add_loop_test(tcase, test_every_byte, 0, 3);
	tcase_add_test(tcase, test_shape);
	tcase_add_test(tcase, test_long);
	tcase_add_test(tcase, test_no_key);
	tcase_add_test(tcase, test_cache);
	tcase_add_test(tcase, test_cache_full);
	tcase_add_test(tcase, test_secrets);
	tcase_add_test(tcase, test_public_keys);
	tcase_add_test(tcase, test_no_key_file);
	return tcase;
}
