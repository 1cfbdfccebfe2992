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
	DIFF_COLUMN,
	DIFF_PARTITION,
	DIFF_PIECE
} DiffSubject;

typedef struct Difference
{
	const Twin *twin;
	const char *table; /* the gray table: the twin's, or a partition of it */
	int			place; /* position in the list of all differences, as loaded */
	DiffSubject subject;
	PieceKind	piece; /* of DIFF_PIECE */
	char	   *name;
	bool		in_production;
	bool		in_gray;
	char	   *text; /* the difference in words */
	char	   *undo; /* the statement that would make the gray table like production again */

	/* by Side: the statement that makes a piece (piece.h), or null */
	const char *create[2];
} Difference;

/* The word for the subject of a difference, such as "column", "index" or "trigger". */
extern const char *diff_kind_name(const Difference *difference);

/*
 * Return all differences (Difference), ordered by table, and within a table in an order in which
 * they can be undone.  A column that was renamed in gray is one difference; the pieces that use the
 * column do not differ for this reason.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern struct List *diff_load(const struct Release *release, const TwinSet *set);

/* The same of constraints, foreign keys, indexes and partitions only. */
extern struct List *diff_load_refusing(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_STRUCTURE_DIFF_H */
