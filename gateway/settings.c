/*
 * settings.c: the configuration file
 *
 * One table says of each key what it is called, where its value goes, what
 * it may be and what it means.  The file is parsed and the reference file
 * gray-gateway.ini printed from it.
 */
#include "settings.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "token_cache.h"

#define SECTION "gateway"
#define LINE_MAX_BYTES 8192
#define VALUE_MAX_BYTES 16384

typedef enum SettingKind
{
	SETTING_NUMBER,
	SETTING_TEXT,
	SETTING_ADDRESSES,
	SETTING_UID,
	SETTING_LEVEL,
	SETTING_FORMAT,
	SETTING_CHOICE
} SettingKind;

typedef struct Setting
{
	const char *key;
	SettingKind kind;
	size_t		offset;
	const char *preset; /* NULL: must be given; "": may be missing */
	unsigned	least;	/* numbers; for addresses the prefixes, and how many there may be */
	unsigned	most;
	const char *example; /* for keys without preset */
	const char *meaning; /* lines of the reference file */
} Setting;

#define AT(field) offsetof(Settings, field)

static const Setting table[] = {
	{"listen", SETTING_ADDRESSES, AT(listen), NULL, ADDRESS_TLS | ADDRESS_PROXY,
	 SETTINGS_ADDRESSES_MAX, "127.0.0.1:8080",
	 "Where clients connect: host:port, [ipv6]:port or unix:/path, several with commas.\n"
	 "tls: before it: they speak TLS.  proxy: before that: a load balancer is in front that\n"
	 "says by the PROXY protocol (1 or 2) who the client is; nobody else may reach it."},
	{"release", SETTING_TEXT, AT(release), NULL, 0, 0, "v2",
	 "The gray release this gateway serves, as in gray_create_release."},
	{"database", SETTING_TEXT, AT(database), NULL, 0, 0,
	 "host=127.0.0.1 dbname=app user=gray_gateway",
	 "How to reach the database, as libpq has it (key=value or a URI).  Give an\n"
	 "address rather than a name: looking names up would block the loop."},
	{"uid", SETTING_UID, AT(uid), NULL, 0, 0, "header:X-User-Id",
	 "Where a request has its user id; of several, with commas, the first that is there\n"
	 "wins: header:NAME, cookie:NAME, query:NAME, path:/users/{uid}/, jwt:CLAIM (of the\n"
	 "token in Authorization: Bearer), jwt:CLAIM@cookie:NAME.\n"
	 "A request without uid goes to production."},
	{"max_uid_bytes", SETTING_NUMBER, AT(uid.max_bytes), "255", 1, UID_MAX_BYTES, NULL,
	 "The longest uid, as it is in the request but decoded; a longer one is none."},
	{"jwt_algorithm", SETTING_TEXT, AT(jwt_algorithm), "", 0, 0, "RS256",
	 "What tokens are signed with: HS256, RS256 or ES256; whatever else a token says makes\n"
	 "it worth nothing.  For jwt: in uid this and the key file must be given."},
	{"jwt_key_file", SETTING_TEXT, AT(jwt_key_file), "", 0, 0, "/etc/gray-gateway/jwt.pem",
	 "HS256: a file with the secret, 32 bytes or more, without one newline at its end.\n"
	 "RS256, ES256: the public key as PEM: RSA of 2048 bits or more, or on the curve P-256."},
	{"jwt_audience", SETTING_TEXT, AT(jwt_audience), "", 0, 0, "https://shop.example",
	 "What aud of a token must be or contain; anything if missing."},
	{"jwt_leeway_s", SETTING_NUMBER, AT(jwt_leeway_s), "30", 0, 3600, NULL,
	 "By how many seconds the issuer's clock may differ, for exp and nbf of a token."},
	{"jwt_cache", SETTING_NUMBER, AT(jwt_cache), "4096", 0, 1000000, NULL,
	 "How many tokens are remembered, per worker, so that their signatures are not verified\n"
	 "again; about 2 KiB each.  They expire all the same."},
	{"production", SETTING_ADDRESSES, AT(production), NULL, ADDRESS_TLS, SETTINGS_ADDRESSES_MAX,
	 "127.0.0.1:8081",
	 "The servers of the production side, with commas; tls: before an address: by TLS."},
	{"gray", SETTING_ADDRESSES, AT(gray), NULL, ADDRESS_TLS, SETTINGS_ADDRESSES_MAX,
	 "127.0.0.1:8082", "The servers of the gray side."},
	{"tls_certificate", SETTING_TEXT, AT(tls_certificate), "", 0, 0, "/etc/ssl/gateway.pem",
	 "For listening by TLS: a file with the certificate and those between it and the root."},
	{"tls_key", SETTING_TEXT, AT(tls_key), "", 0, 0, "/etc/ssl/private/gateway.key",
	 "The key of that certificate; if missing, it is in the same file."},
	{"tls_ca_file", SETTING_TEXT, AT(tls_ca_file), "", 0, 0, "/etc/ssl/internal-ca.pem",
	 "Certificates that those of servers must come from; if missing, those of the system."},
	{"tls_server_name", SETTING_TEXT, AT(tls_server_name), "", 0, 0, "app.internal",
	 "The name that certificates of servers must have, and that servers are asked for; if\n"
	 "missing, the host as it stands in the address."},
	{"tls_verify", SETTING_CHOICE, AT(tls_verify), "on", 0, 0, NULL,
	 "off: certificates of servers are not looked at, and anyone on the way can be a server."},
	{"admin", SETTING_ADDRESSES, AT(admin), "", 0, 1, "127.0.0.1:9090",
	 "Where GET /health and GET /status are answered; nowhere if missing.\n"
	 "Anyone who reaches it can read it: keep it on loopback."},
	{"workers", SETTING_NUMBER, AT(workers), "1", 1, SETTINGS_WORKERS_MAX, NULL,
	 "Processes that share the listening address."},
	{"movers", SETTING_NUMBER, AT(movers), "4", 1, 64, NULL,
	 "Database connections on which users are moved, per worker: so many moves at once."},
	{"connect_timeout_ms", SETTING_NUMBER, AT(connect_timeout_ms), "2000", 1, 600000, NULL,
	 "How long a connection to a server may take before the next server is tried, or 504."},
	{"server_timeout_ms", SETTING_NUMBER, AT(server_timeout_ms), "60000", 1, 86400000, NULL,
	 "How long a server may take to the first byte of its answer; then 504."},
	{"idle_timeout_ms", SETTING_NUMBER, AT(idle_timeout_ms), "60000", 1, 86400000, NULL,
	 "How long a body may stand still, and how long a kept-alive connection of either\n"
	 "side may be idle."},
	{"header_timeout_ms", SETTING_NUMBER, AT(header_timeout_ms), "30000", 1, 86400000, NULL,
	 "How long a client may take for a whole request head, from its first byte; then 408."},
	{"body_timeout_ms", SETTING_NUMBER, AT(body_timeout_ms), "20000", 1, 86400000, NULL,
	 "How long a request body may take, and a second more for each body_min_rate bytes of\n"
	 "it that came; then 408.  Time in which the server does not take it is not counted."},
	{"body_min_rate", SETTING_NUMBER, AT(body_min_rate), "500", 0, 1000000000, NULL,
	 "Bytes per second; 0: however slow."},
	{"tunnel_timeout_ms", SETTING_NUMBER, AT(tunnel_timeout_ms), "3600000", 1, 604800000, NULL,
	 "How long a tunnel (an upgraded connection, WebSocket) may be silent on both sides."},
	{"drain_timeout_ms", SETTING_NUMBER, AT(drain_timeout_ms), "5000", 0, 600000, NULL,
	 "How long a move waits for the user's requests in flight.  Then it begins anyway:\n"
	 "the database guards the data, and answers of those requests may be 421."},
	{"hold_timeout_ms", SETTING_NUMBER, AT(hold_timeout_ms), "30000", 1, 600000, NULL,
	 "How long a request is held while its user is moved; then 503."},
	{"hold_limit", SETTING_NUMBER, AT(hold_limit), "1000", 1, 1000000, NULL,
	 "How many requests are held at once, per worker; those above get 503."},
	{"move_timeout_ms", SETTING_NUMBER, AT(move_timeout_ms), "20000", 1, 86400000, NULL,
	 "How long one move may take; then the database cancels it, nothing is changed, and\n"
	 "requests go where the data is."},
	{"stop_timeout_ms", SETTING_NUMBER, AT(stop_timeout_ms), "10000", 0, 600000, NULL,
	 "How long requests in flight are finished after SIGTERM."},
	{"stop_idle_ms", SETTING_NUMBER, AT(stop_idle_ms), "1000", 0, 600000, NULL,
	 "How long after SIGTERM a kept-alive connection may bring one more request."},
	{"max_request_line_bytes", SETTING_NUMBER, AT(max_request_line_bytes), "8192", 16, 1048576,
	 NULL, "The longest request line; above it 414."},
	{"max_header_bytes", SETTING_NUMBER, AT(max_header_bytes), "16384", 256, 1048576, NULL,
	 "The largest request head; above it 431.  Of a response: 502."},
	{"max_headers", SETTING_NUMBER, AT(max_headers), "100", 1, HEAD_FIELDS_MAX, NULL,
	 "How many header fields a request may have; above it 431."},
	{"max_body_bytes", SETTING_NUMBER, AT(max_body_bytes), "0", 0, UINT_MAX, NULL,
	 "The largest request body; above it 413.  0: any."},
	{"replay_bytes", SETTING_NUMBER, AT(replay_bytes), "65536", 0, 16777216, NULL,
	 "How much of a request body is kept until the answer begins, to send it again when\n"
	 "a server says 421 or does not answer."},
	{"buffer_bytes", SETTING_NUMBER, AT(buffer_bytes), "65536", 4096, SETTINGS_BUFFER_BYTES_MAX,
	 NULL, "How much is read at once, and so kept for a side that does not take it."},
	{"max_connections", SETTING_NUMBER, AT(max_connections), "10000", 1, 1000000, NULL,
	 "Client connections per worker; above it 503."},
	{"max_requests", SETTING_NUMBER, AT(max_requests), "0", 0, UINT_MAX, NULL,
	 "Requests on one client connection, which is closed after the last.  0: any number."},
	{"idle_servers", SETTING_NUMBER, AT(idle_servers), "128", 0, 100000, NULL,
	 "Idle connections kept open to each server, per worker."},
	{"retries", SETTING_NUMBER, AT(retries), "1", 0, 31, NULL,
	 "How often a request that did not get the first byte of an answer is sent to another\n"
	 "server of its side: only GET, HEAD, PUT, DELETE, OPTIONS and TRACE, and only while\n"
	 "all of its body is kept.  A server that cannot be connected does not count."},
	{"eject_after", SETTING_NUMBER, AT(eject_after), "3", 0, 1000, NULL,
	 "After so many failures in a row a server gets no requests for a while; 0: never.\n"
	 "A failure: no connection, or no well-formed head of an answer in time."},
	{"eject_ms", SETTING_NUMBER, AT(eject_ms), "1000", 1, 86400000, NULL,
	 "For how long at first.  Then one request tries it; if that fails, twice as long."},
	{"eject_most_ms", SETTING_NUMBER, AT(eject_most_ms), "30000", 1, 86400000, NULL,
	 "For how long at most."},
	{"access_log", SETTING_TEXT, AT(access_log), "", 0, 0, "/var/log/gray-gateway/access.log",
	 "A file that gets a line for each request, or - for standard output; none if missing."},
	{"access_log_format", SETTING_FORMAT, AT(access_log_format), "combined", 0, 0, NULL,
	 "combined or json."},
	{"uid_hash_key", SETTING_TEXT, AT(uid_hash_key), "", 0, 0, "a long secret",
	 "The access log names users by a hash under this key.  If missing, a random key is\n"
	 "used, and hashes of one run of the gateway don't compare with those of another."},
	{"log_level", SETTING_LEVEL, AT(log_level), "info", 0, 0, NULL,
	 "debug, info, warning or error.  The log is written to standard error."},
};

#define SETTING_COUNT (sizeof(table) / sizeof(table[0]))

/* A file being read; inih calls back line by line. */
typedef struct Reading
{
	FILE	   *file;
	const char *path;
	int			line;
	bool		line_is_continued; /* it begins with a blank */
	bool		line_too_long;
	char	   *values[SETTING_COUNT]; /* owned; NULL: not given */
	int			lines[SETTING_COUNT];
	bool		failed;
	char	   *problem;
	size_t		problem_size;
} Reading;

static bool
fail(Reading *reading, int line, const char *key, const char *what)
{
	if (!reading->failed)
	{
		if (line > 0)
			snprintf(reading->problem, reading->problem_size, "%s:%d: %s%s%s", reading->path, line,
					 key, *key != '\0' ? ": " : "", what);
		else
			snprintf(reading->problem, reading->problem_size, "%s: %s%s%s", reading->path, key,
					 *key != '\0' ? ": " : "", what);
	}
	reading->failed = true;
	return false;
}

/* As fgets, and counts: Debian's inih does not tell its handler the line. */
static char *
read_line(char *line, int size, void *context)
{
	Reading *reading = context;

	if (reading->failed || fgets(line, size, reading->file) == NULL)
		return NULL;
	reading->line++;
	reading->line_is_continued = *line == ' ' || *line == '\t';
	if (strchr(line, '\n') == NULL && !feof(reading->file))
	{
		fail(reading, reading->line, "",
			 "the line is too long; go on in a next line that begins with a blank");
		return NULL;
	}
	return line;
}

static void
add_value(Reading *reading, size_t at, const char *value)
{
	char  *old = reading->values[at];
	size_t old_length = old != NULL ? strlen(old) + 1 : 0;
	char  *joined = memory_resize(old, old_length + strlen(value) + 1);

	if (old_length > 0)
		joined[old_length - 1] = ' ';
	strcpy(joined + old_length, value);
	reading->values[at] = joined;
}

static int
take_line(void *context, const char *section, const char *key, const char *value)
{
	Reading *reading = context;

	if (strcmp(section, SECTION) != 0)
		return fail(reading, reading->line, key, "is not in section [" SECTION "]");
	for (size_t i = 0; i < SETTING_COUNT; i++)
	{
		if (strcmp(key, table[i].key) != 0)
			continue;
		if (reading->values[i] != NULL && !reading->line_is_continued)
			return fail(reading, reading->line, key, "is given twice");
		if (reading->values[i] == NULL)
			reading->lines[i] = reading->line;
		add_value(reading, i, value);
		return 1;
	}
	return fail(reading, reading->line, key, "unknown key");
}

static bool
set_number(Reading *reading, const Setting *setting, int line, const char *value, unsigned *number)
{
	char		  what[128];
	char		 *end;
	unsigned long parsed;

	errno = 0;
	parsed = strtoul(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || *value < '0' || *value > '9' ||
		parsed < setting->least || parsed > setting->most)
	{
		snprintf(what, sizeof(what), "expected a number from %u to %u", setting->least,
				 setting->most);
		return fail(reading, line, setting->key, what);
	}
	*number = (unsigned) parsed;
	return true;
}

static bool
set_addresses(Reading *reading, const Setting *setting, int line, const char *value,
			  AddressList *list)
{
	Span		rest = span_of(value);
	Span		part;
	char		what[256];
	const char *problem;

	while (span_next(&rest, ',', &part))
	{
		if (list->count == setting->most)
		{
			snprintf(what, sizeof(what), "more than %u addresses", setting->most);
			return fail(reading, line, setting->key, what);
		}
		if (!address_parse(part, setting->least, &list->addresses[list->count], &problem))
		{
			snprintf(what, sizeof(what), "bad address %s: %s", log_quote(part.bytes, part.length),
					 problem);
			return fail(reading, line, setting->key, what);
		}
		list->count++;
	}
	return true;
}

static bool
set_value(Reading *reading, const Setting *setting, int line, const char *value, Settings *settings)
{
	void	   *field = (char *) settings + setting->offset;
	const char *problem;

	switch (setting->kind)
	{
		case SETTING_NUMBER:
			return set_number(reading, setting, line, value, field);
		case SETTING_TEXT:
			*(char **) field = memory_text(value, strlen(value));
			return true;
		case SETTING_ADDRESSES:
			return set_addresses(reading, setting, line, value, field);
		case SETTING_UID:
			if (!uid_sources_parse(span_of(value), field, &problem))
				return fail(reading, line, setting->key, problem);
			return true;
		case SETTING_FORMAT:
			if (!access_format_parse(value, field))
				return fail(reading, line, setting->key, "expected combined or json");
			return true;
		case SETTING_CHOICE:
			*(bool *) field = strcmp(value, "on") == 0;
			if (!*(bool *) field && strcmp(value, "off") != 0)
				return fail(reading, line, setting->key, "expected on or off");
			return true;
		case SETTING_LEVEL:
			if (!log_level_parse(value, field))
				return fail(reading, line, setting->key, "expected debug, info, warning or error");
			return true;
	}
	return false;
}

/* The same words as gray_create_release: the name goes into HTTP heads and notifications. */
static bool
release_valid(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return *name != '\0' && strlen(name) < 64 && strspn(name, good) == strlen(name);
}

static void
take_values(Reading *reading, Settings *settings)
{
	for (size_t i = 0; i < SETTING_COUNT && !reading->failed; i++)
	{
		const char *value = reading->values[i];

		if (value != NULL && *value == '\0')
			fail(reading, reading->lines[i], table[i].key, "has no value");
		else if (value != NULL)
			set_value(reading, &table[i], reading->lines[i], value, settings);
		else if (table[i].preset == NULL)
			fail(reading, 0, table[i].key, "is missing");
		else if (*table[i].preset != '\0' || table[i].kind == SETTING_TEXT)
			set_value(reading, &table[i], 0, table[i].preset, settings);
		if (!reading->failed && table[i].offset == AT(release) && !release_valid(settings->release))
			fail(reading, reading->lines[i], "release",
				 "has letters, digits, _ and - only, 63 at most");
	}
}

static int
line_of(const Reading *reading, const char *key)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
	{
		if (strcmp(table[i].key, key) == 0)
			return reading->lines[i];
	}
	return 0;
}

/* The rules for tokens, where a uid is to come from one. */
static bool
make_token_rules(Reading *reading, Settings *settings)
{
	const char *problem;

	settings->token.audience = settings->jwt_audience;
	settings->token.leeway_s = settings->jwt_leeway_s;
	if (!uid_sources_want_token(&settings->uid) && *settings->jwt_algorithm == '\0')
		return true;
	if (*settings->jwt_algorithm == '\0')
		return fail(reading, 0, "jwt_algorithm", "is missing, and uid has jwt:");
	if (!token_algorithm_parse(settings->jwt_algorithm, &settings->token.algorithm))
		return fail(reading, line_of(reading, "jwt_algorithm"), "jwt_algorithm",
					"expected HS256, RS256 or ES256");
	if (*settings->jwt_key_file == '\0')
		return fail(reading, 0, "jwt_key_file", "is missing");
	if (!token_key_read(&settings->token, settings->jwt_key_file, &problem))
		return fail(reading, line_of(reading, "jwt_key_file"), "jwt_key_file", problem);
	settings->token.cache = token_cache_new(settings->jwt_cache);
	return true;
}

/* Debian's inih can be told at run time what others fix at 200 bytes a line. */
extern int ini_max_line __attribute__((weak));

static void
read_lines(Reading *reading)
{
	int bad_line;

	if (&ini_max_line != NULL)
		ini_max_line = LINE_MAX_BYTES;
	bad_line = ini_parse_stream(read_line, reading, take_line, reading);
	if (bad_line > 0)
		fail(reading, bad_line, "", "expected [" SECTION "] or key = value");
}

Settings *
settings_read(const char *path, char *problem, size_t problem_size)
{
	Reading	  reading = {.path = path, .problem = problem, .problem_size = problem_size};
	Settings *settings;

	reading.file = fopen(path, "r");
	if (reading.file == NULL)
	{
		snprintf(problem, problem_size, "%s: %s", path, strerror(errno));
		return NULL;
	}
	settings = memory_zeroed(sizeof(*settings));
	settings->path = memory_text(path, strlen(path));
	read_lines(&reading);
	take_values(&reading, settings);
	if (!reading.failed)
		make_token_rules(&reading, settings);
	fclose(reading.file);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		free(reading.values[i]);
	if (reading.failed)
	{
		settings_free(settings);
		return NULL;
	}
	return settings;
}

void
settings_free(Settings *settings)
{
	if (settings == NULL)
		return;
	free(settings->path);
	token_key_free(&settings->token);
	for (size_t i = 0; i < SETTING_COUNT; i++)
	{
		if (table[i].kind == SETTING_TEXT)
			free(*(char **) ((char *) settings + table[i].offset));
	}
	free(settings);
}

static bool
same_addresses(const AddressList *one, const AddressList *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
	{
		if (strcmp(one->addresses[i].text, other->addresses[i].text) != 0)
			return false;
	}
	return true;
}

static bool
fixed(const Setting *setting)
{
	static const char *const keys[] = {"listen",   "admin",	  "release",
									   "database", "workers", "movers"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
	{
		if (strcmp(setting->key, keys[i]) == 0)
			return true;
	}
	return false;
}

/* Takes the current value over; false if it was to be another one. */
static bool
keep_value(const Setting *setting, void *next, void *current)
{
	bool  same;
	char *text;

	switch (setting->kind)
	{
		case SETTING_NUMBER:
			same = *(unsigned *) next == *(unsigned *) current;
			*(unsigned *) next = *(unsigned *) current;
			return same;
		case SETTING_ADDRESSES:
			same = same_addresses(next, current);
			*(AddressList *) next = *(AddressList *) current;
			return same;
		default: /* no other kind is fixed: a text */
			text = *(char **) next;
			same = strcmp(text, *(char **) current) == 0;
			*(char **) next = *(char **) current;
			*(char **) current = text;
			return same;
	}
}

void
settings_keep_fixed(Settings *next, Settings *current)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
	{
		size_t offset = table[i].offset;

		if (fixed(&table[i]) &&
			!keep_value(&table[i], (char *) next + offset, (char *) current + offset))
			log_warning("%s: %s: stays as it is until the gateway is started anew", next->path,
						table[i].key);
	}
}

static void
print_comment(FILE *out, const char *text)
{
	Span rest = span_of(text);
	Span line;

	while (span_next(&rest, '\n', &line))
		fprintf(out, "; %.*s\n", (int) line.length, line.bytes);
}

void
settings_print_reference(FILE *out)
{
	fprintf(out,
			"; gray-gateway.ini: every setting of gray-gateway, with its meaning and default.\n"
			"; Written by gray-gateway -p.  A line that begins with a blank continues the one before.\n"
			"\n[" SECTION "]\n");
	for (size_t i = 0; i < SETTING_COUNT; i++)
	{
		const Setting *setting = &table[i];

		fprintf(out, "\n");
		print_comment(out, setting->meaning);
		if (setting->preset == NULL)
			fprintf(out, "%s = %s\n", setting->key, setting->example);
		else if (*setting->preset == '\0')
			fprintf(out, ";%s = %s\n", setting->key, setting->example);
		else
			fprintf(out, ";%s = %s\n", setting->key, setting->preset);
	}
}
