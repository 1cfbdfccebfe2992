/*
 * check_count.h: counts the rows that meet a condition, without harm to other sessions
 *
 * All rows are counted where the planner estimates a low cost.  Otherwise a sample of the table's
 * pages is read.  If the sample has no such row, the first row that an index finds is read.  If
 * even the index scan is expensive, nothing is read.
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
	double			   spent;	/* so far, in the planner's cost units */
} Counting;

/* SELECT ... FROM table alias rest */
typedef struct CountQuery
{
	unsigned int relation; /* Oid: the table from which a sample may be taken */
	const char	*alias;
	/*
	 * The statement up to FROM, which selects the number of rows, the number of users and an
	 * example, as texts.  With such a head, the numbers of a sample are lower bounds.  Null: the
	 * head is made of the next two fields.
	 */
	const char *head;
	const char *users;	 /* an expression whose distinct values are counted too; or null */
	const char *example; /* an expression; any value of it serves as the example; or null */
	const char *rest;	 /* joins and condition */
} CountQuery;

typedef struct RowCount
{
	bool	 known;		  /* false: counting would take too long */
	char	*error;		  /* the message of the error that the query raised; null: none */
	bool	 is_estimate; /* `rows` is extrapolated from a sample */
	bool	 is_least;	  /* `rows` is a lower bound */
	uint64_t rows;
	uint64_t users; /* a lower bound in an estimate */
	char	*example;
} RowCount;

/* The caller has called SPI_connect and acts as the catalog owner. */
extern RowCount check_count(Counting *counting, const CountQuery *query);

/*
 * Send the result of a query that has a head to a receiver; the query reads all rows of its table
 * or a sample.  False when neither is cheap, or when the query raises an error.
 */
extern bool check_count_stream(Counting *counting, const CountQuery *query,
							   struct _DestReceiver *receiver, bool *is_sample);

/* True when at least one row was counted. */
extern bool check_count_any(const RowCount *count);

/*
 * "1 row", "3 rows", "about 12000 rows", "at least 1 row", "rows that were not counted";
 * palloc'd.
 */
extern char *check_count_rows(const RowCount *count);

/* "1 user", "at least 87 users"; palloc'd. */
extern char *check_count_users(const RowCount *count);

/*
 * The clause " TABLESAMPLE ..." that limits how much of a table is read, or an empty text when the
 * whole table is no larger than a sample.  Sets *percent to the share that is read.
 */
extern char *check_count_sample(unsigned int relation, double *percent);

#endif /* PG_GRAY_CHECK_CHECK_COUNT_H */
