/*
 * clone_choice.h: the arguments of gray_clone_tree that name tables: choices (the owner paths that
 * the caller chose) and leave_out (the tables that the caller leaves out)
 */
#ifndef PG_GRAY_CLONE_CLONE_CHOICE_H
#define PG_GRAY_CLONE_CLONE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

struct List;

/* One entry of choices: the owner path of one table. */
typedef struct Choice
{
	unsigned int table;		/* Oid */
	char		*path;		/* a column's name, or an owner path in words (owner_path_text) */
	bool		 holds_uid; /* the column holds the uid, even if its foreign key leads elsewhere */
} Choice;

/*
 * Return the choices (Choice) in a jsonb object.  Each member names a table; its value is an owner
 * path, or {"holds_uid": column}.  Raises for any other value, and for a table that does not exist.
 * Table names are looked up in the session's search_path.
 */
extern struct List *choice_parse(uintptr_t choices /* Datum */);

/*
 * Return the tables (Oids) that a text[] names.  Raises, and looks names up, as choice_parse does.
 */
extern struct List *choice_parse_tables(uintptr_t names /* Datum */);

/* The choice for this table, or null. */
extern const Choice *choice_find(const struct List *choices, unsigned int table);

/* The tables (Oids) that the choices (Choice) are about. */
extern struct List *choice_tables(const struct List *choices);

#endif /* PG_GRAY_CLONE_CLONE_CHOICE_H */
