/*
 * check_count.h: how many rows are of a kind, found out without harm to those who use the tables
 *
 * All rows are counted where PostgreSQL's planner takes that for cheap.  Otherwise a sample of
 * the table's pages is read, and where that has none, the first one that an index finds; should
 * even that be dear, nothing.
 */
#ifndef PG_GRAY_CHECK_CHECK_COUNT_H
#define PG_GRAY_CHECK_CHECK_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres/role.h"

struct _DestReceiver;

/* What one call of gray_check may spend. */
typedef struct Counting
{
	unsigned int	   role;	/* Oid: the owner of the tables, as whom queries run */
	const RoleFormats *formats; /* of the release */
	double			   spent;	/* in the planner's units */
} Counting;

/* SELECT ... FROM table alias rest */
typedef struct CountQuery
{
	unsigned int relation; /* Oid: the table of which a sample will do */
	const char	*alias;
	/*
	 * What is selected, up to FROM: number of rows, of users, example, as texts; or null, and
	 * they are made of the two below.  Numbers of a sample are then the least that there are.
	 */
	const char *head;
	const char *users;	 /* an expression, of which different values are counted too; or null */
	const char *example; /* an expression, of which any value will do; or null */
	const char *rest;	 /* joins and condition */
} CountQuery;

typedef struct RowCount
{
	bool	 known;		  /* false: it would take too long */
	char	*error;		  /* or the query raised this; else null */
	bool	 is_estimate; /* from a sample */
	bool	 is_least;	  /* there may be more */
	uint64_t rows;
	uint64_t users; /* at least so many, in an estimate */
	char	*example;
} RowCount;

/* The caller has called SPI_connect and acts as the catalog owner. */
extern RowCount check_count(Counting *counting, const CountQuery *query);

/*
 * The rows of a query with a head of its own, put into a receiver: of all rows of its table or of
 * a sample.  False when neither is cheap, or it raises an error.
 */
extern bool check_count_stream(Counting *counting, const CountQuery *query,
							   struct _DestReceiver *receiver, bool *is_sample);

/* True when rows are known to be there. */
extern bool check_count_any(const RowCount *count);

/*
 * "1 row", "3 rows", "about 12000 rows", "at least 1 row", "rows that were not counted";
 * palloc'd.
 */
extern char *check_count_rows(const RowCount *count);

/* "1 user", "at least 87 users"; palloc'd. */
extern char *check_count_users(const RowCount *count);

/*
 * A clause that reads about as much of a table as is harmless, " TABLESAMPLE ...", or an empty one
 * where all of it is no more; *percent is how much.
 */
extern char *check_count_sample(unsigned int relation, double *percent);

#endif /* PG_GRAY_CHECK_CHECK_COUNT_H */
