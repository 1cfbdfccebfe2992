/*
 * function_body.h: finds given names in the text of a function
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
	int	 line;		/* line of the first mention, from 1; 0: none */
	bool qualified; /* some mention has the schema before it */
	int	 written;	/* line of the first statement that writes it: INSERT INTO name, ...; 0: none */
	int	 needed;	/* line of the first bare mention as a function or table: FROM name; 0: none */
} BodyMention;

/* For qsort: the order that body_search needs. */
extern int body_compare_names(const void *a, const void *b);

/*
 * Find each of `count` sorted names as a whole word, bare or after its schema.  A word after
 * another word and a dot is a column or something else, and does not count.  Sets all `count`
 * mentions.
 */
extern void body_search(const char *text, const BodyName *names, int count, BodyMention *mentions);

/*
 * True when the text has an effect beyond these tables (which are sorted, too) and its own row: it
 * writes another table, runs dynamic SQL, calls a function for its effect, or notifies.
 */
extern bool body_acts_elsewhere(const char *text, const BodyName *names, int count);

#endif /* PG_GRAY_CHECK_FUNCTION_BODY_H */
