/*
 * check_trial.h: evaluates expressions on existing rows
 *
 * Nothing is written: each expression is evaluated as the owner of the tables, in a read-only
 * subtransaction that is rolled back.
 */
#ifndef PG_GRAY_CHECK_CHECK_TRIAL_H
#define PG_GRAY_CHECK_CHECK_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "release/twin.h"

struct Counting;
struct ErrorData;
struct List;
struct Node;
struct RowCount;
struct StringInfoData;

typedef enum TrialKind
{
	TRIAL_VALUE,	/* the value of a column, which must not raise an error */
	TRIAL_NOT_NULL, /* a value, which must not be null */
	TRIAL_CHECK,	/* a condition, which must not be false */
	TRIAL_CALL		/* its functions must find the names in their bodies; nothing else matters */
} TrialKind;

/* One expression and its results. */
typedef struct TrialProbe
{
	TrialKind	 kind;
	struct Node *expression; /* over p and g, see check_row.h */
	const void	*detail;	 /* belongs to the caller */

	uint64_t		  failed;
	uint64_t		  errors;  /* rows for which it raised an error */
	bool			  closed;  /* it is not evaluated for further rows */
	char			 *example; /* the key of the first row that failed; null: the row has no key */
	struct ErrorData *error;   /* the first error that it raised; null: none */

	/* the first rows that failed, as "tableoid," and "ctid," each; null: none */
	struct StringInfoData *tables;
	struct StringInfoData *places;
} TrialProbe;

typedef struct Trial
{
	const Twin	*twin;
	Side		 from;	 /* the side whose rows are read */
	bool		 moves;	 /* read only those gray rows that a way home would write */
	uint64_t	 most;	 /* the largest number of rows to read */
	struct List *probes; /* TrialProbe; for each row, values are tried first */

	uint64_t tried;
	bool	 is_sample;
} Trial;

/*
 * Try all probes on the rows of a table, or on some rows of a large table.  A run takes about a
 * second at most.  The caller has called SPI_connect.  Raises the errors of reading the rows.
 */
extern void check_trial_run(Trial *trial, const struct Counting *counting);

/*
 * Count the users whose rows failed, after the run.  False: that would take too long.  The number
 * is a lower bound when more rows failed than are remembered.
 */
extern bool check_trial_users(const Trial *trial, const TrialProbe *probe,
							  struct Counting *counting, struct RowCount *users);

#endif /* PG_GRAY_CHECK_CHECK_TRIAL_H */
