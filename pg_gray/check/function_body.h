/*
 * function_body.h: which names the text of a function has in it
 *
 * Pure code.  The text may be of any language: words are looked for everywhere, in
 * comments and literals too, and folded as SQL folds identifiers.
 */
#ifndef PG_GRAY_CHECK_FUNCTION_BODY_H
#define PG_GRAY_CHECK_FUNCTION_BODY_H

#include <stdbool.h>

typedef struct BodyName
{
	const char *schema;
	const char *name;
} BodyName;

typedef struct BodyMention
{
	int	 line;		/* of the first mention, 1 ..; 0: there is none */
	bool qualified; /* some mention has the schema before it */
	int	 written;	/* line of the first statement that writes it: INSERT INTO name, ...; 0: none */
	int needed; /* line of the first bare one as a function, or as a table: FROM name, ...; 0: none */
} BodyMention;

/* For qsort: the order that body_search needs. */
extern int body_compare_names(const void *a, const void *b);

/*
 * Find each of `count` sorted names as a whole word, bare or after its schema; a word
 * after any other word and a dot is a column or something else.  Sets all mentions,
 * of which there are as many as names.
 */
extern void body_search(const char *text, const BodyName *names, int count, BodyMention *mentions);

/*
 * Does the text have an effect beyond these tables (sorted, too) and its own row?  It writes
 * another one, runs a statement that is put together, calls a function for its effect, or
 * notifies.
 */
extern bool body_acts_elsewhere(const char *text, const BodyName *names, int count);

#endif /* PG_GRAY_CHECK_FUNCTION_BODY_H */
