/*
 * body.c: which names the text of a function has in it
 */
#include "body.h"

#include <stdlib.h>
#include <string.h>

/* Longer than any identifier of PostgreSQL. */
#define WORD_SIZE 256

typedef struct Scan
{
	const char	   *next;
	int				line;
	const BodyName *names;
	int				count;
	char			word[WORD_SIZE];
	/* "a ." stands before the word; qualifier is empty when something else than a word does */
	bool after_dot;
	char qualifier[WORD_SIZE];
} Scan;

int
body_compare_names(const void *a, const void *b)
{
	const BodyName *left = a;
	const BodyName *right = b;
	int				order = strcmp(left->name, right->name);

	return order != 0 ? order : strcmp(left->schema, right->schema);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

static bool
is_word_character(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '$';
}

/* The first of the sorted names that is this one, or null. */
static const BodyName *
find_name(const Scan *scan, const char *name)
{
	int low = 0;
	int high = scan->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (strcmp(scan->names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < scan->count && strcmp(scan->names[low].name, name) == 0 ? &scan->names[low] : NULL;
}

/* Too long a word is cut, and then nobody's name. */
static void
read_bare(Scan *scan)
{
	int length = 0;

	for (; is_word_character(*scan->next); scan->next++)
	{
		char c = *scan->next;

		if (length < WORD_SIZE - 1)
			scan->word[length++] = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
	}
	scan->word[length] = '\0';
}

/* The end of the quoted word that begins here, with its text in `word`; null: too long. */
static const char *
quoted_end(Scan *scan)
{
	const char *c = scan->next + 1;
	int			length = 0;

	for (; *c != '\0' && length < WORD_SIZE - 1; c++)
	{
		if (c[0] == '"' && c[1] != '"')
		{
			scan->word[length] = '\0';
			return c + 1;
		}
		if (c[0] == '"')
			c++;
		scan->word[length++] = *c;
	}
	return NULL;
}

/*
 * In another language the quotes may hold a whole statement: unless they hold one of
 * the names, or what may be another, they are passed over, and what they hold is read.
 */
static bool
read_quoted(Scan *scan)
{
	const char *end = quoted_end(scan);
	const char *c = scan->word;

	while (end != NULL && is_word_character(*c))
		c++;
	if (end == NULL || (*c != '\0' && find_name(scan, scan->word) == NULL))
	{
		scan->next++;
		return false;
	}
	for (; scan->next < end; scan->next++)
		scan->line += *scan->next == '\n';
	return true;
}

/* What is not a word: blanks and a dot keep the word before them as a qualifier. */
static void
skip_character(Scan *scan)
{
	char c = *scan->next++;

	if (c == '\n')
		scan->line++;
	if (c == '.')
		scan->after_dot = true;
	else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
	{
		scan->after_dot = false;
		scan->qualifier[0] = '\0';
	}
}

/* Read on to the next word; false at the end of the text. */
static bool
next_word(Scan *scan)
{
	while (*scan->next != '\0')
	{
		if (is_letter(*scan->next))
		{
			read_bare(scan);
			return true;
		}
		if (*scan->next == '"')
		{
			if (read_quoted(scan))
				return true;
			scan->qualifier[0] = '\0';
			scan->after_dot = false;
		}
		else if (is_word_character(*scan->next))
		{
			read_bare(scan);
			scan->qualifier[0] = '\0';
			scan->after_dot = false;
		}
		else
			skip_character(scan);
	}
	return false;
}

static void
note_word(const Scan *scan, int line, BodyMention *mentions)
{
	const BodyName *name = find_name(scan, scan->word);

	if (name == NULL)
		return;
	for (; name < scan->names + scan->count && strcmp(name->name, scan->word) == 0; name++)
	{
		BodyMention *mention = &mentions[name - scan->names];

		if (scan->after_dot && strcmp(name->schema, scan->qualifier) != 0)
			continue;
		if (mention->line == 0)
			mention->line = line;
		mention->qualified = mention->qualified || scan->after_dot;
	}
}

void
body_search(const char *text, const BodyName *names, int count, BodyMention *mentions)
{
	Scan scan = {.next = text, .line = 1, .names = names, .count = count};

	memset(mentions, 0, sizeof(BodyMention) * count);
	while (next_word(&scan))
	{
		note_word(&scan, scan.line, mentions);
		strcpy(scan.qualifier, scan.word);
		scan.after_dot = false;
	}
}
