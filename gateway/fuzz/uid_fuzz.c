/*
 * uid_fuzz.c: finding the uid in a request, tokens, and canonical forms
 *
 * The first byte says what the others are: a request, a token, the claims of a
 * token that we sign, the sources of the configuration, a value of a type, a path,
 * or the query of look-ups.
 */
#include "fuzz.h"

#include "config/lookup_query.h"
#include "http/message.h"
#include "http/spelling.h"
#include "test/token_maker.h"
#include "user/uid.h"

static TokenRules rules = {.algorithm = TOKEN_HS256,
						   .key = (char[]){TOKEN_SECRET},
						   .key_length = sizeof(TOKEN_SECRET) - 1};

static void
check_uid(const Uid *uid)
{
	PROMISE(uid->length > 0 && uid->length <= UID_MAX_BYTES);
	PROMISE(uid->bytes[uid->length] == '\0');
}

/* Numbers as C prints them; UUIDs with four hyphens and no capitals. */
static void
check_canonical(UidType type, const Uid *uid)
{
	char number[32];

	if (type != UID_UUID && type != UID_TEXT)
	{
		snprintf(number, sizeof(number), "%lld", strtoll(uid->bytes, NULL, 10));
		PROMISE(strcmp(number, uid->bytes) == 0);
	}
	if (type == UID_UUID)
		PROMISE(uid->length == 36 && strspn(uid->bytes, "0123456789abcdef-") == 36);
}

/* The canonical form of a canonical form is itself. */
static void
check_form(UidType type, const Uid *given)
{
	Uid once = *given;
	Uid twice;

	if (!uid_canonical(type, &once))
		return;
	check_uid(&once);
	PROMISE(strlen(once.bytes) == once.length);
	check_canonical(type, &once);
	twice = once;
	PROMISE(uid_canonical(type, &twice));
	PROMISE(twice.length == once.length && memcmp(twice.bytes, once.bytes, once.length) == 0);
}

static void
check_forms(const Uid *uid)
{
	for (UidType type = UID_UNKNOWN; type < UID_TYPES; type++)
		check_form(type, uid);
}

/* Each source by itself, and all of them in a list: the first that speaks is heard. */
static void
try_request(const char *bytes, size_t length)
{
	static Head head;
	UidSources	all;
	Message		message = {0};
	size_t		scanned = 0;
	const char *problem;

	if (head_scan(bytes, length, &scanned, &problem) != HEAD_COMPLETE ||
		message_request_head(&message, bytes, scanned, &head, &problem) != HEAD_COMPLETE)
		return;
	PROMISE(
		uid_sources_parse(span_of(
							  "header:X-User-Id, cookie:uid:decoded, query:user, path:/u/{uid}/x, "
							  "path:/{uid}, jwt:sub, jwt:a.b@cookie:t, jwt:a.b@query:t"),
						  &all, &problem));
	for (size_t i = 0; i < all.count; i++)
	{
		UidSources one = {.count = 1, .sources = {all.sources[i]}, .max_bytes = all.max_bytes};
		Uid		   uid;
		Uid		   first;

		PROMISE(uid_extract(&one, &rules, &head, &uid) != UID_ASK);
		if (uid_extract(&one, &rules, &head, &uid) != UID_FOUND)
			continue;
		check_uid(&uid);
		check_forms(&uid);
		if (i == 0)
		{
			PROMISE(uid_extract(&all, &rules, &head, &first) == UID_FOUND);
			PROMISE(first.length == uid.length && memcmp(first.bytes, uid.bytes, uid.length) == 0);
		}
	}
}

static void
try_token(const char *bytes, size_t length)
{
	char		value[UID_MAX_BYTES + 1];
	const char *problem = NULL;
	TokenResult result =
		token_claim(&rules, (Span){bytes, length}, "sub", 1000, value, sizeof(value), &problem);

	PROMISE(result != TOKEN_BAD || problem != NULL);
	PROMISE(result != TOKEN_GOOD || (*value != '\0' && strlen(value) < sizeof(value)));
}

static void
try_claims(const char *bytes, size_t length)
{
	char  claims[1024];
	char *token;

	if (length >= sizeof(claims))
		return;
	memcpy(claims, bytes, length);
	claims[length] = '\0';
	token = token_make(TOKEN_HS256, NULL, TOKEN_SECRET, "{\"alg\":\"HS256\"}", claims);
	try_token(token, strlen(token));
	free(token);
}

/* What is printed of a place is that place. */
static void
check_printed(const UidSource *source)
{
	UidSources	one = {.count = 1, .sources = {*source}};
	UidSources	again;
	Buffer		printed = {0};
	const char *problem;

	uid_source_print(source, &printed);
	PROMISE(uid_sources_parse((Span){buffer_first(&printed), buffer_length(&printed)}, &again,
							  &problem));
	PROMISE(uid_sources_same(&one, &again));
	buffer_free(&printed);
}

static void
try_sources(const char *bytes, size_t length)
{
	UidSources	sources;
	const char *problem = NULL;

	if (uid_sources_parse((Span){bytes, length}, &sources, &problem))
	{
		PROMISE(sources.count > 0 && sources.count <= UID_SOURCES_MAX);
		for (size_t i = 0; i < sources.count; i++)
			check_printed(&sources.sources[i]);
	}
	else
		PROMISE(problem != NULL);
}

/* To the servers there is one user in it: so to each of them, whatever it does to paths. */
static void
try_path(const char *bytes, size_t length)
{
	static const char prefix[] = "/u/";
	Span			  path = {bytes, length};
	UidSources		  sources;
	const char		 *problem;
	Span			  segment;
	Uid				  uid;

	PROMISE(uid_sources_parse(span_of("path:/u/{uid}/"), &sources, &problem));
	if (uid_in_path(&sources.sources[0], path, &segment) != UID_FOUND)
		return;
	PROMISE(segment.bytes >= bytes && segment.bytes + segment.length <= bytes + length);
	PROMISE(uid_decode(segment, false, &uid));
	/* WSGI and nginx; but for a path that ends in a dot or so, all do. */
	for (unsigned ways = 0; ways <= SPELLING_RESOLVES + SPELLING_MERGES + SPELLING_DECODES; ways++)
	{
		Buffer tidied = {0};

		if (ways != SPELLING_DECODES && ways != SPELLING_RESOLVES && ways != SPELLING_MERGES &&
			ways != (SPELLING_DECODES | SPELLING_MERGES | SPELLING_RESOLVES))
			continue;
		spelling_tidy(path, ways, &tidied);
		PROMISE(buffer_length(&tidied) >= strlen(prefix) + uid.length);
		PROMISE(memcmp(buffer_first(&tidied), prefix, strlen(prefix)) == 0);
		PROMISE(memcmp(buffer_first(&tidied) + strlen(prefix), uid.bytes, uid.length) == 0);
		buffer_free(&tidied);
	}
}

static void
try_query(const char *bytes, size_t length)
{
	const char *problem = NULL;

	if (lookup_query_check((Span){bytes, length}, &problem))
		PROMISE(memmem(bytes, length, "$1", 2) != NULL);
	else
		PROMISE(problem != NULL);
}

static void
try_value(const char *bytes, size_t length)
{
	Uid uid = {.length = length};

	if (length > UID_MAX_BYTES)
		return;
	memcpy(uid.bytes, bytes, length);
	check_forms(&uid);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const char *, size_t) = {try_request, try_token, try_claims,
														  try_sources, try_value, try_path,
														  try_query};

	if (size > 0)
		tries[data[0] % (sizeof(tries) / sizeof(tries[0]))]((const char *) data + 1, size - 1);
	return 0;
}
