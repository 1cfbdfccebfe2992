/*
 * piece_sql.h: the catalog queries behind piece.h
 */
#ifndef PG_GRAY_STRUCTURE_PIECE_SQL_H
#define PG_GRAY_STRUCTURE_PIECE_SQL_H

typedef enum PieceMethod
{
	PIECE_BY_QUERY,		 /* the query returns the two statements, each as its parts */
	PIECE_BY_CONSTRAINT, /* the query returns the oid of a constraint, printed in C */
	PIECE_BY_INDEX,		 /* the query returns the oid of an index, printed in C */
	PIECE_BY_FOREIGN_KEY /* as PIECE_BY_QUERY, for foreign keys */
} PieceMethod;

typedef struct PieceSource
{
	PieceMethod method;
	const char *name; /* the word for the kind */
	const char *sql;  /* $1: the tables, an oid[]; $2: a search_path, a text */
} PieceSource;

/* The source of each kind, by PieceKind. */
extern const PieceSource piece_sources[];

#endif /* PG_GRAY_STRUCTURE_PIECE_SQL_H */
