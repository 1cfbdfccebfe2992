/*
 * diff_rename.c: rewrites a gray definition with production's column names
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"

#include "structure/diff_rename.h"

bool
rename_needed(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_is_pair(column) &&
			strcmp(column->name[SIDE_GRAY], column->name[SIDE_PRODUCTION]) != 0)
			return true;
	}
	return false;
}

static bool
is_name_byte(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || IS_HIGHBIT_SET(c);
}

/* The length of the quoted text or name that begins here.  Doubled quotes are part of it. */
static int
quoted_length(const char *sql, char quote)
{
	int length = 1;

	while (sql[length] != '\0' && (sql[length] != quote || sql[length + 1] == quote))
		length += sql[length] == quote ? 2 : 1;
	return sql[length] == '\0' ? length : length + 1;
}

/* The length of the name, quoted text or other token that begins here. */
static int
token_length(const char *sql)
{
	int length = 0;

	if (*sql == '\'' || *sql == '"')
		return quoted_length(sql, *sql);
	while (is_name_byte(sql[length]))
		length++;
	return Max(length, 1);
}

static const char *
production_name(const Twin *twin, const char *token, int length)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		const char	 *name = column->name[SIDE_GRAY];

		if (column_is_pair(column) && strncmp(name, token, length) == 0 && name[length] == '\0')
			return column->name[SIDE_PRODUCTION];
	}
	return NULL;
}

char *
rename_columns(const Twin *twin, const char *sql)
{
	StringInfoData text;

	initStringInfo(&text);
	while (*sql != '\0')
	{
		int			length = token_length(sql);
		const char *name = sql[length] == '(' ? NULL : production_name(twin, sql, length);

		if (name != NULL)
			appendStringInfoString(&text, name);
		else
			appendBinaryStringInfo(&text, sql, length);
		sql += length;
	}
	return text.data;
}
