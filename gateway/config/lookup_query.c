/*
 * lookup_query.c: checks the text of uid_query, and explains errors of the query
 */
#include "config/lookup_query.h"

#include <ctype.h>
#include <string.h>

static bool
part_of_name(char byte)
{
	return isalnum((unsigned char) byte) || byte == '_' || byte == '$' || (byte & 0x80) != 0;
}

static bool
begins(Span text, const char *with)
{
	size_t length = strlen(with);

	return text.length >= length && memcmp(text.bytes, with, length) == 0;
}

/* Return the length of a text in quotes, with the quotes; 0 if it does not end. */
static size_t
quoted_length(Span text, bool backslashes)
{
	char quote = *text.bytes;

	for (size_t i = 1; i < text.length; i++)
	{
		if (backslashes && text.bytes[i] == '\\')
			i++;
		else if (text.bytes[i] == quote && (i + 1 == text.length || text.bytes[i + 1] != quote))
			return i + 1;
		else if (text.bytes[i] == quote)
			i++;
	}
	return 0;
}

/* Return the length of $$…$$ or $name$…$name$; 0 if it does not end, 1 for a lone $. */
static size_t
dollar_quoted_length(Span text)
{
	size_t		tag = 1;
	const char *end;

	while (tag < text.length && text.bytes[tag] != '$' && part_of_name(text.bytes[tag]))
		tag++;
	if (tag == text.length || text.bytes[tag] != '$')
		return 1;
	tag++;
	end = memmem(text.bytes + tag, text.length - tag, text.bytes, tag);
	return end != NULL ? (size_t) (end - text.bytes) + tag : 0;
}

/* Return the length of a comment, which may have other comments in it; 0 if it does not end. */
static size_t
comment_length(Span text)
{
	unsigned depth = 0;

	for (size_t i = 0; i + 1 < text.length; i++)
	{
		if (memcmp(text.bytes + i, "/*", 2) == 0)
			depth++;
		else if (memcmp(text.bytes + i, "*/", 2) == 0)
			depth--;
		else
			continue;
		i++;
		if (depth == 0)
			return i + 1;
	}
	return 0;
}

static size_t
digits_length(Span text)
{
	size_t length = 1;

	while (length < text.length && isdigit((unsigned char) text.bytes[length]))
		length++;
	return length;
}

/* Return the length of the token that begins here; 0 if it does not end. */
static size_t
token_length(Span text)
{
	size_t length = 1;

	if (*text.bytes == '\'' || *text.bytes == '"')
		return quoted_length(text, false);
	if ((begins(text, "E'") || begins(text, "e'")))
	{
		length = quoted_length((Span){text.bytes + 1, text.length - 1}, true);
		return length > 0 ? length + 1 : 0;
	}
	if (begins(text, "/*"))
		return comment_length(text);
	if (*text.bytes == '$' && text.length > 1 && isdigit((unsigned char) text.bytes[1]))
		return digits_length(text);
	if (*text.bytes == '$')
		return dollar_quoted_length(text);
	while (part_of_name(*text.bytes) && length < text.length && part_of_name(text.bytes[length]))
		length++;
	return length;
}

static bool
blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Does the text begin like a statement that returns rows? */
static bool
gives_rows(Span sql)
{
	static const char *const words[] = {"select", "with", "values", "table"};

	while (sql.length > 0 && (blank(*sql.bytes) || *sql.bytes == '('))
		sql = (Span){sql.bytes + 1, sql.length - 1};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		size_t length = strlen(words[i]);

		if (sql.length > length && span_equals_nocase((Span){sql.bytes, length}, words[i]) &&
			!part_of_name(sql.bytes[length]))
			return true;
	}
	return false;
}

bool
lookup_query_check(Span sql, const char **problem)
{
	bool has_value = false;
	bool ended = false;

	*problem = "expected SELECT …, with $1 for the value";
	if (!gives_rows(sql))
		return false;
	while (sql.length > 0)
	{
		size_t length = token_length(sql);
		Span   token = {sql.bytes, length};

		*problem = "a quote or a comment in it does not end";
		if (length == 0)
			return false;
		*problem = "has more than one statement";
		if (ended && !blank(*token.bytes))
			return false;
		*problem = "has --, which makes a comment of all the rest: its lines are one";
		if (begins(sql, "--"))
			return false;
		*problem = "has more parameters than $1";
		if (*token.bytes == '$' && length > 1 && isdigit((unsigned char) token.bytes[1]))
		{
			if (!span_equals(token, "$1"))
				return false;
			has_value = true;
		}
		ended = ended || *token.bytes == ';';
		sql = (Span){sql.bytes + length, sql.length - length};
	}
	*problem = "has no $1, in the place of which the value goes";
	return has_value;
}

static void
put_name(Buffer *out, const char *name)
{
	bool plain = islower((unsigned char) *name) || *name == '_';

	for (const char *byte = name; *byte != '\0'; byte++)
		plain = plain &&
				(islower((unsigned char) *byte) || isdigit((unsigned char) *byte) || *byte == '_');
	if (plain)
	{
		buffer_text(out, name);
		return;
	}
	buffer_text(out, "\"");
	for (const char *byte = name; *byte != '\0'; byte++)
		buffer_format(out, *byte == '"' ? "\"%c" : "%c", *byte);
	buffer_text(out, "\"");
}

/* An English message names the object that needs the grant. */
static void
put_grant(Buffer *out, const char *message, const char *role)
{
	static const struct
	{
		const char *begins;
		const char *right;
	} kinds[] = {
		{"permission denied for table ", "SELECT ON"},
		{"permission denied for view ", "SELECT ON"},
		{"permission denied for materialized view ", "SELECT ON"},
		{"permission denied for function ", "EXECUTE ON FUNCTION"},
		{"permission denied for schema ", "USAGE ON SCHEMA"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		size_t length = strlen(kinds[i].begins);

		if (strncmp(message, kinds[i].begins, length) != 0)
			continue;
		buffer_format(out, "; type: GRANT %s %s TO ", kinds[i].right, message + length);
		put_name(out, role);
		return;
	}
	buffer_text(out, "; type: GRANT SELECT ON the table, or EXECUTE ON FUNCTION the function, TO ");
	put_name(out, role);
}

void
lookup_query_explain(Buffer *out, const char *sqlstate, const char *message, const char *role)
{
	static const struct
	{
		const char *sqlstate;
		const char *help;
	} helps[] = {
		{"42P01", "; write its schema before it, as in public.sessions"},
		{"42883", "; write its schema before it, and types behind its arguments, as in $1::text"},
		{"3F000", "; write names with their schema, as in public.sessions"},
		{"42P18", "; write $1::text"},
		{"42P08", "; write $1::text"},
		{"25006", "; the query runs in a read-only transaction"},
		{"57014", "; it has uid_query_timeout_ms, and may want an index"},
		{"21000", "; a value is to find one user"},
	};

	buffer_text(out, message);
	if (strcmp(sqlstate, "42501") == 0)
		put_grant(out, message, role);
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
	{
		if (strcmp(sqlstate, helps[i].sqlstate) == 0)
			buffer_text(out, helps[i].help);
	}
	if (*sqlstate != '\0')
		buffer_format(out, " (SQLSTATE %s)", sqlstate);
}

void
lookup_query_shape(Buffer *out, int parameters, int columns)
{
	if (parameters != 1)
		buffer_format(out, "it has %d parameters, and should have one, $1", parameters);
	else if (columns != 1)
		buffer_format(out, "it gives %d columns, and should give one, the uid", columns);
}
