/*
 * piece.h: the parts of a table besides its columns, as a list of pieces
 *
 * A piece is one thing that one statement makes and one statement takes away, such as an index, a
 * default, a grant or a comment.  Twins are alike when their pieces are.  A clone gets the pieces
 * of its production table by the statements of the difference.
 */
#ifndef PG_GRAY_STRUCTURE_PIECE_H
#define PG_GRAY_STRUCTURE_PIECE_H

#include <stdbool.h>

struct List;

/*
 * A statement in parts.  Parts with an even index are texts.  Parts with an odd index are words for
 * a name that differs from side to side.  So the same statement means the same piece on both sides,
 * and no text can be taken for a name.
 */
typedef struct PieceStatement
{
	int	   count;
	char **parts;
} PieceStatement;

#define PIECE_TABLE "table"	  /* stands for the qualified name of the table */
#define PIECE_SCHEMA "schema" /* stands for the name of the table's schema */

/* The kinds of pieces in the order of creation.  Pieces of one kind don't need each other. */
typedef enum PieceKind
{
	/* the table itself */
	PIECE_PERSISTENCE,
	PIECE_TABLESPACE,
	PIECE_STORAGE_PARAMETER,

	/* columns */
	PIECE_DEFAULT,
	PIECE_STATISTICS_TARGET,
	PIECE_COLUMN_OPTION,
	PIECE_STORAGE,
	PIECE_COMPRESSION,

	/* constraints and indexes */
	PIECE_CONSTRAINT,
	PIECE_INDEX,
	PIECE_INDEX_STATISTICS_TARGET,
	PIECE_CLUSTER,
	PIECE_REPLICA_IDENTITY,
	PIECE_EXTENDED_STATISTICS,
	PIECE_EXTENDED_STATISTICS_TARGET,
	PIECE_FOREIGN_KEY,

	/* behaviour */
	PIECE_TRIGGER,
	PIECE_TRIGGER_STATE,
	PIECE_TRIGGER_EXTENSION,
	PIECE_INDEX_EXTENSION,
	PIECE_RULE,
	PIECE_RULE_STATE,

	/* who may do what */
	PIECE_POLICY,
	PIECE_ROW_LEVEL_SECURITY,
	PIECE_GRANT,
	PIECE_COLUMN_GRANT,

	/* comments */
	PIECE_COMMENT,
	PIECE_COLUMN_COMMENT,
	PIECE_CONSTRAINT_COMMENT,
	PIECE_FOREIGN_KEY_COMMENT,
	PIECE_TRIGGER_COMMENT,
	PIECE_RULE_COMMENT,
	PIECE_POLICY_COMMENT,
	PIECE_INDEX_COMMENT,
	PIECE_EXTENDED_STATISTICS_COMMENT,

	PIECE_KINDS /* the number of kinds */
} PieceKind;

typedef struct Piece
{
	PieceKind	   kind;
	int			   rank;	 /* position of the table in the list given to piece_load */
	unsigned int   relation; /* Oid of the table */
	char		  *name;
	PieceStatement create;
	PieceStatement drop;
	PieceStatement written;	  /* `create` before diff.c renamed its columns */
	char		  *column;	  /* the column that the piece is about, or null */
	bool		   inherited; /* it comes and goes with the piece of the parent partitioned table */
	int			   place; /* position in the order of creation among pieces of its kind and table */
	unsigned int   role;  /* the role that must run the statements; 0: the table's owner */
} Piece;

/* The word for a kind, such as "index" or "trigger". */
extern const char *piece_kind_name(PieceKind kind);

/* Which pieces to load. */
typedef enum PieceScope
{
	PIECES_ALL,
	PIECES_BUT_FOREIGN_KEYS,
	PIECES_THAT_REFUSE /* constraints, foreign keys and indexes: what may refuse a row */
} PieceScope;

/*
 * Return the pieces of tables (a list of Oids), sorted by piece_compare.  Definitions are printed
 * under search_path `path`.  The caller has called SPI_connect and role_become.  With foreign keys,
 * the caller acts as the catalog owner.
 */
extern struct List *piece_load(struct List *relations, const char *path, PieceScope scope);

/* Compare by kind, rank and place: the order of creation. */
extern int piece_compare_place(const Piece *a, const Piece *b);

/* A statement of a piece, with the names of one table filled in; palloc'd. */
extern char *piece_statement(const PieceStatement *statement, unsigned int relation);

/* Compare by kind, rank and name.  Zero means the same piece, also between the lists of twins. */
extern int piece_compare(const Piece *a, const Piece *b);

/* Are the statements that make the two pieces equal?  The pieces compare as the same. */
extern bool piece_equal(const Piece *a, const Piece *b);

#endif /* PG_GRAY_STRUCTURE_PIECE_H */
