/*
 * diff.h: lists how gray tables differ from their production tables
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_H
#define PG_GRAY_STRUCTURE_DIFF_H

#include <stdbool.h>

#include "release/twin.h"
#include "structure/piece.h"

struct List;
struct Release;

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
extern const char *diff_kind_name(const Difference *difference);

/*
 * Return all differences (Difference): views that version 2 made, then those of tables of the
 * release, ordered by table, and then other objects that version 2 made in the gray schema.  In
 * this order they can be undone.  A column that was renamed in gray is one difference; the pieces
 * that use the column do not differ for this reason.  `set` need not have the tables that are gone.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *diff_load(const struct Release *release, const TwinSet *set);

/* The same of constraints, foreign keys, indexes and partitions only. */
extern struct List *diff_load_refusing(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_STRUCTURE_DIFF_H */
