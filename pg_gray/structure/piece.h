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

/* In the order of creation; pieces of one kind don't need each other. */
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

	PIECE_KINDS /* how many there are */
} PieceKind;

typedef struct Piece
{
	PieceKind	   kind;
	int			   rank;	 /* place of the relation in the list it was loaded for */
	unsigned int   relation; /* Oid of the table */
	char		  *name;
	PieceStatement create;
	PieceStatement drop;
	char		  *column;	  /* the column it is about, or null */
	bool		   inherited; /* it comes and goes with that of the partitioned table above */
	int			   place; /* among those of its kind and relation, in the order they were made */
	unsigned int   role;  /* who must run the statements; 0: the owner */
} Piece;

/* "index", "trigger", ... */
extern const char *piece_kind_name(PieceKind kind);

/*
 * The pieces of tables (a list of Oids), sorted by piece_compare, with definitions
 * printed under search_path `path`.  Foreign keys are left out unless asked for.
 * The caller has called SPI_connect and role_become; with foreign keys, it acts as
 * the catalog owner.
 */
extern struct List *piece_load(struct List *relations, const char *path, bool with_foreign_keys);

/* Orders by kind, rank and place: the order of creation. */
extern int piece_compare_place(const Piece *a, const Piece *b);

/* A statement of a piece, for one table; palloc'd. */
extern char *piece_statement(const PieceStatement *statement, unsigned int relation);

/* Orders by kind, rank and name; zero: the same piece, of twins' lists too. */
extern int piece_compare(const Piece *a, const Piece *b);

/* Do pieces that compare as the same say the same? */
extern bool piece_equal(const Piece *a, const Piece *b);

#endif /* PG_GRAY_STRUCTURE_PIECE_H */
