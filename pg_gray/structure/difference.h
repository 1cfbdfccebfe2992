/*
 * difference.h: one difference between gray and production
 */
#ifndef PG_GRAY_STRUCTURE_DIFFERENCE_H
#define PG_GRAY_STRUCTURE_DIFFERENCE_H

#include <stdbool.h>

#include "release/twin.h"
#include "structure/piece.h"

typedef enum DiffSubject
{
	DIFF_TABLE, /* the table itself */
	DIFF_COLUMN,
	DIFF_PARTITION,
	DIFF_PIECE,
	DIFF_OWN /* an object that only the gray schema has */
} DiffSubject;

typedef struct Difference
{
	const Twin *twin;  /* null: one of the two tables is gone, or it is no table of the release */
	const char *table; /* the gray table: the twin's, or a partition; else the gray schema */
	int			position; /* of the table in the release */
	int			place;	  /* position in the list of all differences, as loaded */
	DiffSubject subject;
	PieceKind	piece; /* of DIFF_PIECE */
	const char *kind;  /* of DIFF_OWN: the word for it, such as "view" */
	char	   *name;
	bool		in_production;
	bool		in_gray;
	char	   *text; /* the difference in words */
	char *undo; /* the statement that would make gray like production again; null: none would */

	/* by Side: the statement that makes a piece (piece.h), or null */
	const char *create[2];
} Difference;

/* The word for the subject of a difference, such as "column", "index" or "trigger". */
extern const char *difference_kind_name(const Difference *difference);

#endif /* PG_GRAY_STRUCTURE_DIFFERENCE_H */
