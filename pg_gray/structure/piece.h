/*
 * piece.h: what a table consists of besides its columns, as a list of pieces
 *
 * A piece is one thing that one statement makes and one takes away: an index, a
 * default, a grant, a comment.  Twins are alike when their pieces are; a clone is
 * made so by running the statements of the difference.
 */
#ifndef PG_GRAY_STRUCTURE_PIECE_H
#define PG_GRAY_STRUCTURE_PIECE_H

#include <stdbool.h>

struct List;

/*
 * Texts, and at the odd places the word for a name that differs from side to side: so
 * the same statement means the same piece on both, and no text can be taken for a name.
 */
typedef struct PieceStatement
{
	int	   count;
	char **parts;
} PieceStatement;

#define PIECE_TABLE "table"	  /* stands for the table's name */
#define PIECE_SCHEMA "schema" /* stands for the name of its schema */

typedef struct Piece
{
	int			   phase;	 /* order of creation; pieces of one phase don't need each other */
	int			   rank;	 /* place of the relation in the list it was loaded for */
	const char	  *kind;	 /* "index", "trigger", ... */
	unsigned int   relation; /* Oid of the table */
	char		  *name;
	PieceStatement create;
	PieceStatement drop;
	char		  *column;	  /* the column it is about, or null */
	bool		   inherited; /* it comes and goes with that of the partitioned table above */
	int			   place; /* among those of its phase and relation, in the order they were made */
	unsigned int   role;  /* who must run the statements; 0: the owner */
} Piece;

/*
 * The pieces of tables (a list of Oids), sorted by piece_compare, with definitions
 * printed under search_path `path`.  Foreign keys are left out unless asked for.
 * The caller has called SPI_connect and role_become; with foreign keys, it acts as
 * the catalog owner.
 */
extern struct List *piece_load(struct List *relations, const char *path, bool with_foreign_keys);

/* Orders by phase, rank and place: the order of creation. */
extern int piece_compare_place(const Piece *a, const Piece *b);

/* A statement of a piece, for one table; palloc'd. */
extern char *piece_statement(const PieceStatement *statement, unsigned int relation);

/* Orders by phase, rank and name; zero: the same piece, of twins' lists too. */
extern int piece_compare(const Piece *a, const Piece *b);

/* Do pieces that compare as the same say the same? */
extern bool piece_equal(const Piece *a, const Piece *b);

#endif /* PG_GRAY_STRUCTURE_PIECE_H */
