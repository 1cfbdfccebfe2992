/*
 * settings.c: reads the configuration file
 *
 * One table (settings_table.c) serves to parse the file and to print the reference file
 * gray-gateway.ini.
 */
#include "config/settings_own.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/conninfo.h"
#include "config/lookup_query.h"
#include "config/secret.h"
#include "routing/release_name.h"
#include "user/token_cache.h"

#define SECTION "gateway"
#define LINE_MAX_BYTES 8192
#define VALUE_MAX_BYTES 16384

/* The state of reading a file. inih calls back line by line. */
typedef struct Reading
{
	FILE	   *file;
	const char *path;
	int			line;
	bool		line_is_continued; /* the line begins with a blank */
	bool		line_too_long;
	char	   *values[SETTINGS_MOST]; /* owned; NULL: the file does not have the key */
	int			lines[SETTINGS_MOST];
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

/*
 * Read a line as fgets does, and count it: Debian's inih does not tell its handler the number of
 * the line.
 */
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
	for (size_t i = 0; i < settings_count; i++)
	{
		if (strcmp(key, settings_table[i].key) != 0)
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
is_text(const Setting *setting)
{
	return setting->kind == SETTING_TEXT || setting->kind == SETTING_FILE ||
		   setting->kind == SETTING_SECRET;
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
set_word(Reading *reading, const Setting *setting, int line, const char *value, unsigned *place)
{
	Span rest = span_of(setting->example);
	Span word;
	char what[256];

	for (*place = 0; span_next(&rest, '|', &word); ++*place)
	{
		if (span_equals(word, value))
			return true;
	}
	snprintf(what, sizeof(what), "expected one of %s", setting->example);
	return fail(reading, line, setting->key, what);
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
		case SETTING_FILE:
			*(char **) field = secret_path(value, &problem);
			return *(char **) field != NULL || fail(reading, line, setting->key, problem);
		case SETTING_SECRET:
			*(char **) field = secret_read(value, &problem);
			return *(char **) field != NULL || fail(reading, line, setting->key, problem);
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
		case SETTING_WORD:
			return set_word(reading, setting, line, value, field);
		case SETTING_LEVEL:
			if (!log_level_parse(value, field))
				return fail(reading, line, setting->key, "expected debug, info, warning or error");
			return true;
	}
	return false;
}

static void
take_values(Reading *reading, Settings *settings)
{
	for (size_t i = 0; i < settings_count && !reading->failed; i++)
	{
		const char *value = reading->values[i];

		if (value != NULL && *value == '\0')
			fail(reading, reading->lines[i], settings_table[i].key, "has no value");
		else if (value != NULL)
			set_value(reading, &settings_table[i], reading->lines[i], value, settings);
		else if (settings_table[i].preset == NULL)
			fail(reading, 0, settings_table[i].key, "is missing");
		else if (*settings_table[i].preset != '\0' || is_text(&settings_table[i]))
			set_value(reading, &settings_table[i], 0, settings_table[i].preset, settings);
		if (!reading->failed && settings_table[i].offset == offsetof(Settings, release) &&
			!release_name_is_valid(settings->release))
			fail(reading, reading->lines[i], "release",
				 "has letters, digits, _ and - only, 63 at most");
	}
}

static const char *
given(const Reading *reading, const char *key)
{
	for (size_t i = 0; i < settings_count; i++)
	{
		if (strcmp(settings_table[i].key, key) == 0 && reading->values[i] != NULL)
			return reading->values[i];
	}
	return "";
}

static int
line_of(const Reading *reading, const char *key)
{
	for (size_t i = 0; i < settings_count; i++)
	{
		if (strcmp(settings_table[i].key, key) == 0)
			return reading->lines[i];
	}
	return 0;
}

/* Make the rules for tokens, if a uid comes from a token. */
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

static bool
check_query(Reading *reading, Settings *settings)
{
	const char *problem;
	bool		query = *settings->uid_query != '\0';

	if (query && !lookup_query_check(span_of(settings->uid_query), &problem))
		return fail(reading, line_of(reading, "uid_query"), "uid_query", problem);
	return uid_sources_use_query(&settings->uid, query, &problem) ||
		   fail(reading, line_of(reading, "uid"), "uid", problem);
}

static bool
make_cookie_rules(Reading *reading, Settings *settings)
{
	const char *key;
	const char *problem;

	return cookie_rules_make(settings, &key, &problem) ||
		   fail(reading, line_of(reading, key), key, problem);
}

/* Return the file that has the secret, or NULL. The caller owns the text. */
static char *
file_of(Reading *reading, const Settings *settings, const char *key)
{
	const char *file = secret_file(given(reading, key), settings->path);

	return file != NULL ? memory_text(file, strlen(file)) : NULL;
}

static bool
check_database(Reading *reading, Settings *settings)
{
	Conninfo conninfo;
	char	 problem[CONNINFO_PROBLEM_BYTES];

	settings->database_file = file_of(reading, settings, "database");
	settings->uid_hash_key_file = file_of(reading, settings, "uid_hash_key");
	settings->remember_key_file = file_of(reading, settings, "remember_key");
	if (!conninfo_read(settings->database, &conninfo, problem))
		return fail(reading, line_of(reading, "database"), "database", problem);
	conninfo_free(&conninfo);
	return true;
}

/* Debian's inih reads its line limit at run time. Other builds fix it at 200 bytes. */
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
	if (!reading.failed && check_database(&reading, settings) && check_query(&reading, settings) &&
		make_token_rules(&reading, settings))
		make_cookie_rules(&reading, settings);
	fclose(reading.file);
	for (size_t i = 0; i < settings_count; i++)
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
	free(settings->database_file);
	free(settings->uid_hash_key_file);
	free(settings->remember_key_file);
	token_key_free(&settings->token);
	for (size_t i = 0; i < settings_count; i++)
	{
		if (is_text(&settings_table[i]))
			free(*(char **) ((char *) settings + settings_table[i].offset));
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
	static const char *const keys[] =
		{"listen", "admin", "release", "database", "workers", "movers", "uid_query_connections"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
	{
		if (strcmp(setting->key, keys[i]) == 0)
			return true;
	}
	return false;
}

/* Take the current value over. Return false if the next value was different. */
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
		default: /* all other fixed settings are texts */
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
	for (size_t i = 0; i < settings_count; i++)
	{
		size_t offset = settings_table[i].offset;

		if (fixed(&settings_table[i]) &&
			!keep_value(&settings_table[i], (char *) next + offset, (char *) current + offset))
			log_warning("%s: %s: stays as it is until the gateway is started anew", next->path,
						settings_table[i].key);
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
	for (size_t i = 0; i < settings_count; i++)
	{
		const Setting *setting = &settings_table[i];

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
