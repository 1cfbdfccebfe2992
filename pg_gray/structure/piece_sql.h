/*
 * piece_sql.h: the catalog queries behind piece.h
 */
#ifndef PG_GRAY_STRUCTURE_PIECE_SQL_H
#define PG_GRAY_STRUCTURE_PIECE_SQL_H

typedef enum PieceMethod
{
	PIECE_BY_QUERY,		 /* the query returns the statements, each as its parts */
	PIECE_BY_CONSTRAINT, /* it returns the oid of a constraint, printed in C */
	PIECE_BY_INDEX,		 /* it returns the oid of an index, printed in C */
	PIECE_BY_FOREIGN_KEY /* as PIECE_BY_QUERY, of foreign keys */
} PieceMethod;

typedef struct PieceSource
{
	PieceMethod method;
	const char *name; /* of the kind */
	const char *sql;  /* $1: the tables, oid[]; $2: a search_path, text */
} PieceSource;

/* By PieceKind. */
extern const PieceSource piece_sources[];

#endif /* PG_GRAY_STRUCTURE_PIECE_SQL_H */
