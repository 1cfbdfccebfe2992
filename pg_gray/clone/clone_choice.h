/*
 * clone_choice.h: what people answered gray_clone_tree: whose a table's rows are, and what stays
 */
#ifndef PG_GRAY_CLONE_CLONE_CHOICE_H
#define PG_GRAY_CLONE_CLONE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

struct List;

/* An answer: the table's owner path. */
typedef struct Choice
{
	unsigned int table;		/* Oid */
	char		*path;		/* a column's name, or an owner path in words (owner_path_text) */
	bool		 holds_uid; /* said of the column, whatever its foreign key leads to */
} Choice;

/*
 * The answers (Choice) in a jsonb object of tables and paths, or of tables and
 * {"holds_uid": column}.  Raises for anything else, and for
 * a table that does not exist: names are those that the session's search_path shows.
 */
extern struct List *choice_parse(uintptr_t choices /* Datum */);

/* The tables (Oids) named in a text[]; likewise. */
extern struct List *choice_parse_tables(uintptr_t names /* Datum */);

/* The answer for this table, or null. */
extern const Choice *choice_find(const struct List *choices, unsigned int table);

/* The tables (Oids) of choices (Choice). */
extern struct List *choice_tables(const struct List *choices);

#endif /* PG_GRAY_CLONE_CLONE_CHOICE_H */
