/*
 * function_body.c: finds given names in the text of a function
 */
#include <stdlib.h>
#include <string.h>

#include "check/function_body.h"

/* Longer than any identifier of PostgreSQL. */
#define WORD_SIZE 256

/* The meaning of the next word that the words just before it suggest. */
typedef enum Verb
{
	VERB_NONE,
	VERB_INSERT,   /* after INSERT or MERGE: INTO is expected */
	VERB_DELETE,   /* after DELETE: FROM is expected */
	VERB_NO_TABLE, /* after FOR, DO, ON ...: a word after UPDATE is not a table that is written */
	VERB_TABLE	   /* the next word is the table that is written */
} Verb;

typedef struct Scan
{
	const char	   *next;
	int				line;
	const BodyName *names;
	int				count;
	char			word[WORD_SIZE];
	/* a dot stands before the word; the qualifier is the word before the dot, or empty */
	bool after_dot;
	char qualifier[WORD_SIZE];
	Verb verb;
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

/* The first of the sorted names that equals `name`, or null. */
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

/* Read a word into scan->word.  A word that is too long is cut, and then equals no name. */
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

/* The end of the quoted word that begins here; scan->word gets the text.  Null: too long. */
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
 * Read a quoted word, if the quotes hold one of the names or any single word.  Otherwise skip only
 * the opening quote, so that the text between the quotes is read: in other languages the quotes may
 * hold a whole statement.
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

/* Forget the words before the next word, since something else stands between. */
static void
forget_before(Scan *scan)
{
	scan->after_dot = false;
	scan->qualifier[0] = '\0';
	scan->verb = VERB_NONE;
}

/* Skip a character outside words.  Only blanks and a dot keep the words before them in mind. */
static void
skip_character(Scan *scan)
{
	char c = *scan->next++;

	if (c == '\n')
		scan->line++;
	if (c == '.')
		scan->after_dot = true;
	else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
		forget_before(scan);
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
			forget_before(scan);
		}
		else if (is_word_character(*scan->next))
		{
			read_bare(scan);
			forget_before(scan);
		}
		else
			skip_character(scan);
	}
	return false;
}

/*
 * Statements that write
 */

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

/* Return the next character that is not a blank. */
static char
peek(const Scan *scan)
{
	const char *c = scan->next;

	while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\r')
		c++;
	return *c;
}

/* The meaning that this word suggests for the next word, given scan->verb, which is its own. */
static Verb
next_verb(const Scan *scan)
{
	static const char *const before_other_update[] = {"for", "do",	   "on",	"of", "key",
													  "or",	 "before", "after", NULL};
	static const char *const with_table[] = {"only", "table", NULL};
	const char				*word = scan->word;

	if (scan->verb == VERB_TABLE && (is_one_of(word, with_table) || peek(scan) == '.'))
		return VERB_TABLE;
	if (strcmp(word, "insert") == 0 || strcmp(word, "merge") == 0)
		return VERB_INSERT;
	if (strcmp(word, "delete") == 0)
		return VERB_DELETE;
	if (strcmp(word, "truncate") == 0 || (scan->verb == VERB_INSERT && strcmp(word, "into") == 0) ||
		(scan->verb == VERB_DELETE && strcmp(word, "from") == 0) ||
		(scan->verb != VERB_NO_TABLE && strcmp(word, "update") == 0))
		return VERB_TABLE;
	return is_one_of(word, before_other_update) ? VERB_NO_TABLE : VERB_NONE;
}

/* True when the word just read is the table that a statement writes. */
static bool
is_written(const Scan *scan)
{
	return scan->verb == VERB_TABLE && next_verb(scan) != VERB_TABLE;
}

/* True when the word just read, which has no schema, is a table or a function, not a column. */
static bool
is_needed(const Scan *scan)
{
	static const char *const before_table[] = {"from", "join",	"into", "update",
											   "only", "table", NULL};

	return peek(scan) == '(' || is_written(scan) ||
		   (is_one_of(scan->qualifier, before_table) && peek(scan) != '.');
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
		if (mention->needed == 0 && !scan->after_dot && is_needed(scan))
			mention->needed = line;
		if (mention->written == 0 && is_written(scan))
			mention->written = line;
	}
}

static void
end_word(Scan *scan)
{
	scan->verb = next_verb(scan);
	strcpy(scan->qualifier, scan->word);
	scan->after_dot = false;
}

void
body_search(const char *text, const BodyName *names, int count, BodyMention *mentions)
{
	Scan scan = {.next = text, .line = 1, .names = names, .count = count};

	memset(mentions, 0, sizeof(BodyMention) * count);
	while (next_word(&scan))
	{
		note_word(&scan, scan.line, mentions);
		end_word(&scan);
	}
}

bool
body_acts_elsewhere(const char *text, const BodyName *names, int count)
{
	static const char *const effects[] = {"execute", "perform",	  "call",
										  "notify",	 "pg_notify", NULL};
	Scan					 scan = {.next = text, .line = 1, .names = names, .count = count};

	while (next_word(&scan))
	{
		if (is_one_of(scan.word, effects))
			return true;
		if (is_written(&scan) && find_name(&scan, scan.word) == NULL)
			return true;
		end_word(&scan);
	}
	return false;
}
